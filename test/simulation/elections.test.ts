import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Government } from '../../src/paxos/messages/messages.js'
import { nullGovernment } from '../../src/paxos/membership/government.js'
import type { Entry } from '../../src/paxos/messages/messages.js'
import { type Accepted, Elections } from './checks/elections.js'
import { Roll } from './checks/roll.js'
import { inside } from './inside.js'
import { Stage } from './stage.js'
import { type Property, Violation } from './violation.js'

// A checker that cannot fail proves nothing: each is shown what it must not let pass.

const GOVERNMENT: Government = {
    ...nullGovernment('r'),
    promise: '3/0',
    majority: ['a', 'b'],
    minority: ['c'],
    immigrated: { id: {}, promise: { a: '1/0', b: '2/0', c: '3/0' } }
}

const OWN = entry('4/0', '3/0', null)

function violates(property: Property, break_: () => void): void {
    assert.throws(break_, (error) => error instanceof Violation && error.property === property)
}

function entry(promise: string, previous: string, body: unknown): Entry {
    return { promise, previous, body: { id: 'a', cookie: '1', immigrated: '1/0', body } }
}

function held(ballot: string, ...values: unknown[]): Accepted {
    const entries = values.map((value, index) =>
        entry(`3/${index + 1}`, `3/${index}`, value))
    return { ballot, entries }
}

/** A government that exiles c, behind `x`, with the consent of c under a ballot. */
function exiling(consent: string): Entry {
    const exile = { id: 'c', promise: '3/0', properties: null, consent }
    const seats = { promise: '4/0', majority: ['a', 'b'], minority: [] }
    const changes = { immigrate: null, naturalize: null, promote: null, demote: null, map: {} }
    return { promise: '4/0', previous: '3/1', body: { ...seats, ...changes, exile } }
}

/** The member b is elected by itself and whoever else promises, and goes on with these. */
function elect(promises: Readonly<Record<string, Accepted>>, entries: readonly Entry[]): void {
    const elections = new Elections()
    const ballot = '9/2/0'
    for (const [immigrated, accepted] of Object.entries(promises)) {
        elections.promise(ballot, immigrated, accepted)
    }
    elections.elect({ ballot, committed: '3/0', government: GOVERNMENT, entries })
}

describe('the checker of elections finds', () => {
    it('nothing in sound elections', () => {
        const nothing = held('2/2/0')
        elect({ '2/0': nothing, '3/0': nothing }, [OWN])
        elect({ '2/0': nothing, '3/0': held('1/1/0', 'x') }, held('', 'x').entries)
        elect({ '2/0': held('1/1/0', 'x'), '3/0': held('1/1/0', 'x', 'y') },
            held('', 'x', 'y').entries)
        elect({ '2/0': held('2/3/0', 'z'), '3/0': held('1/1/0', 'x', 'y') }, held('', 'z').entries)
        elect({ '1/0': held('1/1/0', 'x'), '2/0': nothing, '3/0': nothing }, [OWN])
    })

    it('an election with too few promises', () => {
        violates('S1', () => elect({ '2/0': held('1/1/0') }, [OWN]))
        violates('S1', () => elect({ '2/0': held('1/1/0'), '7/0': held('1/1/0') }, [OWN]))
    })

    it('an election that drops a possibly chosen entry', () => {
        const some = { '2/0': held('3/3/0'), '3/0': held('1/1/0', 'x') }
        violates('S1', () => elect(some, [OWN]))
        violates('S1', () => elect(some, held('', 'y').entries))
        violates('S1', () => elect({ '2/0': held('1/1/0', 'x'), '3/0': held('1/1/0', 'x', 'y') },
            held('', 'x').entries))
    })

    it('an election that adopts the entries of a lower ballot', () => {
        violates('S1', () => elect({ '2/0': held('2/3/0', 'z'), '3/0': held('1/1/0', 'x', 'y') },
            held('', 'x', 'y').entries))
    })

    it('an election that adds entries without an acceptance', () => {
        violates('S1', () => elect({ '2/0': held('1/1/0'), '3/0': held('1/1/0') },
            held('', 'x', 'y').entries))
    })

    it('an election that drops an exile with a possible consent', () => {
        const [kept, exile] = [held('1/1/0', 'x').entries, exiling('1/1/0')]
        const holder = { ballot: '1/1/0', entries: [...kept, exile] }
        elect({ '2/0': holder, '3/0': held('1/1/0', 'x') }, kept)
        elect({ '2/0': holder, '3/0': held('1/1/0') }, holder.entries)
        violates('S1', () => elect({ '2/0': holder, '3/0': holder }, kept))
        const other = { ballot: '1/1/0', entries: [...kept, exiling('2/1/0')] }
        violates('S1', () => elect({ '2/0': other, '3/0': held('1/1/0') }, kept))
    })

    it('an election that drops more than an open government without a majority', () => {
        const open = { ...exiling('9/9/0'), previous: '3/0' }
        const holder = { ballot: '5/3/0', entries: [open] }
        // The voter a of the new parliament has promised without the government.
        elect({ '2/0': holder, '1/0': held('4/1/0', 'z') }, [OWN])
        elect({ '2/0': holder, '1/0': held('6/1/0', 'z') }, held('', 'z').entries)
        violates('S1', () => elect({ '2/0': holder, '1/0': held('6/1/0', 'z') }, [OWN]))
        violates('S1', () => elect({ '2/0': holder, '1/0': { ...holder, ballot: '4/1/0' } }, [OWN]))
    })

    it('nothing in an election of the only voter', () => {
        const alone = { ...GOVERNMENT, majority: ['a'], minority: [] }
        new Elections().elect({ ballot: '9/1/0', committed: '3/0', government: alone, entries: [] })
    })
})

describe('the roll finds', () => {
    it('two processes that use one incarnation', () => {
        const roll = new Roll()
        roll.bear('1/0', 1)
        roll.bear('1/0', 1)
        roll.bear('2/0', 2)
        violates('S7', () => roll.bear('1/0', 3))
    })

    it('a member whose cookies differ from the log', () => {
        const roll = new Roll()
        roll.note('2/0', new Map([['1/0', 'a']]))
        roll.compare('b', '2/0', () => 'a')
        roll.compare('b', '3/0', () => 'b')
        violates('S4', () => roll.compare('b', '2/0', () => '0'))
        violates('S4', () => roll.compare('b', '2/0', () => undefined))
    })
})

describe('the observer finds', () => {
    it('an exile that still has appointments', () => {
        const { world } = new Stage({ population: 1 })
        const resident = world.living[0]
        assert.ok(resident !== undefined)
        const { paxos } = resident.door
        paxos.scheduler.schedule(0, 'ping', 'ping')
        world.observer.look(resident)
        inside(paxos).citizenship.exiled = true
        violates('S12', () => world.observer.look(resident))
    })
})
