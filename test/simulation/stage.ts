import { draw } from './draw.js'
import type { Options, Plan } from './plan.js'
import type { Resident } from './resident.js'
import { Trial } from './trial.js'
import { demand } from './violation.js'
import type { Listener, World } from './world.js'

/** What a directed test may set. */
export type Setting = Partial<Omit<Plan, 'options'>> & Partial<Options>

const QUIET_OPTIONS: Options = {
    ping: 250, timeout: 1000, parliamentSize: 5, parliamentFloor: 1, window: 8, batch: 512,
    history: 100_000
}

function planOf(setting: Setting): Plan {
    const { seed = 1 } = setting
    const options = { ...QUIET_OPTIONS }
    for (const name of Object.keys(QUIET_OPTIONS) as (keyof Options)[]) {
        options[name] = setting[name] ?? QUIET_OPTIONS[name]
    }
    return {
        ...draw(seed),
        population: 5,
        climate: { latencyMs: 2, jitterMs: 1, isOrdered: false },
        callLimitMs: 1000,
        isRefused: true,
        isWired: false,
        isRecorded: false,
        publishMs: Number.POSITIVE_INFINITY,
        saturation: null,
        isBornInFaults: false,
        faults: [],
        durable: null,
        earlier: null,
        ...setting,
        seed,
        options
    }
}

/** A republic for a directed test: all checkers watch, and only what the test does happens. */
export class Stage {
    readonly trial: Trial
    readonly world: World

    /** Forms a republic of `m0` to `mN`. */
    constructor(setting: Setting = {}, listener: Listener | null = null) {
        this.trial = new Trial(planOf(setting), listener)
        this.world = this.trial.world
        this.trial.form()
        // Growth, and what follows from it, may still be under way.
        this.pass(3)
    }

    /** Lets so many timeouts pass. */
    pass(timeouts: number): void {
        const { timeline, options } = this.world
        timeline.runUntil(timeline.now + timeouts * options.timeout)
    }

    /** Waits until something holds, and tells how many timeouts that took. */
    until(what: string, holds: () => boolean, timeoutsMax: number): number {
        const { timeline, options } = this.world
        const begin = timeline.now
        while (!holds()) {
            const passed = (timeline.now - begin) / options.timeout
            demand(passed < timeoutsMax, 'L1', () => `${what} not within ${passed} timeouts.`)
            timeline.runUntil(timeline.now + options.ping / 10)
        }
        return (timeline.now - begin) / options.timeout
    }

    /** A living member by its id. */
    member(id: string): Resident {
        const resident = this.world.living.find((one) => one.id === id)
        if (resident === undefined) {
            throw new Error(`${id} does not live.`)
        }
        return resident
    }

    /** Everyone who votes by the last government, the leader first. */
    get voters(): readonly string[] {
        const { government } = this.world.realm.chronicle
        return government === null ? [] : [...government.majority, ...government.minority]
    }

    /** The id of who leads by the last government. */
    get leader(): string {
        return this.voters[0] ?? ''
    }

    /** How many governments there were. */
    get governments(): number {
        return this.trial.tally.governments
    }

    /** How many governments came of a collapse. */
    get elections(): number {
        return this.trial.tally.elections
    }

    /** Whether a value is in the log. */
    isLogged(value: unknown): boolean {
        return this.world.realm.chronicle.entries.some(({ body }) =>
            'cookie' in body && body.body === value)
    }

    /** Publishes a value at a member, and tells after how many timeouts it is in the log. */
    publish(id: string, value: string, timeoutsMax: number): number {
        this.member(id).publish(value)
        return this.until(`${value} is in the log`, () => this.isLogged(value), timeoutsMax)
    }

    /** Cuts the way from one to another where the condition holds; gives back how to mend it. */
    cut(isCut: (from: string, to: string) => boolean): () => void {
        const { conditions } = this.world.weather
        const nameOf = (host: number): string => this.world.network.hosts[host]?.id ?? ''
        const condition = {
            kind: 'partition' as const,
            bear: (from: number, to: number, _isReply: boolean, fate: { isLost: boolean }) => {
                fate.isLost ||= from !== to && isCut(nameOf(from), nameOf(to))
                return fate.isLost
            }
        }
        conditions.add(condition)
        return () => conditions.delete(condition)
    }

    /** Crashes a member. */
    crash(id: string): void {
        this.world.kill(this.member(id))
    }

    /** Whether all that live hold the same log and nothing waits. */
    isSettled(): boolean {
        const { chronicle } = this.world.realm
        return this.world.living.every((one) => {
            const { waiting, pending } = one.door.islander.health()
            return this.world.isCitizen(one) && waiting + pending === 0 &&
                one.memory.position === chronicle.entries.length - 1
        })
    }
}
