import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'
import { type CronClass, Jobs, type JobRun } from '../../src/recipes/index.js'
import { jobLife } from './job-life.js'
import { RecipeService } from './service.js'

const SEEDS = Number(process.env['KIBITZ_RECIPE_SEEDS'] ?? 10)

const { Cron } = createRequire(import.meta.url)('croner') as { Cron: CronClass }

type Service = RecipeService<{ jobs: Jobs<number> }>

async function found(ids: readonly string[] = ['a', 'b', 'c']): Promise<Service> {
    const service = new RecipeService(() => ({ jobs: new Jobs<number>({ Cron }) }))
    await service.found(...ids)
    return service
}

/** Resolves when a member knows the end of a job. */
async function ended(service: Service, id: string, key: string): Promise<string> {
    const { colleague, parts } = service.member(id)
    for (;;) {
        const state = parts.jobs.job(key)?.state
        if (state === 'done' || state === 'failed') {
            return state
        }
        await colleague.barrier()
    }
}

describe('the lives of jobs', { timeout: 3_600_000 }, () => {
    for (const pauses of [false, true]) {
        const name = pauses ? ', also if processes pause' : ''
        test(`end every job, and never run two attempts at a time${name}`, async () => {
            for (let seed = 1; seed <= SEEDS; seed++) {
                const life = await jobLife({ seed, pauses })
                const right = { overlaps: 0, fallingTokens: 0, unended: 0, unrun: 0 }
                assert.deepEqual({ ...life, ...right }, life, `seed ${seed}`)
            }
        })
    }
})

describe('jobs of three members', { timeout: 60_000 }, () => {
    test('run once for each key, spread over the members', async () => {
        await using service = await found()
        const runs: string[] = []
        const members = new Set<string>()
        for (const id of ['a', 'b', 'c']) {
            void service.at(id).jobs.work(({ key, payload }: JobRun<number>) => {
                runs.push(`${key} ${payload}`)
                members.add(id)
            }).catch(() => {})
        }
        const added = await Promise.all(['a', 'b', 'c'].flatMap((id) =>
            Array.from({ length: 10 }, (_, job) => service.at(id).jobs.enqueue(`k${job}`, job))))
        assert.equal(added.filter((isNew) => isNew).length, 10)
        for (let job = 0; job < 10; job++) {
            assert.equal(await ended(service, 'a', `k${job}`), 'done')
        }
        assert.deepEqual(runs.sort(), Array.from({ length: 10 }, (_, job) => `k${job} ${job}`))
        assert.ok(members.size > 1)
        assert.equal(await service.at('b').jobs.enqueue('k0', 0), false)
        assert.equal(service.at('a').jobs.jobs().length, 0)
        assert.equal(service.at('a').jobs.past().length, 10)
    })

    test('run again after an error, and fail after the last attempt', async () => {
        await using service = await found(['a'])
        const { jobs } = service.at('a')
        const attempts: number[] = []
        void jobs.work(({ attempt, payload }) => {
            attempts.push(attempt)
            if (attempt < payload) {
                throw new RangeError('mine')
            }
        }).catch(() => {})
        await jobs.enqueue('later', 3, { backoff: 10 })
        assert.equal(await ended(service, 'a', 'later'), 'done')
        await jobs.enqueue('never', 100, { backoff: 1, attempts: 2 })
        assert.equal(await ended(service, 'a', 'never'), 'failed')
        assert.deepEqual(attempts, [1, 2, 3, 1, 2])
        assert.deepEqual(jobs.past().at(-1),
            { key: 'never', state: 'failed', attempt: 2, error: 'RangeError: mine' })
    })

    test('run at another member, with a larger token, after a crash', async () => {
        await using service = await found()
        const [, other, third] = service.leaderAndOthers()
        assert.ok(other !== undefined && third !== undefined)
        const first = await new Promise<JobRun<number>>((resolve) => {
            const { jobs } = service.at(other)
            void jobs.work((job) => {
                resolve(job)
                return new Promise(() => {})
            }, { ttl: 500 }).catch(() => {})
            void jobs.enqueue('x', 1, { backoff: 10 })
        })
        const second = new Promise<JobRun<number>>((resolve) => {
            void service.at(third).jobs.work(resolve, { ttl: 500 }).catch(() => {})
        })
        await service.crash(other)
        assert.equal(first.signal.aborted, true)
        const { attempt, token } = await second
        assert.equal(attempt, 2)
        assert.notEqual(token, first.token)
        assert.equal(await ended(service, third, 'x'), 'done')
    })

    test('are added by a schedule once in the republic', async () => {
        await using service = await found()
        const runs: string[] = []
        let arrive: () => void = () => {}
        for (const id of ['a', 'b', 'c']) {
            const { jobs } = service.at(id)
            jobs.schedule('tick', '* * * * * *', 7, { timezone: 'UTC' })
            void jobs.work(({ key }) => {
                runs.push(key)
                arrive()
            }).catch(() => {})
        }
        while (runs.length < 3) {
            await new Promise<void>((resolve) => { arrive = resolve })
        }
        assert.equal(new Set(runs).size, runs.length)
        assert.match(runs[0] ?? '', /^tick@\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
    })

    test('stop after the running jobs, and give the other jobs away', async () => {
        await using service = await found(['a', 'b'])
        const { jobs } = service.at('a')
        let begin: () => void = () => {}
        const begun = new Promise<void>((resolve) => { begin = resolve })
        const working = jobs.work(async ({ signal }) => {
            begin()
            await once(signal, 'abort')
        })
        await jobs.enqueue('x', 1)
        await begun
        await service.member('a').composition.stop()
        await working
        assert.equal(jobs.job('x')?.state, 'done')
        void service.at('b').jobs.work(() => {}).catch(() => {})
        await jobs.enqueue('y', 1)
        assert.equal(await ended(service, 'a', 'y'), 'done')
    })

    test('refuse mistakes', async () => {
        const jobs = new Jobs()
        const wrong = { code: 'invalid-argument' }
        await assert.rejects(jobs.work(null as never), wrong)
        await assert.rejects(jobs.enqueue('x', 1), wrong)
        assert.throws(() => jobs.schedule('x', '* * * * *', 1), { ...wrong, message: /croner/ })
        assert.throws(() => new Jobs({ Cron: 1 as never }), wrong)
        await using service = await found(['a'])
        const full = service.at('a').jobs
        await assert.rejects(full.enqueue('', 1), wrong)
        await assert.rejects(full.enqueue('x', 1, { backoff: 0 }), wrong)
    })
})
