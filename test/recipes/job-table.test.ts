import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Monotonic } from '../../src/base/monotonic.js'
import type { Job, JobCommand, JobOutcome } from '../../src/recipes/job-commands.js'
import { JobTable } from '../../src/recipes/job-table.js'
import { fromLines } from '../../src/recipes/lines.js'
import { chunksOf } from './chunks-of.js'

const key = fc.constantFrom('p', 'q', 'r', 's')
const id = fc.constantFrom('1', '2', '3')
const promise = fc.integer({ min: 1, max: 60 }).map((at) => `1/${at.toString(16)}`)
const BOUNDS = { pastMax: 3 }

/** A step of a publisher. The token and the extension are those of the state, or wrong. */
const step = fc.record({
    by: fc.constantFrom('a', 'b'),
    isRight: fc.boolean(),
    command: fc.oneof(
        key.map((each) => ({
            do: 'enqueue' as const, key: each, payload: { each }, attempts: 2, backoff: 10,
            jobsMax: 3
        })),
        fc.record({
            do: fc.constant('work' as const), id, session: fc.constant('s'),
            ttl: fc.constant(1000), capacity: fc.constantFrom(1, 2)
        }),
        fc.record({ do: fc.constant('extend' as const), id }),
        id.map((each) => ({ do: 'leave' as const, id: each, ...BOUNDS })),
        fc.record({ id, extended: promise }).map((some) =>
            ({ do: 'expire' as const, ...some, ...BOUNDS })),
        fc.record({ key, token: promise, error: fc.constantFrom('', 'broken') }).map((some) =>
            ({ do: 'end' as const, ...some, ...BOUNDS })),
        fc.record({ do: fc.constant('retry' as const), key, attempt: fc.constantFrom(1, 2) })
    )
})

function plain(given: (job: Job) => void = () => {}): JobTable {
    return new JobTable({ kept: () => {}, ended: () => {}, given, paused: () => {} })
}

function applyTo(
    table: JobTable, { by, isRight, command }: {
        readonly by: string, readonly isRight: boolean, readonly command: JobCommand
    }, at: string
): JobOutcome {
    let body = command
    if (isRight && command.do === 'end') {
        body = { ...command, token: table.jobs.get(command.key)?.token || '1/0' }
    } else if (isRight && command.do === 'expire') {
        body = { ...command, extended: table.workers.get(command.id)?.extended ?? '1/0' }
    }
    table.validate(body)
    return table.apply({ promise: at, publisher: by, immigrated: '1/0', body })
}

describe('the job table', () => {
    test('gives each job to one worker, and loses none', () => {
        fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
            const tokens = new Map<string, string>()
            const table = plain(({ key: given, token }) => {
                assert.ok(Monotonic.compare(tokens.get(given) ?? '0/0', token) < 0)
                tokens.set(given, token)
            })
            const added = new Set<string>()
            for (const [index, each] of steps.entries()) {
                const { state } = applyTo(table, each, `1/${(index + 1).toString(16)}`)
                if (each.command.do === 'enqueue' && state === 'done') {
                    added.add(each.command.key)
                }
                assert.ok(table.jobs.size <= 3 && table.past.size <= 3)
                const jobs = [...table.jobs.values()]
                for (const worker of table.workers.values()) {
                    const load = jobs.filter((job) => job.worker === worker.id).length
                    // A worker that came back under its id with a lower capacity keeps its jobs.
                    assert.ok(load <= 2)
                }
                for (const job of jobs) {
                    assert.equal(job.state === 'running', job.worker !== '')
                    assert.equal(job.state === 'running', job.token !== '')
                    assert.ok(job.worker === '' || table.workers.has(job.worker))
                    assert.ok(job.attempt <= 2)
                }
                // A job waits only while no worker is free.
                const isFree = [...table.workers.values()].some(({ id: worker, capacity }) =>
                    jobs.filter((job) => job.worker === worker).length < capacity)
                assert.ok(!isFree || jobs.every((job) => job.state !== 'ready'))
                assert.ok(table.past.size === 3
                    || [...added].every((job) => table.find(job) !== undefined))
            }
        }), { numRuns: 500 })
    })

    test('is equal after a snapshot at any step', async () => {
        await fc.assert(fc.asyncProperty(
            fc.array(step, { maxLength: 60 }), fc.nat(60), async (steps, cut) => {
                let table = plain()
                const other = plain()
                for (const [index, each] of steps.entries()) {
                    const at = `1/${(index + 1).toString(16)}`
                    if (index === cut) {
                        const copy = plain()
                        await copy.restore(fromLines(chunksOf(table.snapshot())))
                        table = copy
                    }
                    assert.deepEqual(applyTo(table, each, at), applyTo(other, each, at))
                }
                assert.equal(JSON.stringify([...table.snapshot()]),
                    JSON.stringify([...other.snapshot()]))
            }), { numRuns: 200 })
    })

    test('adds a job of a schedule once for each time', () => {
        const table = plain()
        const add = (at: number): string => applyTo(table, { by: 'a', isRight: false, command: {
            do: 'enqueue', key: `x@${at}`, payload: null, attempts: 1, backoff: 1, jobsMax: 10,
            schedule: { name: 'x', at }
        } }, '1/1').state
        assert.deepEqual([10, 10, 20, 10, 15, 30].map(add),
            ['done', 'known', 'done', 'known', 'known', 'done'])
    })

    test('refuses values that are no commands', () => {
        for (const value of [
            null, {}, { do: 'toString' }, { do: 'retry', key: 'x', attempt: 0 },
            { do: 'work', id: 'x', session: 's', capacity: 1, ttl: 0 },
            { do: 'end', key: 'x', token: '1/1', pastMax: 1, error: 'x'.repeat(1001) },
            { do: 'enqueue', key: '', attempts: 1, backoff: 1, jobsMax: 1 },
            { do: 'enqueue', key: 'x', attempts: 1, backoff: 1, jobsMax: 1, schedule: {} }
        ]) {
            assert.throws(() => plain().validate(value as never), { code: 'invalid-argument' })
        }
    })
})
