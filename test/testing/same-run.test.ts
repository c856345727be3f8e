import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { drawPlan } from '../../src/testing/plan.js'
import { virtual } from '../../src/testing/virtual.js'
import { digests } from './digests.js'

/** The number of seeds; the environment variable raises the number. */
const SEEDS = Number(process.env['KIBITZ_TRIAL_SEEDS'] ?? 4)

/** Further programs of Node, separated by `:`. `npm test` knows the running one only. */
const NODES = (process.env['KIBITZ_TRIAL_NODES'] ?? '').split(':').filter((path) => path !== '')

/** The longest run of a child, in milliseconds. */
const CHILD_MS = 600_000

const PROGRAM = fileURLToPath(new URL('print-digests.js', import.meta.url))

function digestOf(text: string): string {
    return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

describe('a seed', () => {
    test('gives the same run in another process, and in other versions of Node', async () => {
        const expected = await digests(SEEDS)
        const { NODE_TEST_CONTEXT: _, ...env } = process.env
        for (const node of [process.execPath, ...NODES]) {
            const { stdout } = await promisify(execFile)(
                node, [PROGRAM, String(SEEDS)], { env, timeout: CHILD_MS, killSignal: 'SIGKILL' })
            assert.equal(stdout, expected, node)
        }
    })

    test('draws the same plan in every version of Node', () => {
        const limits = { members: 3, operations: 60, hours: 0.1, faults: 'all' } as const
        const plans = Array.from({ length: 200 }, (_, seed) => drawPlan(seed, limits))
        assert.equal(digestOf(JSON.stringify(plans)), '10388c920410947e')
    })

    test('gives timers, promises and ticks one order in every version of Node', async () => {
        const events = await virtual(async () => {
            const seen: string[] = []
            const note = (name: string): void => {
                seen.push(`${performance.now()} ${name} ${Math.random()}`)
            }
            const chain = async (name: string, length: number): Promise<void> => {
                for (let step = 0; step < length; step++) {
                    note(`${name} ${step}`)
                    await null
                    process.nextTick(note, `tick after ${name} ${step}`)
                }
            }
            setTimeout(() => void chain('timer', 3), 5)
            const interval = setInterval(() => void chain('interval', 2), 5)
            setImmediate(() => void chain('immediate', 3))
            const [late] = [setTimeout(() => note('late'), 7)]
            await Promise.all([chain('one', 4), chain('other', 2)])
            late.refresh()
            await new Promise((resolve) => setTimeout(resolve, 18))
            clearInterval(interval)
            return seen
        }, { seed: 7 })
        assert.equal(events.length, 37)
        assert.equal(digestOf(events.join('\n')), '0a4f007d9b9cd16c')
    })
})
