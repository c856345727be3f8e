import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { Jobs, Leadership, Locks } from '../../src/recipes/index.js'
import { RecipeService } from './service.js'

/** The limit of a stop without a majority. A publish would wait for 30 s. */
const STOP_MS = 15_000

type Parts = {
    readonly locks: Locks, readonly office: Leadership, readonly jobs: Jobs<number>
}

/** How a member begins to use a recipe: resolves when the routine runs. */
const USES: Readonly<Record<string, (parts: Parts) => Promise<AbortSignal>>> = {
    'a lock': ({ locks }) => new Promise((resolve) => {
        void locks.using('x', {}, async ({ signal }) => {
            resolve(signal)
            await once(signal, 'abort')
        })
    }),
    'a leadership': ({ office }) => new Promise((resolve) => {
        office.whileLeading(async (signal) => {
            resolve(signal)
            await once(signal, 'abort')
        }).catch(() => {})
    }),
    'a worker': ({ jobs }) => new Promise((resolve) => {
        jobs.work(async ({ signal }) => {
            resolve(signal)
            await once(signal, 'abort')
        }).catch(() => {})
        jobs.enqueue('x', 1).catch(() => {})
    })
}

describe('the stop of a member without a majority', { timeout: 120_000 }, () => {
    for (const [name, use] of Object.entries(USES)) {
        test(`ends ${name} within two seconds after the routine`, async () => {
            await using service = new RecipeService<Parts>(() => ({
                locks: new Locks(), office: new Leadership({ of: 'lease' }), jobs: new Jobs()
            }))
            await service.found('a', 'b', 'c')
            const [, follower] = service.leaderAndOthers()
            const { composition, parts } = service.member(follower ?? '')
            const signal = await use(parts)
            service.network.isolate(follower ?? '')
            const beganAt = performance.now()
            await composition.stop()
            assert.equal(signal.aborted, true)
            const stoppedMs = performance.now() - beganAt
            assert.ok(stoppedMs < STOP_MS, `${stoppedMs} ms`)
        })
    }
})
