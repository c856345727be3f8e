import { Readable } from 'node:stream'
import { isPending } from '../colleague/application-calls.js'
import type { Application } from '../colleague/application.js'
import { bytesAtOnce, bytesOf, canonicalResult, textOfBytes } from './canonical.js'
import type { LogStep } from './comparison.js'
import type { MemberLife } from './trial-republic.js'
import { install } from './virtual-globals.js'
import { VirtualTime } from './virtual-time.js'

/** The longest call of a replica, in milliseconds of virtual time. */
const CALL_MS = 60_000

/** The conditions under which a replica applies the log. */
export interface ReplicaConditions {
    readonly id: string
    readonly life: number
    /** The number of the sequence of random numbers. */
    readonly seed: number
    /** The reading of all clocks before the first step, in milliseconds after the usual one. */
    readonly startsAtMs: number
    /** The advance of all clocks from step to step, in milliseconds. */
    readonly stepMs: number
    /** The time that passes for timers after each step, in milliseconds. */
    readonly restMs: number
}

/** The virtual world of one replica at a time is in place of the functions of the process. */
export class Worlds {
    #current: VirtualTime | null = null
    #undo: (() => void) | null = null

    /** Puts the clocks, timers and random numbers of a replica in place. */
    enter(time: VirtualTime): void {
        if (this.#current !== time) {
            this.leave()
            this.#undo = install(time)
            this.#current = time
        }
    }

    /** Restores the functions of the process. */
    leave(): void {
        this.#undo?.()
        this.#undo = null
        this.#current = null
    }
}

/** A state in three chunks, or the first chunk and then a failure. */
function* chunksOf(state: Buffer, failure: Error | null): Generator<Uint8Array, void, void> {
    const size = Math.max(1, Math.ceil(state.length / 3))
    for (let at = 0; at < state.length; at += size) {
        if (failure !== null && at > 0) {
            throw failure
        }
        yield Uint8Array.from(state.subarray(at, at + size))
    }
    if (failure !== null) {
        throw failure
    }
}

/** A call of a replica that has thrown, or has not ended. */
export class ReplicaError extends Error {
    override readonly name = 'ReplicaError'
}

/** The result and the state of a step, as comparable texts. */
export interface Observation {
    readonly result: string
    /** `null` if the state was not asked for. */
    readonly state: string | null
}

/**
 * An application alone in its own virtual world: applies the log of a run again, without a
 * republic. The clocks that the application reads depend on the number of the step only.
 */
export class Replica {
    readonly user: Application
    /** The clocks and the random numbers that the last step has asked for. */
    readonly asked: Set<string> = new Set()
    /** What the application has ever asked for. */
    readonly sources: Set<'clock' | 'random'> = new Set()
    readonly #worlds: Worlds
    readonly #conditions: ReplicaConditions
    readonly #time: VirtualTime
    readonly #end = new AbortController()

    constructor(
        worlds: Worlds, make: (life: MemberLife) => Application, conditions: ReplicaConditions
    ) {
        this.#worlds = worlds
        this.#conditions = conditions
        this.#time = new VirtualTime(conditions.seed)
        this.#time.onImpure = (name, what) => {
            this.asked.add(name)
            this.sources.add(what)
        }
        this.#enter(0)
        const { id, life } = conditions
        this.user = make({ id, life, signal: this.#end.signal })
    }

    /** Applies a step. An exception counts as a result. Reads the state if asked to. */
    async apply(step: LogStep, index: number, readsState: boolean): Promise<Observation> {
        this.#enter(index)
        this.asked.clear()
        let result: string
        try {
            const value = this.#call(step)
            result = canonicalResult(isPending(value) ? await this.#settled(value) : value)
        } catch (error) {
            if (error instanceof ReplicaError) {
                throw error
            }
            result = `an exception: ${error instanceof Error ? error.message : String(error)}`
        }
        const { restMs } = this.#conditions
        if (restMs > 0) {
            await this.rest(restMs)
        }
        if (!readsState) {
            return { result, state: null }
        }
        const bytes = this.#bytes()
        return { result, state: textOfBytes(isPending(bytes) ? await bytes : bytes) }
    }

    #call(step: LogStep): unknown {
        return 'entry' in step
            ? this.user.apply(step.entry)
            : this.user.governed?.(step.government, step.change)
    }

    /** The bytes of the state. */
    async state(): Promise<Buffer> {
        this.#worlds.enter(this.#time)
        return await this.#bytes()
    }

    #bytes(): Buffer | Promise<Buffer> {
        const chunks = this.user.snapshot()
        return bytesAtOnce(chunks) ?? this.#settled(bytesOf(chunks)) as Promise<Buffer>
    }

    /** The bytes of the state, with so many milliseconds before each piece. */
    async slowState(pieceMs: number): Promise<Buffer> {
        this.#worlds.enter(this.#time)
        const wait = (): Promise<void> =>
            new Promise((resolve) => this.#time.timeline.after(pieceMs, resolve))
        return await this.#settled(bytesOf(this.user.snapshot(), wait)) as Buffer
    }

    /** Restores a state. With a failure, the chunks throw the failure in the middle. */
    async restore(state: Buffer, index: number, failure: Error | null = null): Promise<void> {
        this.#enter(index)
        const done = this.user.restore(Readable.from(chunksOf(state, failure)))
        if (isPending(done)) {
            await this.#settled(done)
        }
    }

    /** Lets time pass for timers; the readings of the clocks stay. */
    async rest(ms: number): Promise<void> {
        const { timeline } = this.#time
        this.#worlds.enter(this.#time)
        this.#time.shiftMs -= ms
        await this.#time.runUntil(timeline.now + ms, () => false)
    }

    /** Ends the life of the application. */
    async end(): Promise<void> {
        this.#worlds.enter(this.#time)
        this.#end.abort()
        await this.#time.finish()
    }

    /** Enters the world, with the clocks at a step. */
    #enter(index: number): void {
        this.#worlds.enter(this.#time)
        const { startsAtMs, stepMs } = this.#conditions
        this.#time.shiftMs = startsAtMs + index * stepMs - this.#time.timeline.now
    }

    async #settled(value: PromiseLike<unknown>): Promise<unknown> {
        let isOver = false
        const over = (): void => {
            isOver = true
        }
        value.then(over, over)
        const { timeline } = this.#time
        await this.#time.runUntil(timeline.now + CALL_MS, () => isOver)
        if (!isOver) {
            throw new ReplicaError('A call of the application does not end.')
        }
        return await value
    }
}
