import assert from 'node:assert/strict'
import { Monotonic } from '../../src/base/monotonic.js'
import {
    compose, type Composition, Counter, Jobs, Leadership, type Lease, Locks, RateLimit,
    ReplicatedMap, Sequence
} from '../../src/recipes/index.js'
import type { MemberLife, WorkloadContext } from '../../src/testing/index.js'

/** The parts of the tried composition. */
export type TriedParts = {
    readonly map: ReplicatedMap<number>, readonly locks: Locks, readonly office: Leadership,
    readonly post: Leadership, readonly jobs: Jobs<number>, readonly visits: Counter,
    readonly ids: Sequence, readonly blocks: Sequence, readonly limit: RateLimit
}

/** The permits of the rate limit, and the time in which they come back, in ms. */
export const LIMIT = { limit: 5, per: 10_000 } as const

/** Makes the parts of a member. */
function triedParts(): TriedParts {
    return {
        map: new ReplicatedMap<number>({ entriesMax: 6 }), locks: new Locks(),
        office: new Leadership({ ttl: 2000 }),
        post: new Leadership({ of: 'lease', ttl: 1000, margin: 300 }),
        jobs: new Jobs<number>({ pastMax: 20 }), visits: new Counter(), ids: new Sequence(),
        blocks: new Sequence({ block: 4 }), limit: new RateLimit(LIMIT)
    }
}

/** The work of one run of a trial, and the promises of the recipes that the run has seen. */
export class TrialWork {
    /** The leases whose routines run, by lock. */
    readonly #held = new Map<string, Set<Lease>>()
    /** The signals of the leaders, by leadership. */
    readonly #leading = new Map<string, Set<AbortSignal>>()
    readonly #attempts = new Map<string, Set<AbortSignal>>()
    readonly #tokens = new Map<string, Monotonic>()
    readonly #numbers = new Set<string>()
    readonly #startedAt = performance.now()
    /** The value that the counter has at least. */
    #visits = 0
    #permits = 0
    /** The broken promises that a routine has seen. A job's own errors end only its attempt. */
    readonly #broken: unknown[] = []
    readonly #done: Record<string, number>

    /** @param done Counts the uses of each recipe that reached their ends. */
    constructor(done: Record<string, number>) {
        this.#done = done
    }

    /** One piece of work. */
    async work(context: WorkloadContext<Composition<TriedParts>>): Promise<void> {
        const { random, client, members } = context
        // Every member that runs watches the leases.
        for (let index = 0; index < members; index++) {
            const each = client(index)
            if (each.isUp) {
                each.application.connect(each.colleague)
            }
        }
        const { parts } = client(Math.floor(random() * members)).application
        const pieces = [
            this.#map, this.#lock, this.#lead, this.#count, this.#enqueue, this.#runJobs,
            this.#limit
        ]
        const piece = pieces[Math.floor(random() * pieces.length)] ?? this.#map
        await piece.call(this, parts, context)
        const name = piece.name.slice(1)
        this.#done[name] = (this.#done[name] ?? 0) + 1
        for (const broken of this.#broken) {
            throw broken
        }
    }

    async #map({ map }: TriedParts, { random }: WorkloadContext): Promise<void> {
        const key = `key ${Math.floor(random() * 8)}`
        switch (Math.floor(random() * 4)) {
            case 0: {
                const version = await map.set(key, random())
                assert.ok(Monotonic.compare(map.version, version) >= 0)
                break
            }
            case 1:
                await map.delete(key)
                break
            case 2: {
                const before = await map.get(key, 'linearizable')
                await map.compareAndSet(key, before, random())
                break
            }
            default:
                // Both keys change together at all members.
                await map.transaction((view) => {
                    assert.equal(view.get('left'), view.get('right'))
                    const value = random()
                    view.set('left', value)
                    view.set('right', value)
                })
        }
    }

    async #lock({ locks }: TriedParts, { random, sleep }: WorkloadContext): Promise<void> {
        const [name, permits] = random() < 0.7 ? ['one', 1] as const : ['two', 2] as const
        const ttl = 300 + Math.floor(random() * 3000)
        await locks.using(name, { ttl, permits, timeout: 10_000 }, async (lease) => {
            const held = this.#held.get(name) ?? new Set()
            this.#held.set(name, held.add(lease))
            if (permits === 1) {
                this.#rejectLowerToken(name, lease.token)
            }
            for (let step = Math.floor(random() * 6); step >= 0; step--) {
                const sure = [...held].filter((each) => each.remainingMs > 0)
                assert.ok(sure.length <= permits, `${sure.length} leases of ${name}`)
                await sleep(random() * 400)
            }
            held.delete(lease)
        })
    }

    async #lead(parts: TriedParts, { random, sleep }: WorkloadContext): Promise<void> {
        const name = random() < 0.5 ? 'office' : 'post'
        const limit = AbortSignal.timeout(8000)
        await parts[name].whileLeading(async (signal, token) => {
            const leading = this.#leading.get(name) ?? new Set()
            this.#leading.set(name, leading.add(signal))
            this.#rejectLowerToken(name, token)
            for (let step = Math.floor(random() * 4); step >= 0 && !signal.aborted; step--) {
                const leaders = [...leading].filter((each) => !each.aborted)
                assert.ok(leaders.length <= 1, `${leaders.length} leaders of ${name}`)
                await sleep(random() * 300)
            }
            leading.delete(signal)
        }, { signal: limit })
    }

    async #count(
        { visits, ids, blocks }: TriedParts, { random }: WorkloadContext
    ): Promise<void> {
        if (random() < 0.4) {
            const before = this.#visits
            const value = await visits.add('home')
            assert.ok(value > before, `${value} visits after ${before}`)
            this.#visits = Math.max(this.#visits, value)
            return
        }
        const name = random() < 0.5 ? 'ids' : 'blocks'
        const sequence = name === 'ids' ? ids : blocks
        const number = `${name} ${await sequence.next('order')}`
        assert.ok(!this.#numbers.has(number), `${number} was given twice`)
        this.#numbers.add(number)
    }

    async #enqueue({ jobs }: TriedParts, { random }: WorkloadContext): Promise<void> {
        await jobs.enqueue(`job ${Math.floor(random() * 100)}`, random(),
            { backoff: 1 + Math.floor(random() * 500), attempts: 5 })
    }

    async #runJobs({ jobs }: TriedParts, { random, sleep }: WorkloadContext): Promise<void> {
        const capacity = 1 + Math.floor(random() * 3)
        await jobs.work(async ({ key, token, signal }) => {
            const attempts = this.#attempts.get(key) ?? new Set()
            this.#attempts.set(key, attempts.add(signal))
            const running = [...attempts].filter((each) => !each.aborted)
            try {
                assert.ok(running.length <= 1, `${running.length} attempts of ${key}`)
                this.#rejectLowerToken(key, token)
            } catch (broken) {
                this.#broken.push(broken)
            }
            await sleep(random() * 300)
            attempts.delete(signal)
            signal.throwIfAborted()
            if (random() < 0.2) {
                throw new Error('The job is broken this time.')
            }
        }, { ttl: 1000, capacity, signal: AbortSignal.timeout(1 + random() * 3000) })
    }

    async #limit({ limit }: TriedParts): Promise<void> {
        const { isAllowed } = await limit.take('x')
        this.#permits += isAllowed ? 1 : 0
        const passedMs = performance.now() - this.#startedAt
        const most = LIMIT.limit * (1 + passedMs / LIMIT.per)
        assert.ok(this.#permits <= most, `${this.#permits} permits in ${passedMs} ms`)
    }

    #rejectLowerToken(name: string, token: Monotonic): void {
        const before = this.#tokens.get(name) ?? '0/0'
        assert.ok(Monotonic.compare(token, before) >= 0, `${token} of ${name} after ${before}`)
        this.#tokens.set(name, token)
    }
}

/** The application and the workload of a trial. Each run has a `TrialWork` of its own. */
export class TriedRecipes {
    /** The uses of each recipe that reached their ends in all runs. */
    readonly done: Record<string, number> = {}
    readonly #planted: () => Partial<TriedParts>
    #run = new TrialWork(this.done)

    /** @param planted Makes the parts with planted faults. */
    constructor(planted: () => Partial<TriedParts> = () => ({})) {
        this.#planted = planted
    }

    /** The option `application`: the first member of a run begins the run. */
    readonly application = ({ id, life }: MemberLife): Composition<TriedParts> => {
        if (id === 'a' && life === 1) {
            this.#run = new TrialWork(this.done)
        }
        return compose({ ...triedParts(), ...this.#planted() })
    }

    /** The option `workload`. */
    readonly workload = (
        context: WorkloadContext<Composition<TriedParts>>
    ): Promise<void> => this.#run.work(context)
}
