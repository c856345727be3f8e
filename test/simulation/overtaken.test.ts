import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stage } from './stage.js'
import type { NetworkCondition } from '../../src/testing/weather.js'

const SEEDS = [1, 2, 3, 4, 5, 6]

/** Holds some messages for so many timeouts at the most; nothing keeps them in order. */
function hold(
    stage: Stage,
    timeouts: number,
    isHeld: (from: string, to: string, isReply: boolean, chance: number) => boolean
): () => void {
    const { network, options, weather } = stage.world
    const nameOf = (host: number): string => network.hosts[host]?.id ?? ''
    const condition: NetworkCondition = {
        kind: 'hold',
        bear: (from, to, isReply, fate, dice) => {
            const strikes = isHeld(nameOf(from), nameOf(to), isReply, dice.next())
            fate.delayMs += strikes ? dice.next() * timeouts * options.timeout : 0
            return strikes
        }
    }
    weather.conditions.add(condition)
    return () => weather.conditions.delete(condition)
}

function settles(stage: Stage, timeouts: number): void {
    stage.trial.workload.end()
    stage.until('All is settled', () => stage.isSettled(), timeouts)
}

describe('a republic with late calls', () => {
    it('settles although receipts arrive after new governments and a collapse', () => {
        for (const seed of SEEDS) {
            const callLimitMs = Number.POSITIVE_INFINITY
            const stage = new Stage({ seed, publishMs: 20, callLimitMs })
            const { colleagues } = stage.trial
            // What a leader answers to a follower is what became of its batch.
            const free = hold(stage, 1, (from, to, isReply) =>
                isReply && from === stage.leader && from !== to)
            for (let arrivals = 0; arrivals < 4; arrivals++) {
                colleagues.join(`late${arrivals}`, colleagues.vacancy())
                stage.pass(0.5)
            }
            stage.crash(stage.leader)
            stage.pass(4)
            free()
            settles(stage, 12)
            assert.ok((stage.trial.tally.sometimes.get('a government maps what waits') ?? 0) > 0)
        }
    })

    it('settles although calls from before a trim arrive after the trim', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed, callLimitMs: Number.POSITIVE_INFINITY })
            const { voters } = stage
            const free = hold(stage, 3, (_from, _to, _isReply, chance) => chance < 0.05)
            for (let round = 0; round < 20; round++) {
                // A call that is held for longer than a timeout may cost its member the seat.
                const publisher = stage.world.citizen(voters[round % 5])
                for (let index = 0; index < 200; index++) {
                    publisher?.publish(`${round} ${index}`)
                }
                stage.pass(0.5)
            }
            free()
            settles(stage, 12)
            for (const { door } of stage.world.living) {
                const { length } = door.paxos.history(null) ?? []
                assert.ok(length < 3000, `${length} of 4,000 are kept`)
            }
        }
    })

    it('N3: settles although calls arrive seconds late, in any order, during replacements', () => {
        for (const seed of SEEDS) {
            const callLimitMs = 400
            const stage = new Stage({ seed, population: 7, publishMs: 100, callLimitMs })
            const free = hold(stage, 8, (_from, _to, _isReply, chance) => chance < 0.15)
            for (let round = 0; round < 5; round++) {
                const leaving = stage.world.living.at(-1)
                assert.ok(leaving !== undefined)
                stage.trial.colleagues.restart(leaving, false)
                stage.pass(4)
            }
            free()
            stage.pass(8)
            settles(stage, 20)
        }
    })
})
