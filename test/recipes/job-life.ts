import { Jobs } from '../../src/recipes/jobs.js'
import { Monotonic } from '../../src/base/monotonic.js'
import { LeaseWorld } from './lease-world.js'

const END_MS = 20_000
const JOBS = 30

/** The findings of a life. */
export interface JobFindings {
    readonly attempts: number
    /** Instants with two unaborted attempts of one job, at members that run. */
    readonly overlaps: number
    /** Attempts whose token was not larger than that of an earlier attempt. */
    readonly fallingTokens: number
    /** Jobs that had not ended after all faults. */
    readonly unended: number
    /** Jobs that never ran. */
    readonly unrun: number
}

/** A life of three members that run jobs; a fifth of the attempts fails. */
export async function jobLife(options: {
    readonly seed: number, readonly pauses?: boolean
}): Promise<JobFindings> {
    const world = new LeaseWorld(options.seed, { rates: [1.05, 0.95, 1], delayMax: 60 },
        () => new Jobs())
    const { chance, members } = world
    const running = new Map<object, { key: string, signal: AbortSignal, member: number }>()
    const newest = new Map<string, string>()
    const found = { attempts: 0, overlaps: 0, fallingTokens: 0 }
    for (const [index, member] of members.entries()) {
        void (member.part as unknown as Jobs).work(async ({ key, token, signal }) => {
            const run = { key, signal, member: index }
            found.attempts++
            const isFalling = Monotonic.compare(token, newest.get(key) ?? '0/0') <= 0
            found.fallingTokens += isFalling ? 1 : 0
            newest.set(key, isFalling ? newest.get(key) ?? token : token)
            running.set(run, run)
            for (let turn = chance.within(0, 10); turn > 0 && !signal.aborted; turn--) {
                await world.sleep(member, 100)
            }
            running.delete(run)
            signal.throwIfAborted()
            // Later errors would make the last pauses longer than the life.
            if (world.time < END_MS && chance.within(1, 5) === 1) {
                throw new Error('The job is broken this time.')
            }
        }, { ttl: 1000, capacity: 2 }).catch(() => {})
    }
    for (let job = 0; job < JOBS; job++) {
        world.plan(chance.within(0, END_MS / 2), () => {
            const { part } = members[chance.within(0, 2)] ?? {}
            const jobs = part as unknown as Jobs
            void jobs.enqueue(`job ${job}`, job, { backoff: 100, attempts: 100 }).catch(() => {})
        })
    }
    for (let at = 500; at < END_MS; at += chance.within(300, 3000)) {
        const member = members[chance.within(0, 2)]
        world.plan(at, () => {
            if (member !== undefined && options.pauses === true && chance.within(0, 1) === 0) {
                member.pausedUntil = world.time + chance.within(10, 3000)
            } else if (member !== undefined) {
                member.isCut = true
                world.plan(chance.within(10, 3000), () => world.heal())
            }
        })
    }
    const check = (): void => {
        const keys = [...running.values()].filter(({ signal, member }) => {
            const of = members[member]
            return of !== undefined && world.isRunning(of) && !signal.aborted
        }).map(({ key }) => key)
        found.overlaps += new Set(keys).size < keys.length ? 1 : 0
    }
    await world.run(END_MS, check)
    world.heal()
    await world.run(END_MS + 60_000, check)
    const [first] = members
    const jobs = first?.part as unknown as Jobs
    const all = Array.from({ length: JOBS }, (_, job) => `job ${job}`)
    return {
        ...found,
        unended: all.filter((key) => jobs.job(key)?.state !== 'done').length,
        unrun: all.filter((key) => !newest.has(key)).length
    }
}
