import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KibitzError } from '../../src/index.js'
import { drawPlan, TRIAL_FAULTS } from '../../src/testing/plan.js'
import { trial, type TrialError } from '../../src/testing/trial.js'
import { type RunOutcome, TrialRun } from '../../src/testing/trial-run.js'
import { virtual } from '../../src/testing/virtual.js'
import { put, Store } from './store.js'

/** The number of seeds for a correct application; `npm test` tries fewer. */
const SEEDS = Number(process.env['KIBITZ_TRIAL_SEEDS'] ?? 40)

const LIMITS = { members: 3, operations: 60, hours: 0.01, faults: 'all' } as const

function run(seed: number): Promise<RunOutcome> {
    const parts = {
        application: () => new Store(), workload: put, options: {}, stateMax: 1e9, model: null
    }
    return new TrialRun(parts as never, drawPlan(seed, LIMITS)).run()
}

async function fault(trying: Promise<unknown>): Promise<TrialError> {
    const error = await trying.then(() => null, (reason: unknown) => reason)
    assert.ok(error instanceof KibitzError, String(error))
    return error as TrialError
}

describe('a trial', () => {
    test('of a correct application finds no fault, and meets every kind of fault', async () => {
        const result = await trial({
            application: () => new Store(), workload: put, seeds: SEEDS, operations: 60,
            hours: 0.01, faults: Object.fromEntries(TRIAL_FAULTS.map((kind) => [kind, 2]))
        })
        assert.deepEqual([result.runs, result.missing], [SEEDS, []])
        assert.ok(result.entries > SEEDS * 20, `${result.entries} entries`)
        assert.ok(result.restorations > SEEDS / 2, `${result.restorations} restorations`)
    })

    test('gives the same run for the same seed', async () => {
        for (const seed of [2, 3, 5]) {
            const [one, other] = [await run(seed), await run(seed)]
            assert.equal(one.lines.join('\n'), other.lines.join('\n'), `seed ${seed}`)
            assert.deepEqual(one.counts, other.counts)
        }
    })

    test('gives other runs for other seeds', async () => {
        const [one, other] = [await run(1), await run(2)]
        assert.notEqual(one.lines.join('\n'), other.lines.join('\n'))
    })

    test('restores the timers, the clocks and the randomness, also after a fault', async () => {
        const functions = (): unknown[] => [
            setTimeout, setImmediate, clearTimeout, setInterval, Date, Date.now, Math.random,
            AbortSignal.timeout, process.hrtime
        ]
        const before = functions()
        const startedAt = Date.now()
        await assert.rejects(trial({
            application: () => new Store(), seeds: 1, shrinks: 0,
            workload: () => {
                throw new Error('planted')
            }
        }), /planted/)
        assert.deepEqual(functions(), before)
        assert.ok(Date.now() - startedAt < 600_000)
    })

    test('shrinks a fault, and repeats the fault by the line of the message', async () => {
        const broken = {
            application: () => new Store(),
            workload: async (context: Parameters<typeof put>[0]): Promise<void> => {
                await put(context)
                const { application } = context.client(0)
                assert.ok(application.values.size < 4, 'four keys')
            }
        }
        const error = await fault(trial({ ...broken, seeds: 20 }))
        assert.deepEqual([error.code, error.finding.kind], ['application-failed', 'workload-error'])
        assert.match(error.message, /four keys[\s\S]*reproduce: 'seed=1 members=1 operations=\d /)
        assert.match(error.reproduce, /faults=none$/)
        const again = await fault(trial({ ...broken, reproduce: error.reproduce }))
        assert.equal(again.message, error.message)
        assert.deepEqual(again.events, error.events)
    })

    test('of many hours reports its progress, and ends on a signal', async () => {
        const end = new AbortController()
        const reports: [number, number, number][] = []
        const error = await fault(trial({
            application: () => new Store(), workload: put, faults: 'all', members: 3, seeds: [3],
            hours: 900, operations: 1000, signal: end.signal,
            progress: (done, all, { seed, seconds }) => {
                reports.push([done, all, seed])
                if (seconds > 100) {
                    end.abort(new Error('enough'))
                }
            }
        }))
        assert.deepEqual([error.code, error.cause], ['aborted', end.signal.reason])
        assert.match(error.message, /0 of 1 seeds have found no fault/)
        assert.deepEqual(reports[0], [0, 1, 3])
        await assert.rejects(trial({
            application: () => new Store(), workload: put, signal: end.signal
        }), { code: 'aborted' })
    })

    test('reports a fault that it was shrinking at the signal', async () => {
        const end = new AbortController()
        let calls = 0
        const error = await fault(trial({
            application: () => new Store(), seeds: 1, operations: 50, signal: end.signal,
            workload: async (context) => {
                await put(context)
                calls++
                if (calls === 60) {
                    end.abort()
                }
                assert.ok(context.round < 3, 'three rounds')
            }
        }))
        assert.equal(error.finding.kind, 'workload-error')
        assert.match(error.message, /three rounds/)
    })

    test('runs after an earlier trial has ended', async () => {
        const few = { application: () => new Store(), workload: put, seeds: 1, operations: 5 }
        const [one, other] = await Promise.all([trial(few), trial(few)])
        assert.deepEqual(one, other)
    })

    test('refuses a call inside another call', async () => {
        const few = { application: () => new Store(), seeds: 1, operations: 2 }
        const error = await fault(trial({
            ...few, workload: () => trial({ ...few, workload: put })
        }))
        assert.equal(error.finding.kind, 'workload-error')
        assert.match(error.message, /trial was called inside trial.*call trial after/)
        await assert.rejects(virtual(() => trial({ ...few, workload: put })),
            { code: 'invalid-argument', message: /trial was called inside virtual/ })
        assert.equal((await trial({ ...few, workload: put })).runs, 1)
    })

    test('refuses unusable options', async () => {
        const good = { application: () => new Store(), workload: put }
        const cases: [object, RegExp][] = [
            [{}, /application/],
            [{ ...good, members: 0 }, /members/],
            [{ ...good, faults: ['rain'] }, /faults.*drop/],
            [{ ...good, hours: Number.NaN }, /hours/],
            [{ ...good, reproduce: 'seed=x' }, /is no plan of a trial/],
            [{ ...good, options: { journal: null } }, /chooses the option journal/]
        ]
        for (const [options, message] of cases) {
            const error = await fault(trial(options as never))
            assert.equal(error.code, 'invalid-argument')
            assert.match(error.message, message)
        }
    })
})
