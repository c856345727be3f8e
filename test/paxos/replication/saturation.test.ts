import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KibitzerOptions } from '../../../src/index.js'
import { settingsOf } from '../../../src/paxos/options.js'
import { Island, type Passage } from '../../support/island.js'
import { settleSeats } from '../../support/runs.js'

/** The number of entries that a member has committed under a government. */
function countOf(island: Island, id: string): number {
    const [, count = '0'] = island.kibitzer(id).paxos.committed.split('/')
    return Number.parseInt(count, 16)
}

/** The greatest number of entries that a leader has under way. */
function roundOf(island: Island): number {
    return settingsOf(island.kibitzer('a').paxos.options).writing.entries
}

/**
 * Publishes without a pause, so that the leader always has a full suffix under way, until the
 * leader has committed so many entries. Returns the greatest lag of another member, in entries.
 */
function saturate(island: Island, ids: readonly string[], entries: number): number {
    const [leader = '', ...others] = ids
    const burst = Array.from({ length: 4 * roundOf(island) }, (_, index) => index)
    let lag = 0
    while (countOf(island, leader) < entries) {
        const { pending, waiting } = island.kibitzer(leader).islander.health()
        if (pending + waiting < burst.length) {
            island.kibitzer(leader).publishAll(burst)
        }
        island.pass(1)
        const committed = countOf(island, leader)
        lag = Math.max(lag, ...others.map((id) => committed - countOf(island, id)))
    }
    return lag
}

/** Whether a call carries entries. */
function isRun({ call }: Passage): boolean {
    return call.method === 'receive' && 'entries' in call.body && call.body.entries.length !== 0
}

describe('under a load that fills every round', () => {
    const cases: readonly (readonly [string, Partial<KibitzerOptions>])[] = [
        ['the defaults', {}],
        ['small batches', { batch: 8 }],
        ['single entries, many under way', { batch: 1, window: 16 }],
        ['one batch under way', { window: 1 }]
    ]
    for (const [name, options] of cases) {
        for (const ids of [['a', 'b', 'c'], ['a', 'b', 'c', 'd', 'e', 'f']]) {
            test(`each of ${ids.length} members keeps up, with ${name}`, () => {
                using island = new Island(options)
                const { promise } = settleSeats(island, ids).paxos.government
                const round = roundOf(island)
                const lag = saturate(island, ids, 40 * round)
                assert.ok(lag <= 8 * round, `lag ${lag}`)
                assert.equal(island.kibitzer('a').paxos.government.promise, promise)
            })
        }
    }

    for (const silent of ['b', 'c']) {
        test(`${silent}, unreachable for a while, becomes level again`, () => {
            const ids = ['a', 'b', 'c']
            using island = new Island({ history: 1_000_000 })
            settleSeats(island, ids)
            const round = roundOf(island)
            island.fate = ({ from, to }) => (from === silent || to === silent ? 'lost' : null)
            saturate(island, ids, 20 * round)
            island.fate = () => null
            saturate(island, ids, 400 * round)
            const lag = saturate(island, ids, 420 * round)
            assert.ok(lag <= 8 * round, `lag ${lag}`)
        })
    }

    for (const [deaf, window] of [['b', 1], ['b', 2], ['c', 1]] as const) {
        test(`lost answers of ${deaf} delay its runs for a ping, with window ${window}`, () => {
            const ids = ['a', 'b', 'c']
            using island = new Island({ batch: 8, window, timeout: 4000, history: 1_000_000 })
            settleSeats(island, ids)
            saturate(island, ids, 20 * roundOf(island))
            const lostAt = Date.now()
            const { ping, timeout } = settingsOf(island.kibitzer('a').paxos.options)
            let lost = 0
            island.fate = (passage) => {
                if (passage.to !== deaf || lost === window || !isRun(passage)) {
                    return null
                }
                lost++
                return 'unanswered'
            }
            while (Date.now() < lostAt + 6 * ping) {
                saturate(island, ids, countOf(island, 'a') + 1)
            }
            assert.equal(lost, window)
            const lag = saturate(island, ids, countOf(island, 'a') + 20 * roundOf(island))
            assert.ok(Date.now() < lostAt + timeout, 'the leader still waits for the lost answer')
            assert.ok(lag <= 8 * roundOf(island), `lag ${lag}`)
        })
    }
})
