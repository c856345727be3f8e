import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { freeze } from '../../src/base/freeze.js'
import {
    beginMeasure, measure, type MeasuredState, type ReplayedInput, type Replayer
} from '../../src/replay/index.js'
import { island, replayerOf } from '../replay/testimonies.js'
import type { Island } from '../support/island.js'
import { RUNS } from '../support/runs.js'

/** The members of a run, each with its inputs and the measured state after each input. */
async function* measured(run: (land: Island) => void, version?: number): AsyncGenerator<
    readonly [replayer: Replayer, inputs: readonly ReplayedInput[], last: MeasuredState]
> {
    for (const testimony of island(run, version)) {
        const replayer = await replayerOf(testimony)
        const inputs: ReplayedInput[] = []
        let state = replayer.measured
        for await (const input of replayer.steps()) {
            inputs.push(input)
            state = measure(freeze(state), input)
        }
        yield [replayer, inputs, state]
    }
}

/** A republic in which calls, answers and a leader are lost; every value is published once. */
function losses(seed: number): (land: Island) => void {
    return (land) => {
        let random = seed * 7919
        let value = 0
        land.settle('a', 'b', 'c')
        land.fate = () => {
            random = (random * 48_271) % 0x7fff_ffff
            return random % 100 < 8 ? 'lost' : random % 100 < 16 ? 'unanswered' : null
        }
        for (let round = 0; round < 12; round++) {
            for (const { kibitzer } of land.residents) {
                kibitzer.publishAll([value++, value++, value++])
            }
            land.pass(200)
            if (round === 6) {
                land.crash(seed % 2 === 0 ? 'a' : 'b')
            }
        }
        land.fate = () => null
        land.level()
    }
}

/** A batch reaches a member that does not lead. */
function turnedAway(land: Island): void {
    land.settle('a', 'b', 'c')
    const entries = [{ id: 'c', cookie: '99', body: 'astray' }]
    land.kibitzer('b').play('enqueue', { republic: 'republic', entries })
    land.kibitzer('a').publishAll([1, 2, 3])
    land.level()
}

describe('the fold over the inputs of a member', () => {
    test('counts the entries, governments and collapses of the log', async () => {
        let collapses = 0
        for (const run of [RUNS['the death of the leader in the midst of everything'] ?? losses(1),
            losses(1), losses(2)]) {
            for await (const [, inputs, state] of measured(run)) {
                const entries = inputs.flatMap((input) => input.entries)
                const governments = entries.filter(({ method }) => method === 'government')
                const last = inputs.findLast((input) =>
                    input.entries.some(({ method }) => method === 'government'))
                assert.equal(state.inputs, inputs.length)
                assert.equal(state.entries, entries.length)
                assert.equal(state.governments, governments.length)
                assert.equal(state.governedAt, last?.played.when ?? null)
                collapses = Math.max(collapses, state.collapses)
            }
        }
        assert.ok(collapses >= 1)
    })

    test('counts no collapse while a leader changes the government', async () => {
        for await (const [, , state] of measured((land) => void land.settle('a', 'b', 'c'))) {
            assert.ok(state.governments > 1)
            assert.equal(state.collapses, 0)
        }
    })

    test('counts each value that the publisher has sent again', async () => {
        let total = 0
        for (let seed = 1; seed <= 12; seed++) {
            const version = seed % 2 + 1
            for await (const [, inputs, state] of measured(losses(seed), version)) {
                const sent = inputs.flatMap(({ dispatches }) => dispatches)
                    .flatMap(({ messages }) => messages)
                const values = sent.map(({ body }) => body).filter((body) => body !== null)
                assert.equal(state.resubmissions, values.length - new Set(values).size)
                assert.equal(state.batches.sum, sent.length)
                total += state.resubmissions
            }
        }
        assert.ok(total > 20, String(total))
    })

    // The barrier, in version 1 the flush, and the barrier again.
    for (const [version, barriers] of [[1, 3], [2, 2]] as const) {
        test(`counts a barrier that was sent again, in version ${version}`, async () => {
            for await (const [{ id }, inputs, state] of measured((land) => {
                land.settle('a', 'b')
                let lost = 1
                // Without an answer to its question, a barrier is an entry.
                land.fate = ({ call }) => {
                    const isLost = call.method === 'enqueue' && lost-- > 0
                    return call.method === 'mark' || isLost ? 'lost' : null
                }
                land.kibitzer('b').barrier()
                land.level()
            }, version)) {
                if (id === 'b') {
                    const dispatches = inputs.flatMap((input) => input.dispatches)
                    assert.equal(dispatches.length, barriers)
                    assert.equal(state.resubmissions, 1)
                }
            }
        })
    }

    test('counts the batches that a leader takes or turns away', async () => {
        let refused = 0
        for await (const [, inputs, { proposals, unwritten }] of measured(turnedAway)) {
            const batches = inputs.filter(({ played }) => played.method === 'enqueue')
            const taken = batches.filter(({ outcome }) => outcome !== null && outcome !== 'gap')
            assert.equal(proposals.count, taken.length)
            assert.equal(proposals.sum, taken.reduce((sum, { played }) =>
                sum + (played.method === 'enqueue' ? played.body.entries.length : 0), 0))
            assert.equal(proposals.buckets.reduce((sum, count) => sum + count), taken.length)
            assert.equal(unwritten, batches.length - taken.length)
            refused += unwritten
        }
        assert.ok(refused > 0)
    })

    test('counts the calls without an answer by peer', async () => {
        let failing = 0
        for await (const [, inputs, { failures }] of measured(losses(3))) {
            const counts: Record<string, number> = {}
            for (const { played } of inputs) {
                for (const [id, response] of Object.entries(
                    played.method === 'sent' ? played.body.responses : {})) {
                    counts[id] = (counts[id] ?? 0) + (response === null ? 1 : 0)
                }
            }
            const failed = Object.entries(counts).filter(([, count]) => count > 0)
            failing += failed.length
            assert.deepEqual({ ...failures }, Object.fromEntries(failed))
        }
        assert.ok(failing > 1)
    })

    test('times one publish at a time, until its entry is in the log', async () => {
        let timed = 0
        for await (const [, inputs, { latency }] of measured(losses(4))) {
            const times: number[] = []
            let publish: { ticket: number, when: number } | null = null
            let tickets = 0
            for (const { played: { method, when, body }, settled } of inputs) {
                if (method === 'publish' || method === 'publishAll') {
                    tickets += method === 'publish' ? 1 : body.length
                    publish ??= { ticket: tickets, when }
                }
                if (publish !== null && settled.some(({ ticket }) => ticket === publish?.ticket)) {
                    times.push(when - publish.when)
                    publish = null
                }
            }
            assert.deepEqual([latency.count, latency.sum],
                [times.length, times.reduce((sum, ms) => sum + ms, 0)])
            timed += times.length
        }
        assert.ok(timed > 10)
    })

    test('begins with the values that the member had sent before the recording', async () => {
        for await (const [replayer, inputs, last] of measured(losses(5))) {
            const half = inputs.length >> 1
            const step = await replayer.seek(half)
            assert.ok(step !== null)
            const { member } = replayer
            const began = beginMeasure(member, 17)
            assert.equal(began.sentThrough, member.published - member.health().pending)
            assert.equal(began.snapshotAt, 17)
            let whole = replayer.measured
            let rest = began
            let first = 0
            for await (const input of replayer.steps()) {
                whole = measure(whole, input)
                first = input.number === half ? whole.resubmissions : first
                rest = input.number > half ? measure(rest, input) : rest
            }
            assert.deepEqual(whole, last)
            assert.equal(rest.resubmissions, last.resubmissions - first)
        }
    })

    test('bounds the number of counted names', () => {
        let state = beginMeasure()
        const member = {
            id: 'a', published: 0, ticketOf: () => null,
            health: () => ({ waiting: 0, pending: 0 })
        }
        const ids = ['__proto__', 'toString', ...Array.from({ length: 1100 }, (_, n) => `m${n}`)]
        for (const id of ids) {
            const responses = JSON.parse(`{${JSON.stringify(id)}: null}`)
            state = measure(state, {
                played: {
                    module: 'kibitz', method: 'sent', when: 1, body: { cookie: '1', responses }
                },
                outcome: null, entries: [], dispatches: [], member
            })
        }
        const { failures } = state
        assert.equal(Object.keys(failures).length, 1025)
        assert.equal(Object.getOwnPropertyDescriptor(failures, '__proto__')?.value, 1)
        assert.equal(failures['toString'], 1)
        assert.equal(failures['other'], 1102 - 1024)
    })
})
