import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { trial } from '../../src/testing/trial.js'
import { put, Store } from './store.js'

/** The longest run of the child, in milliseconds. */
const CHILD_MS = 60_000

const FEW = { application: () => new Store(), workload: put, seeds: 1, operations: 5 }

describe('a mistake in a trial is named', () => {
    test('an option application that returns no application', async () => {
        const cases: [unknown, RegExp][] = [
            [() => undefined, /returned undefined, which has no method apply.*=> new Store\(\)/],
            [async () => new Store(), /returned a promise, which has no method apply/],
            [() => ({ apply: () => 1 }), /has no method snapshot/]
        ]
        for (const [application, message] of cases) {
            await assert.rejects(trial({ ...FEW, application: application as never }),
                { code: 'invalid-argument', message })
        }
    })

    test('a model that lacks an operation', async () => {
        const workload: typeof put = async (context) => {
            await context.operation({ name: 'put' }, () => put(context))
        }
        const initial = (): number => 0
        const thrower = (): never => {
            throw new Error('unknown name')
        }
        for (const [step, message] of [
            [() => undefined, /step of the model returned undefined for the operation .*"put"/],
            [thrower, /step of the model threw Error: unknown name for the operation .*"put"/]
        ] as const) {
            await assert.rejects(
                trial({ ...FEW, workload, model: { initial, step: step as never } }),
                { code: 'invalid-argument', message })
        }
    })

    test('a model without a recorded operation', async () => {
        const model = { initial: () => 0, step: () => ({ state: 0, result: 0 }) }
        await assert.rejects(trial({ ...FEW, model }),
            { code: 'invalid-argument', message: /model has checked nothing.*operation/ })
    })

    test('a workload that forgets to await a publish', async () => {
        // A process of its own, because the test runner takes unhandled rejections for itself.
        const { NODE_TEST_CONTEXT: _, ...env } = process.env
        const program = fileURLToPath(new URL('print-mistake.js', import.meta.url))
        const { stdout } = await promisify(execFile)(
            process.execPath, [program], { env, timeout: CHILD_MS, killSignal: 'SIGKILL' })
        assert.match(stdout, /^Seed \d+ found a fault \(workload-error\)\. A call of kibitz was re/)
        assert.match(stdout, /no code waits for it: .*missing await in the workload/)
    })
})
