import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HeldLease } from '../../src/recipes/held-lease.js'
import type { Job } from '../../src/recipes/job-commands.js'
import { LocalWorker } from '../../src/recipes/job-worker.js'
import { WoundHost } from './wound-host.js'

const TERMS = { ttl: 900, margin: 100 }
const JOB: Job = {
    key: 'x', payload: 1, attempts: 3, backoff: 100, attempt: 1, state: 'running', worker: 'w',
    token: '1/1', error: ''
}

describe('a worker of this process', () => {
    test('runs a job that comes while the lease waits for its extension', async () => {
        const clock = new WoundHost()
        let isExtended: (isValid: boolean) => void = () => {}
        const lease = new HeldLease('a worker', '1/0', 0, TERMS, clock.host, () =>
            new Promise((resolve) => { isExtended = resolve }))
        const runs: string[] = []
        const worker = new LocalWorker(({ key }) => runs.push(key), clock.host, async () => {})
        worker.begin(lease)
        await clock.pass(301)
        clock.stall(600)
        // The process was busy. It applies the extension and the job in one turn.
        assert.equal(lease.remainingMs, 0)
        worker.give(JOB)
        isExtended(true)
        await clock.pass(100)
        assert.ok(lease.remainingMs > 0)
        assert.deepEqual(runs, ['x'])
    })

    test('runs no job after the end of its lease', async () => {
        const clock = new WoundHost()
        const lease = new HeldLease('a worker', '1/0', 0, TERMS, clock.host, async () => false)
        const worker = new LocalWorker(() => assert.fail(), clock.host, async () => {})
        worker.begin(lease)
        clock.stall(900)
        worker.give(JOB)
        await clock.pass(2000)
        assert.equal(lease.hasEnded, true)
    })

    test('publishes the end of an attempt until the log answers', async () => {
        const clock = new WoundHost()
        const lease = new HeldLease('a worker', '1/0', 0, TERMS, clock.host, async () => true)
        const ends: string[] = []
        const worker = new LocalWorker(() => {}, clock.host, ({ key }) => ends.push(key) === 1
            ? Promise.reject(new Error('The publish took too long.'))
            : Promise.resolve())
        worker.begin(lease)
        worker.give(JOB)
        await clock.pass(1000)
        await worker.ended()
        assert.deepEqual(ends, ['x', 'x'])
    })
})
