import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Log } from '../../../src/paxos/log/log.js'
import type { Entry } from '../../../src/paxos/messages/messages.js'
import {
    type Acceptance, learn, record, type Run
} from '../../../src/paxos/replication/recorder.js'
import { lots } from '../lots.js'
import { entries, held, logOf, numbers, userBody } from '../sample.js'

const A = '1/1/0'
const B = '2/2/0'
const chain = entries('5/0', numbers(5, 8))
const other = entries('5/0', numbers(5, 8), ' of another candidate')

/** A run of `chain`: the entries behind one position through another. */
function run(ballot: string, from: number, to: number, committed: number, of = chain): Run {
    const promiseAt = (position: number): string => of[position - 1]?.promise ?? '5/0'
    return {
        ballot, previous: promiseAt(from), entries: of.slice(from, to),
        committed: promiseAt(committed)
    }
}

function bodies(log: Log): unknown[] {
    return log.suffix().map(({ body }) => 'cookie' in body && body.body)
}

/** The state of a recorder that held `chain` through `head` under A and received a run. */
function after(committed: number, head: number, sent: Run, acceptance = A): object {
    const log = logOf('5/0', chain.slice(0, head), committed)
    const state: Acceptance = { promised: acceptance, accepted: acceptance }
    const isObeyed = record(log, state, sent)
    return { isObeyed, ...state, committed: log.committed, head: log.head }
}

describe('a member that only learns', () => {
    const learnt = (committed: number, from: number, to: number, of = chain): object => {
        const log = logOf('5/0', chain.slice(0, 4), committed)
        const { previous, entries } = run(A, from, to, 0, of)
        return { learnt: learn(log, previous, entries), committed: log.committed, head: log.head }
    }

    test('appends the entries behind its commit mark', () => {
        assert.deepEqual(learnt(2, 2, 6), { learnt: 4, committed: 6, head: 6 })
    })

    test('skips the entries that it has', () => {
        assert.deepEqual(learnt(4, 1, 3), { learnt: 2, committed: 4, head: 4 })
        assert.deepEqual(learnt(4, 1, 6), { learnt: 5, committed: 6, head: 6 })
    })

    test('keeps its suffix if the committed entries are the same', () => {
        assert.deepEqual(learnt(1, 1, 3), { learnt: 2, committed: 3, head: 4 })
    })

    test('drops its suffix if another entry was chosen', () => {
        assert.deepEqual(learnt(1, 1, 2, other), { learnt: 1, committed: 2, head: 2 })
    })

    test('rejects entries that begin behind its commit mark', () => {
        assert.deepEqual(learnt(2, 3, 6), { learnt: -1, committed: 2, head: 4 })
        assert.deepEqual(learnt(4, 6, 8), { learnt: -1, committed: 4, head: 4 })
    })

    test('rejects entries that contradict a committed entry', () => {
        for (const promises of [['5/1', '6/0'], ['6/0', '5/2'], ['6/0']]) {
            const log = logOf('5/0', chain.slice(0, 2), 2)
            assert.equal(learn(log, '5/0', entries('5/0', promises)), -1)
            assert.deepEqual(held(log), { committed: ['5/0', '5/1', '5/2'], suffix: [] })
        }
    })
})

describe('a recorder', () => {
    test('refuses a ballot below the promised one, and changes nothing', () => {
        assert.deepEqual(after(1, 3, run(A, 3, 5, 3), B), {
            isObeyed: false, promised: B, accepted: B, committed: 1, head: 3
        })
    })

    test('replaces its suffix with the first run under a ballot', () => {
        const log = logOf('5/0', chain.slice(0, 4), 1)
        const acceptance = { promised: A, accepted: A }
        assert.equal(record(log, acceptance, run(B, 1, 2, 1, other)), true)
        assert.deepEqual(acceptance, { promised: B, accepted: B })
        assert.deepEqual(bodies(log), ['5/2 of another candidate'])
    })

    test('accepts the new entries of a first run that begins before its commit mark', () => {
        assert.deepEqual(after(2, 4, run(B, 0, 6, 1)), {
            isObeyed: true, promised: B, accepted: B, committed: 2, head: 6
        })
    })

    test('commits through the mark of a first run and accepts the rest', () => {
        assert.deepEqual(after(1, 1, run(B, 1, 6, 3)), {
            isObeyed: true, promised: B, accepted: B, committed: 3, head: 6
        })
    })

    test('promises but does not accept if a first run has no entry behind the commit mark', () => {
        assert.deepEqual(after(1, 4, run(B, 1, 3, 3)), {
            isObeyed: true, promised: B, accepted: A, committed: 3, head: 4
        })
        assert.deepEqual(after(1, 4, run(B, 1, 1, 1)), {
            isObeyed: true, promised: B, accepted: A, committed: 1, head: 4
        })
    })

    test('promises but does not accept a first run that begins behind its commit mark', () => {
        assert.deepEqual(after(1, 4, run(B, 3, 6, 1)), {
            isObeyed: true, promised: B, accepted: A, committed: 1, head: 4
        })
    })

    test('appends entries that continue its suffix under the ballot', () => {
        assert.deepEqual(after(1, 3, run(A, 3, 5, 2)), {
            isObeyed: true, promised: A, accepted: A, committed: 2, head: 5
        })
    })

    test('skips entries that it holds under the ballot', () => {
        assert.deepEqual(after(1, 4, run(A, 2, 4, 1)), {
            isObeyed: true, promised: A, accepted: A, committed: 1, head: 4
        })
        assert.deepEqual(after(1, 4, run(A, 2, 6, 1)), {
            isObeyed: true, promised: A, accepted: A, committed: 1, head: 6
        })
    })

    test('ignores a run that leaves a gap, and the run\'s commit mark', () => {
        assert.deepEqual(after(1, 3, run(A, 4, 6, 3)), {
            isObeyed: true, promised: A, accepted: A, committed: 1, head: 3
        })
    })

    test('commits no further than its head', () => {
        assert.deepEqual(after(1, 3, run(A, 3, 3, 7)), {
            isObeyed: true, promised: A, accepted: A, committed: 3, head: 3
        })
    })
})

/** Two runs under different ballots share what is chosen, and go on each in its own way. */
const CHOSEN = 4
const LENGTH = 8
const logs = [1, 2, 3].map((candidate) => {
    return entries('5/0', numbers(5, LENGTH)).map((entry, index): Entry => {
        return index < CHOSEN ? entry : { ...entry, body: userBody(entry.promise, candidate) }
    })
})

interface Model {
    promised: number
    accepted: number
    committed: number
    held: readonly Entry[]
}

const sent = fc.record({
    candidate: fc.nat(2), from: fc.nat(LENGTH), length: fc.nat(LENGTH), mark: fc.nat(CHOSEN)
})

/** The model of a recorder: an array of entries and three numbers, without a log. */
function accept(model: Model, ballot: number, from: number, to: number, mark: number): void {
    const log = logs[ballot] ?? []
    if (ballot < model.promised) {
        return
    }
    model.promised = ballot
    if (model.accepted === ballot) {
        if (from <= model.held.length) {
            model.held = log.slice(0, Math.max(model.held.length, to))
            model.committed = Math.max(model.committed, Math.min(mark, model.held.length))
        }
    } else if (from <= model.committed) {
        model.committed = Math.max(model.committed, Math.min(mark, to))
        if (to > Math.max(from, mark)) {
            model.accepted = ballot
            model.held = log.slice(0, Math.max(to, model.committed))
        } else {
            model.held = [
                ...log.slice(0, model.committed), ...model.held.slice(model.committed)
            ]
        }
    }
}

describe('for runs in every order', () => {
    test('a recorder equals its model, and never replaces a committed entry', () => {
        fc.assert(fc.property(fc.array(sent, { maxLength: 40 }), (runs) => {
            const log = logOf('5/0', [], 0)
            const acceptance: Acceptance = { promised: '0/0/0', accepted: '0/0/0' }
            const model: Model = { promised: -1, accepted: -1, committed: 0, held: [] }
            const ballotOf = (candidate: number): string => {
                return candidate === -1 ? '0/0/0' : `${candidate + 1}/1/0`
            }
            let before: readonly Entry[] = []
            for (const { candidate, from, length, mark } of runs) {
                const to = Math.min(LENGTH, from + length)
                const of = logs[candidate] ?? []
                const received = run(ballotOf(candidate), from, to, mark, of)
                const isObeyed = record(log, acceptance, received)
                assert.equal(isObeyed, candidate >= model.promised)
                accept(model, candidate, from, to, mark)
                const all = Array.from({ length: log.head }, (_, index) => log.at(index + 1))
                assert.deepEqual({ ...acceptance, committed: log.committed, held: all }, {
                    promised: ballotOf(model.promised), accepted: ballotOf(model.accepted),
                    committed: model.committed, held: model.held
                })
                assert.deepEqual(all.slice(0, before.length), before)
                before = all.slice(0, log.committed)
            }
        }), lots(500))
    })
})
