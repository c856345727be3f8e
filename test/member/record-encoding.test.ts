import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { packable } from '../../src/paxos/messages/run-encoding.js'
import { readPlayed, writePlayed } from '../../src/member/record-encoding.js'
import type { Played } from '../../src/member/inputs.js'

/** The entries `1/1` to `1/3` of one publisher. */
function entriesOf(count: number): { promise: string, previous: string, body: object }[] {
    return Array.from({ length: count }, (_, index) => ({
        promise: `1/${index + 1}`,
        previous: `1/${index}`,
        body: { id: 'a', cookie: String(index + 1), immigrated: '1/0', body: { bodies: [index] } }
    }))
}

function received(entries: unknown): Played {
    return {
        module: 'kibitz', method: 'receive', when: 1, body: {
            method: 'synchronize', republic: 'r', founding: 'f',
            from: { id: 'a', immigrated: '1/0', versions: [1, 2] },
            to: { id: 'b', immigrated: '2/0' },
            government: '1/0', committed: '1/3', minimum: '1/0', standing: 0,
            welcome: null, previous: '1/0', entries
        }
    } as unknown as Played
}

describe('the records of a journal', () => {
    test('hold the entries of a member of the same process', () => {
        // A MemoryNetwork hands the run of the sender over as it is; the run packs itself as JSON.
        const entries = entriesOf(3)
        const bytes = writePlayed(received(packable(entries as never)))
        assert.match(Buffer.from(bytes).toString(), /"bodies":\[\{"bodies":\[0\]\}/)
        const applied: Played[] = []
        readPlayed(bytes, 1, (played) => applied.push(played))
        assert.deepEqual(JSON.parse(JSON.stringify(
            Reflect.get(applied[0]?.body ?? {}, 'entries').map((entry: object) => entry)
        )), entries)
        // A value with the same mark is no packed run.
        const plain = received(entriesOf(1))
        const read = readPlayed(writePlayed(plain), 1, () => {})
        assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(plain)))
    })

    test('hold the entries of batches and of answers, packed', () => {
        const run = { previous: '1/0', promise: '1/1', id: 'a', cookie: '1', immigrated: '1/0',
            bodies: ['x', 'y'] }
        const { previous: _, promise: __, ...batch } = run
        const answer = {
            method: 'ahead', from: { id: 'a', immigrated: '1/0' }, government: '1/0',
            committed: '1/2', ballot: '1/1/0', minimum: { version: '1/0', reduced: '0/0' },
            naturalizing: [], silent: [], previous: '1/0', entries: [run]
        }
        const played = [
            { method: 'enqueue', body: { republic: 'r', entries: [batch] } },
            { method: 'sent', body: { cookie: '1', responses: { a: answer, b: null } } }
        ].map((input) => ({ module: 'kibitz', when: 1, ...input }) as unknown as Played)
        const cookies = played.flatMap((input) => {
            const text = JSON.stringify(readPlayed(writePlayed(input), 1, () => {}))
            assert.doesNotMatch(text, /bodies/)
            return [...text.matchAll(/"cookie":"(\d)","immigrated":"1\/0","body":"(.)"/g)]
                .concat([...text.matchAll(/"cookie":"(\d)","body":"(.)","immigrated"/g)])
                .map(([, cookie, value]) => `${cookie}${value}`)
        })
        assert.deepEqual(cookies, ['1x', '2y', '1x', '2y'])
    })

    test('name a record with broken packed entries', () => {
        const broken = received([{ previous: '1/0', bodies: [1] }])
        assert.throws(() => readPlayed(writePlayed(broken), 7, () => {}),
            { code: 'journal-damaged', message: /^Record 7 / })
    })
})
