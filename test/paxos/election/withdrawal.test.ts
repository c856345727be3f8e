import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Entry } from '../../../src/paxos/messages/messages.js'
import { type Accepted, withdraw } from '../../../src/paxos/election/withdrawal.js'
import { governmentBody, governmentOf, userBody } from '../sample.js'

const GOVERNMENT = governmentOf('0 1|2')
const BALLOT = '2/1/0'

const first: Entry = { promise: '20/1', previous: '20/0', body: userBody('1') }

/** A government of these seats at the end of a suffix. */
function opening(majority: string[], minority: string[] = [], consent?: string): Entry {
    const exile = consent === undefined
        ? null
        : { id: '2', promise: '3/0', properties: null, consent }
    const body = governmentBody('21/0', { majority, minority, exile })
    return { promise: '21/0', previous: '20/1', body }
}

/** The entries that the candidate adopts. A promise has a voter, a suffix and perhaps a draft. */
function adopts(open: Entry, promises: Readonly<Record<string, Partial<Accepted>>>): string[] {
    const best = { ballot: BALLOT, entries: [first, open], draft: null }
    const said = Object.entries(promises).map(([voter, accepted]) => {
        return [voter, { ballot: BALLOT, entries: [], draft: null, ...accepted }] as const
    })
    return withdraw(GOVERNMENT, said, best).map(({ promise }) => promise)
}

describe('an open government', () => {
    const exile = opening(['0', '1'])
    const holding = { entries: [first, exile] }

    test('is left out if its author promises and reports a draft of this ballot', () => {
        const author = { ...holding, draft: '21/0' }
        assert.deepEqual(adopts(exile, { 0: author, 2: {} }), ['20/1'])
    })

    test('stays if its author is silent: the author may have committed the government', () => {
        assert.deepEqual(adopts(exile, { 1: holding, 2: {} }), ['20/1', '21/0'])
    })

    test('stays if the author drafted under an earlier ballot than the highest', () => {
        const author = { ...holding, ballot: '1/1/0', draft: '21/0' }
        assert.deepEqual(adopts(exile, { 0: author, 1: holding }), ['20/1', '21/0'])
    })

    test('stays if the draft of the author is another government', () => {
        const author = { ...holding, draft: '20/0' }
        assert.deepEqual(adopts(exile, { 0: author, 1: holding }), ['20/1', '21/0'])
    })

    test('is left out if no majority of its parliament can hold the government', () => {
        assert.deepEqual(adopts(exile, { 1: {}, 2: holding }), ['20/1'])
        const wider = opening(['0', '1', '3'], ['2', '4'])
        assert.deepEqual(adopts(wider, { 1: {}, 2: { entries: [first, wider] } }),
            ['20/1', '21/0'], '0, 2, 3 and 4 may hold it')
    })

    test('is left out if a voter holds another government under the same promise', () => {
        const other = { entries: [first, opening(['1', '0'])] }
        assert.deepEqual(adopts(exile, { 1: other, 2: holding }), ['20/1'])
    })

    test('stays if its parliament is the same: a majority of promises commits it', () => {
        const same = opening(['1', '2'], ['0'])
        assert.deepEqual(adopts(same, { 0: { draft: '21/0' }, 1: {} }), ['20/1', '21/0'])
    })

    describe('that exiles a member and needs the consent of the member', () => {
        const consented = opening(['0', '1'], [], BALLOT)
        const survivor = { entries: [first, consented] }

        test('is left out if the member promises: the member has not consented', () => {
            assert.deepEqual(adopts(consented, { 1: survivor, 2: {} }), ['20/1'])
        })

        test('stays if the member is silent', () => {
            assert.deepEqual(adopts(consented, { 0: survivor, 1: survivor }), ['20/1', '21/0'])
        })

        test('stays under another ballot, which needs no consent', () => {
            const adopted = opening(['0', '1'], [], '1/1/0')
            const holder = { entries: [first, adopted] }
            assert.deepEqual(adopts(adopted, { 1: holder, 2: {} }), ['20/1', '21/0'])
        })
    })
})
