import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
    compareEnds, compareGovernments, compareOrders, comparePromises, compareSizes, compareWalks,
    inspect, type Findings
} from './compare.js'
import type { Outcome } from './island.js'
import type { Government, Logged } from './member.js'
import { settleReference } from './reference.js'
import { lose, populate, publishInTurn, run } from './scenario.js'

/** An outcome in which everything may be changed, to plant what must be found. */
interface Draft {
    logs: Map<string, Logged[]>
    crashed: { id: string, log: Logged[] }[]
    published: Map<string, string[]>
    waiting: Map<string, number>
}

const sound = run(settleReference, {
    when: 'a constituent dies and all publish',
    play: (island) => {
        populate(island, 5)
        publishInTurn(island, 'before')
        lose(island, '4')
    }
})

function draft(change: (draft: Draft) => void): Outcome {
    const copy = structuredClone(sound) as Draft
    change(copy)
    return copy
}

function logOf(draft: Draft, id: string): Logged[] {
    const log = draft.logs.get(id)
    assert(log !== undefined)
    return log
}

function positionOf(log: readonly Logged[], promise: string): number {
    const position = log.findIndex((entry) => entry.promise === promise)
    assert(position !== -1, `${promise} is there to be changed`)
    return position
}

/** Changes one entry of one member's log. */
function alter(id: string, promise: string, change: (entry: Logged) => object): Outcome {
    return draft((copy) => {
        const log = logOf(copy, id)
        const at = positionOf(log, promise)
        const entry = log[at]
        assert(entry !== undefined)
        log[at] = { ...entry, ...change(entry) } as Logged
    })
}

function alterGovernment(promise: string, change: Partial<Government>): Outcome {
    return alter('1', promise, (entry) => {
        assert(entry.kind === 'government')
        return { government: { ...entry.government, ...change } }
    })
}

/** Changes the same thing in the log of every member, dead or alive, which holds it. */
function alterEverywhere(promise: string, change: object): Outcome {
    return draft((copy) => {
        for (const log of [...copy.logs.values(), ...copy.crashed.map(({ log }) => log)]) {
            const at = log.findIndex((entry) => entry.promise === promise)
            const entry = log[at]
            if (entry !== undefined) {
                log[at] = { ...entry, ...change } as Logged
            }
        }
    })
}

function finds(findings: Findings, pattern: RegExp): void {
    assert.match(findings.join('\n'), pattern)
}

describe('the order of promises', () => {
    it('counts words, not letters', () => {
        const promises = ['10/0', '9/1', 'a/0', '9/10', '9/2', '0/0', 'ffffffffffffffffff/0']
        assert.deepEqual(promises.sort(comparePromises), [
            '0/0', '9/1', '9/2', '9/10', 'a/0', '10/0', 'ffffffffffffffffff/0'
        ])
        assert.equal(comparePromises('9/1', '9/1'), 0)
    })
})

describe('the comparison of walks', () => {
    const find = (outcome: Outcome, pattern: RegExp): void => {
        finds(compareWalks(sound, outcome), pattern)
    }

    it('finds nothing between equal walks', () => {
        assert.deepEqual(compareWalks(sound, draft(() => {})), [])
    })
    it('finds a member too few and one too many', () => {
        find(draft(({ logs }) => logs.delete('3')), /members 0,1,2, not 0,1,2,3/)
        find(draft(({ logs }) => logs.set('9', [])), /members 0,1,2,3,9, not 0,1,2,3/)
    })
    it('finds an entry too few and one too many', () => {
        find(draft((copy) => logOf(copy, '2').pop()), /2 differs at [\s\S]*ours {6}nothing/)
        find(draft((copy) => {
            const log = logOf(copy, '2')
            log.push(...log.slice(-1))
        }), /2 has more than the reference/)
    })
    it('finds another promise, previous, cookie, body, and publisher', () => {
        for (const [field, value] of Object.entries({
            promise: '7/9', previous: '7/9', cookie: '77', body: 'other', id: '3'
        })) {
            find(alter('1', '7/2', () => ({ [field]: value })), /1 differs at 7\/2/)
        }
    })
    it('finds a difference in any field of a government', () => {
        for (const change of [
            { republic: 'other' }, { promise: '8/0' }, { majority: ['1', '0', '2'] },
            { minority: ['4', '3'] }, { constituents: ['5'] }, { naturalized: ['0'] },
            { properties: {} }, { immigrated: { id: {}, promise: {} } }
        ]) {
            find(alterGovernment('7/0', change), /1 differs at 7\/0/)
        }
    })
    it('finds a difference in any field of a change', () => {
        for (const change of [
            { immigrate: '9' }, { exile: '9' }, { naturalize: '9' }, { promote: ['9'] },
            { demote: '9' }, { map: null }, { map: { '6/1': '7/1' } }
        ]) {
            find(alter('1', '7/0', (entry) => {
                assert(entry.kind === 'government')
                return { change: { ...entry.change, ...change } }
            }), /1 differs at 7\/0/)
        }
    })
})

describe('the comparison of governments', () => {
    it('finds nothing if only entries and renumbered entries differ', () => {
        assert.deepEqual(compareGovernments(sound, alter('1', '7/2', () => ({ id: '3' }))), [])
        assert.deepEqual(compareGovernments(sound, alter('1', '7/0', (entry) => {
            assert(entry.kind === 'government')
            return { change: { ...entry.change, map: { '6/1': '7/1' } } }
        })), [])
    })
    it('finds another government, another change, one too few, and a member too few', () => {
        const find = (outcome: Outcome, pattern: RegExp): void => {
            finds(compareGovernments(sound, outcome), pattern)
        }
        find(alterGovernment('7/0', { minority: ['4', '3'] }), /^1 has/)
        find(alterGovernment('7/0', { promise: '8/0' }), /^1 has/)
        find(alter('1', '7/0', (entry) => {
            assert(entry.kind === 'government')
            return { change: { ...entry.change, promote: [] } }
        }), /^1 has/)
        find(draft((copy) => {
            const log = logOf(copy, '1')
            log.splice(positionOf(log, '7/0'), 1)
        }), /^1 has/)
        find(draft(({ logs }) => logs.delete('1')), /members 0,2,3, not 0,1,2,3/)
    })
})

describe('the comparison of orders', () => {
    const find = (outcome: Outcome): void => {
        finds(compareOrders(sound, outcome), /^entries/)
    }

    it('finds nothing if only numbers and governments differ', () => {
        assert.deepEqual(compareOrders(sound, alterEverywhere('7/5', { promise: '7/55' })), [])
        assert.deepEqual(compareOrders(sound, alterGovernment('7/0', { majority: [] })), [])
    })
    it('finds another publisher, cookie, body, and order, and an entry too few', () => {
        for (const change of [
            { id: '3' }, { cookie: '77' }, { body: 'other' }, { promise: '6/1' }
        ]) {
            find(alterEverywhere('7/2', change))
        }
        find(alterEverywhere('7/2', { promise: '7/1' }))
    })
})

describe('the comparison of sizes', () => {
    it('finds nothing if only names differ', () => {
        const end = sound.logs.get('1')?.findLast(({ kind }) => kind === 'government')
        const renamed = alterGovernment(end?.promise ?? '', { majority: ['7', '8'] })
        assert.deepEqual(compareSizes(sound, renamed), [])
    })
    it('finds a member too few, and one too few of anything', () => {
        const end = sound.logs.get('1')?.findLast(({ kind }) => kind === 'government')
        finds(compareSizes(sound, draft(({ logs }) => logs.delete('3'))), /^sizes/)
        for (const change of [
            { majority: ['0'] }, { minority: [] }, { constituents: [] }, { naturalized: ['0'] }
        ]) {
            finds(compareSizes(sound, alterGovernment(end?.promise ?? '', change)), /^sizes/)
        }
    })
})

describe('the comparison of ends', () => {
    const end = sound.logs.get('1')?.findLast(({ kind }) => kind === 'government')?.promise ?? ''
    const find = (outcome: Outcome, pattern: RegExp): void => {
        finds(compareEnds(sound, outcome), pattern)
    }

    it('finds nothing if only ranks and numbers differ', () => {
        assert.deepEqual(compareEnds(sound, alterGovernment(end, {
            promise: '77/0', majority: ['1', '0'], naturalized: ['3', '2', '1', '0']
        })), [])
    })
    it('finds a member too few and one too many', () => {
        find(draft(({ logs }) => logs.delete('3')), /members 0,1,2, not 0,1,2,3/)
        find(alterGovernment(end, { constituents: [] }), /1 ends in/)
        find(alterGovernment(end, { constituents: ['3', '4'] }), /1 ends in/)
    })
    it('finds other seats, other naturalized members, and other incarnations', () => {
        find(alterGovernment(end, { minority: ['2', '3'], constituents: [] }), /1 ends in/)
        find(alterGovernment(end, { naturalized: ['0', '1', '2'] }), /1 ends in/)
        find(alterGovernment(end, { properties: {} }), /1 ends in/)
        find(alterGovernment(end, { immigrated: { id: {}, promise: {} } }), /1 ends in/)
    })
    it('finds that a member knows no government', () => {
        find(draft(({ logs }) => logs.set('1', [])), /1 ends in \{\}/)
    })
})

describe('the inspection of one republic', () => {
    const find = (outcome: Outcome, pattern: RegExp): void => {
        finds(inspect(outcome), pattern)
    }

    it('finds nothing in a sound republic', () => {
        assert.deepEqual(inspect(sound), [])
    })
    it('finds that no member is left', () => {
        find(draft(({ logs }) => logs.clear()), /nobody is left/)
    })
    it('finds that a member has no log', () => {
        find(draft(({ logs }) => logs.set('2', [])), /somebody living has no log/)
    })
    it('finds that a member lacks entries', () => {
        find(draft((copy) => logOf(copy, '2').pop()), /the living end at/)
    })
    it('finds a hole, a broken chain, and a number that comes late', () => {
        find(draft((copy) => {
            const log = logOf(copy, '2')
            log.splice(positionOf(log, '7/2'), 1)
        }), /2 has 7\/3 behind 7\/1, not 7\/2[\s\S]*2 lacks 7\/2/)
        find(alter('2', '7/2', () => ({ previous: '6/0' })), /2 has 7\/2 behind 7\/1, not 6\/0/)
        find(alter('2', '7/2', () => ({ promise: '6/9' })), /2 has 6\/9 after 7\/1/)
    })
    it('finds two entries with one number', () => {
        find(alter('2', '7/2', () => ({ body: 'other' })), /7\/2 is one thing for/)
        find(draft(({ crashed }) => {
            const log = crashed[0]?.log ?? []
            const at = positionOf(log, '7/1')
            log[at] = { ...log[at], body: 'other' } as Logged
        }), /7\/1 is one thing for 4, another for 0/)
    })
    it('finds that an entry in the log of a crashed member is lost', () => {
        find(draft((copy) => {
            for (const log of copy.logs.values()) {
                log.splice(positionOf(log, '7/5'), 1)
            }
        }), /0 lacks 7\/5, which 4 has/)
    })
    it('finds a lost body, a repeated body, and bodies in the wrong order', () => {
        find(draft(({ published }) => published.get('2')?.push('lost')), /2 published .*"lost"/)
        find(draft(({ published }) => published.get('2')?.pop()), /2 published/)
        find(draft(({ published }) => published.get('2')?.reverse()), /2 published/)
        find(alterEverywhere('7/2', { id: '4', body: 'before, says 4' }), /4 published/)
    })
    it('allows the loss of a publish of a crashed member', () => {
        assert.deepEqual(inspect(draft(({ published }) => published.get('4')?.push('lost'))), [])
    })
    it('finds that a member still waits', () => {
        find(draft(({ waiting }) => waiting.set('3', 1)), /3 still waits for 1/)
    })
})
