import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { trial, type TrialError } from '../../src/testing/trial.js'
import { virtual } from '../../src/testing/virtual.js'
import { put, Store } from './store.js'

/** The longest run of a child, in milliseconds. */
const CHILD_MS = 60_000

const FEW = { application: () => new Store(), workload: put, seeds: 2, operations: 5 }

const HERE = fileURLToPath(import.meta.url)

describe('uses of the virtual clock', () => {
    test('wait for each other, wherever the calls come from', async () => {
        const order: string[] = []
        const use = async (name: string): Promise<void> => {
            await virtual(() => new Promise((resolve) => setTimeout(resolve, 1000)))
            order.push(name)
        }
        const first = trial({
            ...FEW, operations: 100,
            workload: async (context) => {
                await put(context)
                order.push('workload')
            }
        }).then(() => order.push('first'))
        // A call from outside during the first use: after a read of a file, which is no turn of
        // the virtual clock.
        const second = readFile(HERE).then(async () => {
            assert.ok(!order.includes('first'))
            await use('second')
        })
        await Promise.all([first, second, use('third')])
        // A call directly after the last turn of a use.
        await use('fourth')
        assert.deepEqual(order.filter((name) => name !== 'workload').sort(),
            ['first', 'fourth', 'second', 'third'])
        assert.equal(order.at(-1), 'fourth')
    })

    test('are refused at the start and later, also in virtual', async () => {
        for (const ms of [0, 5]) {
            await assert.rejects(virtual(async () => {
                await (ms === 0 ? null : new Promise((resolve) => setTimeout(resolve, ms)))
                await trial(FEW)
            }), { code: 'invalid-argument', message: /trial was called inside virtual/ })
        }
        await assert.rejects(virtual(() => {
            throw new Error('at once')
        }), /at once/)
    })

    test('inside a use, after a real call of the system, are named at the end', async () => {
        const inner: Promise<unknown>[] = []
        const error = await trial({
            ...FEW, faults: 'none', shrinks: 0,
            workload: async () => {
                await readFile(HERE)
                inner.push(trial(FEW))
                await inner[0]
            }
        }).catch((reason: unknown) => reason as TrialError) as TrialError
        assert.equal(error.finding.kind, 'stuck')
        assert.match(error.message, /calls of kibitz\/testing wait for the end of this one \(\d+\)/)
        await Promise.all(inner)
    })

    test('let Node follow no promise', async () => {
        const { NODE_TEST_CONTEXT: _, ...env } = process.env
        const program = fileURLToPath(new URL('print-hooks.js', import.meta.url))
        const { stdout } = await promisify(execFile)(
            process.execPath, [program], { env, timeout: CHILD_MS, killSignal: 'SIGKILL' })
        assert.equal(stdout, '0')
    })
})
