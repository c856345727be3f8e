import type { Application } from '../colleague/application.js'
import { canonicalState, describeDifference, shortText } from './canonical.js'
import { type LogStep, promiseOf } from './comparison.js'
import { type Observation, Replica, type ReplicaConditions, Worlds } from './replica.js'
import type { MemberLife } from './trial-republic.js'

/** States above this size are compared after some steps only, in characters. */
const SIZE_COMPARED = 4096

/** The largest sum of the compared states of a long log, in characters. */
const STATES_MAX = 2 ** 25

/** The advance of all clocks from step to step, in milliseconds. */
const STEP_MS = 10

/** The log of a replay, and how to follow the replay. */
export interface ReplayedLog {
    readonly log: readonly LogStep[]
    /** The state before the first step; `null` for a new application. */
    readonly start: Buffer | null
    /** @default worlds of its own */
    readonly worlds?: Worlds
    /** Called after each step. @default none */
    readonly onStep?: () => Promise<void> | null
}

/** The first step with another result or state. */
export interface StepDifference {
    readonly index: number
    readonly what: 'result' | 'state'
    readonly one: string
    readonly other: string
    /** The clocks and random numbers that the step has asked for. */
    readonly asked: readonly string[]
}

/** Whether two texts of results or of states are equal. */
export function isSame(what: 'result' | 'state', one: string, other: string): boolean {
    return one === other
        || (what === 'state' && canonicalState(one) === canonicalState(other))
}

/**
 * Replays the log of a run through fresh applications under chosen conditions, and compares each
 * replay with the first one, the base.
 */
export class ReplayComparison {
    readonly log: readonly LogStep[]
    /** The results and states of the base. */
    readonly base: Observation[] = []
    /** What the base has asked for. */
    sources: ReadonlySet<'clock' | 'random'> = new Set()
    readonly worlds: Worlds
    readonly #make: (life: MemberLife) => Application
    readonly #lives = new Map<string, number>()
    readonly #start: Buffer | null
    readonly #onStep: () => Promise<void> | null

    constructor(make: (life: MemberLife) => Application, replayed: ReplayedLog) {
        this.#make = make
        this.log = replayed.log
        this.worlds = replayed.worlds ?? new Worlds()
        this.#start = replayed.start
        this.#onStep = replayed.onStep ?? (() => null)
    }

    /** Makes a replica with the state before the first step. */
    async replica(changes: Partial<Omit<ReplicaConditions, 'life'>> = {}): Promise<Replica> {
        const replica = this.empty(changes)
        if (this.#start !== null) {
            await replica.restore(this.#start, 0)
        }
        return replica
    }

    /** Makes a new application. Each replica of an id is one life later. */
    empty(changes: Partial<Omit<ReplicaConditions, 'life'>> = {}): Replica {
        const { id = 'x' } = changes
        const life = (this.#lives.get(id) ?? 0) + 1
        this.#lives.set(id, life)
        return new Replica(this.worlds, this.#make, {
            seed: 1, startsAtMs: 0, stepMs: STEP_MS, restMs: 0, ...changes, id, life
        })
    }

    /** Replays the log under the usual conditions. Large states are read after some steps. */
    async runBase(): Promise<void> {
        const replica = await this.replica()
        const { length } = this.log
        let size = 0
        let next = 0
        for (const [index, step] of this.log.entries()) {
            const readsState = index >= next || index === length - 1
            const observation = await this.#apply(replica, step, index, readsState)
            this.base.push(observation)
            if (observation.state !== null) {
                size = observation.state.length
                next = index + Math.max(
                    1, Math.ceil(size / SIZE_COMPARED), Math.ceil(size * length / STATES_MAX))
            }
        }
        await replica.end()
        this.sources = replica.sources
    }

    /**
     * Applies the steps from an index on, and compares each with the base. Ends at the first
     * difference. `readsState` further restricts the steps after which the state is read.
     */
    async compare(
        replica: Replica, from = 0, readsState: (index: number) => boolean = () => true
    ): Promise<StepDifference | null> {
        for (let index = from; index < this.log.length; index++) {
            const before = this.base[index]
            const step = this.log[index]
            if (step === undefined || before === undefined) {
                break
            }
            const reads = before.state !== null && readsState(index)
            const observation = await this.#apply(replica, step, index, reads)
            const difference = differenceOf(index, before, observation, replica)
            if (difference !== null) {
                return difference
            }
        }
        return null
    }

    /** Replays the whole log under changed conditions, and compares with the base. */
    async replay(
        changes: Partial<Omit<ReplicaConditions, 'life'>>,
        readsState?: (index: number) => boolean
    ): Promise<StepDifference | null> {
        const replica = await this.replica(changes)
        try {
            return await this.compare(replica, 0, readsState)
        } finally {
            await replica.end()
        }
    }

    /** Applies the steps of a range without a comparison. */
    async advance(replica: Replica, from: number, to: number): Promise<void> {
        for (const [offset, step] of this.log.slice(from, to).entries()) {
            await this.#apply(replica, step, from + offset, false)
        }
    }

    async #apply(
        replica: Replica, step: LogStep, index: number, readsState: boolean
    ): Promise<Observation> {
        const observation = await replica.apply(step, index, readsState)
        const turn = this.#onStep()
        if (turn !== null) {
            this.worlds.leave()
            await turn
        }
        return observation
    }

    /** A step in words: `entry 2/5 ({"add":1})`. */
    nameOf(index: number): string {
        const step = this.log[index]
        if (step === undefined) {
            return 'the end'
        }
        return 'entry' in step
            ? `entry ${step.entry.promise} (${shortText(step.entry.body)})`
            : `government ${promiseOf(step)}`
    }

    /** A difference in words: `the state after entry 2/5 ({"add":1}) differs at .sum: 1 and 2`. */
    describe({ index, what, one, other }: StepDifference): string {
        return what === 'result'
            ? `the result of ${this.nameOf(index)} differs: ${shortText(one)} and `
                + shortText(other)
            : `the state after ${this.nameOf(index)} differs ${describeDifference(one, other)}`
    }
}

/** The difference of two observations of a step; `null` if both are equal. */
export function differenceOf(
    index: number, one: Observation, other: Observation, { asked }: Pick<Replica, 'asked'>
): StepDifference | null {
    for (const what of ['result', 'state'] as const) {
        const [left, right] = [one[what], other[what]]
        if (left !== null && right !== null && !isSame(what, left, right)) {
            return { index, what, one: left, other: right, asked: [...asked] }
        }
    }
    return null
}
