import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { citizens } from '../../../src/paxos/membership/government.js'
import type { ShapedGovernment } from '../../../src/paxos/membership/government.js'
import { shape } from '../../../src/paxos/membership/shaper.js'
import type { Situation } from '../../../src/paxos/membership/situation.js'
import { arrival, governmentOf } from '../sample.js'

type Rest = Partial<Omit<Situation, 'silent' | 'doubtful' | 'present' | 'returning'>> & {
    readonly returning?: string
    readonly silent?: string
    readonly doubtful?: string
    /** The members without an answer to this leader. */
    readonly unheard?: string
}

const BALLOT = '2/1/0'

/** The next shape of a republic of these seats. Only the given changes are due. */
function next(seats: string, given: Rest = {}): ShapedGovernment | null {
    const { silent = '', doubtful = '', unheard = '', returning = '', ...rest } = given
    const government = given.government ?? governmentOf(seats, { naturalized: ['0'] })
    const absent = unheard.split(' ')
    return shape({
        government,
        ballot: BALLOT,
        present: new Set(citizens(government).filter((id) => !absent.includes(id))),
        parliamentSize: 5, parliamentFloor: 1, arriving: [], naturalizing: [], leaving: [],
        successor: null, moving: [],
        silent: new Set(silent.split(' ')), doubtful: new Set(doubtful.split(' ')),
        returning: new Set(returning.split(' ')), ...rest
    })
}

/** The seats of a shape, and the changes of the shape. */
function said(shape: ShapedGovernment | null): object | null {
    if (shape === null) {
        return null
    }
    const { majority, minority, ...changes } = shape
    const changed = Object.entries(changes).filter(([, change]) => change !== null)
    return {
        seats: `${majority.join(' ')}|${minority.join(' ')}`, ...Object.fromEntries(changed)
    }
}

const exiles = (id: string, more: object = {}): object => {
    return { exile: { id, promise: `${Number(id) + 1}/0`, properties: `at ${id}`, ...more } }
}

/** The exile needs the consent of the member. */
const consents = (id: string): object => exiles(id, { consent: BALLOT })

/** The same seats with everyone ready. */
function ready(seats: string, rest: Rest = {}): ShapedGovernment | null {
    return next(seats, { government: governmentOf(seats), ...rest })
}

const TABLE: readonly (readonly [string, ShapedGovernment | null, object | null])[] = [
    ['changes nothing if no change is due', next('0 1|2|3'), null],
    ['contracts an even parliament', next('0 1|'), { seats: '0|', demote: '1' }],
    ['contracts four voters to three', next('0 1 2|3'), { seats: '0 1|2', demote: '3' }],
    ['demotes a doubtful voter rather than the last voter', next('0 1 2|3', { doubtful: '2' }),
        { seats: '0 1|3', demote: '2' }],
    ['never demotes a voter that keeps its majority seat', next('0 1 2|3', { doubtful: '1' }),
        { seats: '0 1|2', demote: '3' }],
    ['does not contract below the floor', next('0 1|', { parliamentFloor: 2 }), null],
    ['contracts down to the floor', next('0 1 2|3', { parliamentFloor: 3 }),
        { seats: '0 1|2', demote: '3' }],
    ['exiles a silent constituent', next('0 1|2|3', { silent: '3' }),
        { seats: '0 1|2', ...exiles('3') }],
    ['exiles a silent member of the minority', next('0 1|2|3', { silent: '2' }),
        { seats: '0 1|', ...exiles('2') }],
    ['fills a seat left by the majority from the bench', next('0 1 2|3 4', { silent: '1' }),
        { seats: '0 2 3|4', ...exiles('1') }],
    ['exiles voters first, by rank', next('0 1 2|3 4|5', { silent: '5 3 2' }),
        { seats: '0 1 3|4', ...exiles('2') }],
    ['exiles no member while too few voters answer to commit the exile',
        next('0 1|2|3', { silent: '3 2 1' }), null],
    ['exiles no voter if the voters that are left are too few of those that answer',
        next('0 1|2|', { silent: '1', unheard: '2' }), null],
    ['exiles a constituent while an exile of a voter must wait',
        next('0 1 2|3|4', { silent: '3 4', unheard: '2', parliamentFloor: 4 }), null],
    ['shrinks from five by one exile at a time', next('0 1 2|3 4', { silent: '1 3' }),
        { seats: '0 2 3|4', ...exiles('1') }],
    ['gives a dead seat to no member that has not answered this leader',
        ready('0 1|2|3 4', { silent: '1', unheard: '3', parliamentFloor: 3 }),
        { seats: '0 2|4', ...exiles('1'), promote: [{ id: '4', index: 1 }] }],
    ['contracts to no parliament whose voters have not answered',
        next('0 1 2|3', { unheard: '1 2' }), null],
    ['exchanges a doubtful member only with a member that has answered',
        next('0 1 2|3 4', { doubtful: '1', unheard: '3' }), { seats: '0 2 4|3 1' }],
    ['grows by no member that has not answered this leader',
        ready('0||1 2', { unheard: '2' }), null],
    ['lets no voter leave on the votes of members that have not answered this leader',
        next('0 1|2', { leaving: ['1'], unheard: '2' }), null],
    ['lets a voter wait until a constituent that may succeed has answered or is in doubt',
        ready('0 1|2|3', { leaving: ['2'], unheard: '3' }), null],
    ['shrinks by a voter that leaves if the constituent that may succeed is in doubt',
        ready('0 1|2|3', { leaving: ['2'], unheard: '3', doubtful: '3' }),
        { seats: '0 1|', ...consents('2') }],
    ['seats no successor that has not answered this leader',
        ready('0||1', { successor: '1', unheard: '1' }), null],
    ['never exiles the leader', next('0 1|2|3', { silent: '0' }), null],
    ['exiles no voter at the floor', next('0 1|2|3', { silent: '2', parliamentFloor: 3 }), null],
    ['exiles constituents at the floor too',
        next('0 1|2|3', { silent: '2 3', parliamentFloor: 3 }),
        { seats: '0 1|2', ...exiles('3') }],
    ['exiles a silent voter at the floor if a new process asks for admission under its id',
        next('0 1|2|', { silent: '2', returning: '2', parliamentFloor: 3 }),
        { seats: '0 1|', ...exiles('2') }],
    ['exiles no voter at the floor for a new process under its id while the voter answers',
        next('0 1|2|', { returning: '2', parliamentFloor: 3 }), null],
    ['exiles no voter at the floor if too few holders of acknowledged entries would remain',
        next('0 1 2|3|', { silent: '3', returning: '3', parliamentFloor: 5 }), null],
    ['fills one free seat at the floor with a constituent', ready('0 1||2', { parliamentFloor: 3 }),
        { seats: '0 1|2', promote: [{ id: '2', index: 0 }] }],
    ['gives the seat of a silent voter at the floor to a ready constituent at once',
        ready('0 1|2|3 4', { silent: '1 3', parliamentFloor: 3 }),
        { seats: '0 2|4', ...exiles('1'), promote: [{ id: '4', index: 1 }] }],
    ['gives away no seat of a silent voter of two: one voter commits no government',
        ready('0 1||2', { silent: '1', parliamentFloor: 2 }), null],
    ['gives the majority seat of a silent voter to the bench, and the bench seat to a constituent',
        ready('0 1|2|3', { silent: '1', parliamentFloor: 3 }),
        { seats: '0 2|3', ...exiles('1'), promote: [{ id: '3', index: 0 }] }],
    ['exchanges a doubtful member of the majority with a member of the bench',
        next('0 1 2|3 4', { doubtful: '1 3' }), { seats: '0 2 4|3 1' }],
    ['exchanges no member if the bench is doubtful too', next('0 1|2', { doubtful: '1 2' }), null],
    ['exchanges no member if there is no bench', next('0|', { doubtful: '0' }), null],
    ['does not exchange the leader', next('0 1|2', { doubtful: '0' }), null],
    ['naturalizes the first asking member', next('0||1 2', { naturalizing: ['0', '2', '1'] }),
        { seats: '0|', naturalize: '2' }],
    ['admits the oldest arrival', next('0||1', { arriving: [arrival('7'), arrival('8')] }),
        { seats: '0|', immigrate: { id: '7', properties: 'at 7', cookie: 7 } }],
    ['naturalizes an arrival that is ready at once', next('0', { arriving: [arrival('7', true)] }),
        { seats: '0|', immigrate: { id: '7', properties: 'at 7', cookie: 7 }, naturalize: '7' }],
    ['grows from one voter to three', ready('0||1 2'),
        { seats: '0 1|2', promote: [{ id: '2', index: 1 }, { id: '1', index: 0 }] }],
    ['grows from three voters to five, with the bench first', ready('0 1|2|3 4 5'),
        { seats: '0 1 2|3 4', promote: [{ id: '4', index: 1 }, { id: '3', index: 0 }] }],
    ['does not grow past its size', ready('0 1|2|3 4', { parliamentSize: 4 }), null],
    ['grows to seven voters if the size is eight', ready('0 1 2|3 4|5 6 7', { parliamentSize: 8 }),
        { seats: '0 1 2 3|4 5 6', promote: [{ id: '6', index: 1 }, { id: '5', index: 0 }] }],
    ['does not grow by one voter', ready('0 1|2|3'), null],
    ['offers no seat to a member that is not naturalized', next('0||1 2'), null],
    ['offers no seat to a doubtful member', ready('0||1 2 3', { doubtful: '1' }),
        { seats: '0 2|3', promote: [{ id: '3', index: 2 }, { id: '2', index: 1 }] }],
    ['exiles a constituent that leaves', next('0 1|2|3 4', { leaving: ['4'] }),
        { seats: '0 1|2', ...exiles('4') }],
    ['gives the seat of a leaving voter to a ready constituent in one government',
        ready('0 1|2|3 4', { leaving: ['1'] }),
        { seats: '0 2|3', ...exiles('1'), promote: [{ id: '3', index: 0 }] }],
    ['gives the seat of a leaving voter to no member that leaves too',
        ready('0 1|2|3 4', { leaving: ['1', '3'] }),
        { seats: '0 2|4', ...exiles('1'), promote: [{ id: '4', index: 1 }] }],
    ['shrinks by a leaving voter if no constituent is ready', next('0 1|2|3', { leaving: ['2'] }),
        { seats: '0 1|', ...consents('2') }],
    ['asks no consent if the others could go on without the leader',
        next('0 1 2|3 4', { leaving: ['4'] }), { seats: '0 1 2|3', ...exiles('4') }],
    ['asks for consent if the others that answer could not go on without the leader',
        next('0 1 2|3 4', { leaving: ['4'], doubtful: '3' }),
        { seats: '0 1 2|3', ...consents('4') }],
    ['asks no consent if the leader alone is left', next('0|', { leaving: ['0'] }), null],
    ['exiles no voter that must consent and does not answer',
        next('0 1|2|3', { leaving: ['2'], unheard: '2' }), null],
    ['fills the majority seat of a leaving voter from the bench',
        next('0 1 2|3 4', { leaving: ['2'] }), { seats: '0 1 3|4', ...exiles('2') }],
    ['lets a leaving voter wait at the floor while no constituent is ready',
        next('0 1|2|3', { leaving: ['2'], parliamentFloor: 3 }), null],
    ['exiles a leaving voter at the floor if a constituent is ready',
        ready('0 1|2|3', { leaving: ['2'], parliamentFloor: 3 }),
        { seats: '0 1|3', ...exiles('2'), promote: [{ id: '3', index: 0 }] }],
    ['lets a leaving voter wait while too few of the remaining voters answer',
        next('0 1 2|3 4', { leaving: ['1'], doubtful: '3 4' }), null],
    ['exiles the next leaving member if the first must wait',
        next('0 1|2|3', { leaving: ['2', '3'], parliamentFloor: 3 }),
        { seats: '0 1|2', ...exiles('3') }],
    ['does not exile a leader that leaves', next('0 1|2|3', { leaving: ['0'] }), null],
    ['demotes a leaving voter of an even parliament',
        next('0 1 2|3', { leaving: ['2'] }), { seats: '0 1|3', demote: '2' }],
    ['exiles silent before leaving members', next('0 1|2|3', { leaving: ['3'], silent: '2' }),
        { seats: '0 1|', ...exiles('2') }],
    ['adds a seat for a successor', ready('0||1 2', { successor: '2' }),
        { seats: '0 2|', promote: [{ id: '2', index: 1 }] }],
    ['adds a successor beyond the size', ready('0 1|2|3 4', { successor: '4', parliamentSize: 3 }),
        { seats: '0 1 2|4', promote: [{ id: '4', index: 1 }] }],
    ['does not contract while the successor is a voter',
        next('0 1 2|3', { successor: '3' }), null],
    ['seats no doubtful successor', ready('0||1', { successor: '1', doubtful: '1' }), null],
    ['seats no successor if too few of the other voters answer',
        ready('0 1|2|3', { successor: '3', doubtful: '1 2', parliamentSize: 3 }), null],
    ['changes nothing if the successor is a voter', next('0 1|2|3', { successor: '1' }), null],
    ['does not grow if a constituent is doubtful', ready('0||1 2', { doubtful: '2' }), null]
]

describe('the shaper', () => {
    for (const [name, actual, expected] of TABLE) {
        test(name, () => assert.deepEqual(said(actual), expected))
    }

    test('decides contraction and exile first, and growth last', () => {
        const changes: string[] = []
        const everything = {
            silent: '5', doubtful: '1', naturalizing: ['4'], arriving: [arrival('9')],
            leaving: ['6'], successor: '7'
        }
        const naturalized = ['0', '1', '2', '3', '6', '7']
        const step = (seats: string, rest: Rest): void => {
            const shape = next(seats, {
                government: governmentOf(seats, { naturalized }), ...rest
            })
            const { seats: _, ...change } = said(shape) as { seats: string }
            changes.push(Object.keys(change).join() || 'exchange')
        }
        step('0 1 2|3|4 5 6 7', everything)
        step('0 1|2|3 4 5 6 7', everything)
        const heard = { ...everything, silent: '' }
        step('0 1|2|3 4 6 7', heard)
        step('0 1 7|2 3|4 6', heard)
        const stays = { ...heard, leaving: [], successor: null }
        step('0 1|2|3 4 6 7', stays)
        step('0 1|2|3 4 6 7', { ...stays, doubtful: '' })
        step('0 1|2|3 4 6 7', { arriving: [arrival('9')] })
        step('0 1|2|3 4 6 7', {})
        assert.deepEqual(changes, [
            'demote', 'exile', 'promote', 'exile', 'exchange', 'naturalize', 'immigrate', 'promote'
        ])
    })

    test('lets nine arrivals wait for one naturalization, and makes one change at a time', () => {
        const ids = ['3', '4', '5', '6', '7', '8', '9', 'a', 'b']
        const arriving = ids.map((id) => arrival(id))
        const government = governmentOf('0||1 2', { naturalized: ['0', '1'] })
        const first = next('', { government, arriving, naturalizing: ['2'] })
        assert.deepEqual(said(first), { seats: '0|', naturalize: '2' })
        const naturalized = governmentOf('0||1 2')
        for (const [index, id] of ids.entries()) {
            const shape = next('', { government: naturalized, arriving: arriving.slice(index) })
            assert.equal(shape?.immigrate?.id, id)
            assert.equal(shape?.promote, null)
        }
        assert.deepEqual(said(next('', { government: naturalized })), {
            seats: '0 1|2', promote: [{ id: '2', index: 1 }, { id: '1', index: 0 }]
        })
    })
})
