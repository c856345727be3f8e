import type { Application, ApplicationEntry, Chunks } from '../colleague/application.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Government, GovernmentBody } from '../paxos/messages/messages.js'
import { textAtOnce, textOf, textOfBytes } from './canonical.js'

/** The durations of the calls of an application, in milliseconds. */
export interface Slowness {
    applyMs: number
    snapshotMs: number
    restoreMs: number
}

/** Receives the observations of all applications of a run. */
export interface Witness {
    /** An application is about to apply an entry. */
    begin(observed: ObservedApplication, promise: Monotonic): void
    /** An application is about to receive a government. */
    governed(government: Government, change: GovernmentBody): void
    /** An application has applied an entry with this result. */
    applied(observed: ObservedApplication, entry: ApplicationEntry, result: unknown): void
    /** Whether to compare the states after an entry. */
    comparesState(promise: Monotonic, size: number): boolean
    /** An application has this state after an entry or a government. */
    hasState(observed: ObservedApplication, promise: Monotonic, state: string): void
    /** An application has restored a state, and then has a state. */
    restored(observed: ObservedApplication, given: string, state: string): void
    /** A call of the user's code has thrown. */
    threw(observed: ObservedApplication, method: string, promise: string, error: unknown): void
    /** Waits on the virtual clock. */
    wait(ms: number): Promise<void>
    /** Runs a call of the user's code with the wall clock of a member. */
    onHost<Value>(host: number, call: () => Value): Value
}

/**
 * Stands between a Colleague and the user's application in one life of a member. Passes every call
 * on, in the same order, and reports results and states.
 */
export class ObservedApplication implements Application {
    readonly member: string
    readonly host: number
    readonly life: number
    readonly user: Application
    /** The last entry or government. */
    last: Monotonic = '0/0'
    /** The instant at which the current call began; `null` between two calls. */
    busySince: number | null = null
    /** The number of states that this life has restored. */
    restorations = 0
    /** Whether the process has ended: no further call reaches the user's application. */
    isOver = false
    validate?: (body: unknown) => unknown
    outOfBand?: (name: string, post: unknown) => unknown
    readonly #witness: Witness
    readonly #slowness: Slowness
    #size = 0

    constructor(
        place: { readonly member: string, readonly host: number, readonly life: number },
        user: Application, witness: Witness, slowness: Slowness
    ) {
        this.member = place.member
        this.host = place.host
        this.life = place.life
        this.user = user
        this.#witness = witness
        this.#slowness = slowness
        if (user.validate !== undefined) {
            this.validate = (body) => user.validate?.(body)
        }
        if (user.outOfBand !== undefined) {
            this.outOfBand = (name, post) => user.outOfBand?.(name, post)
        }
    }

    /** The member and its life, for messages. */
    get name(): string {
        return this.life === 1 ? this.member : `${this.member} (life ${this.life})`
    }

    apply(entry: ApplicationEntry): unknown {
        if (this.isOver) {
            return new Promise(() => {})
        }
        this.#witness.begin(this, entry.promise)
        const { applyMs } = this.#slowness
        if (applyMs > 0) {
            return this.#witness.wait(applyMs).then(() => this.#apply(entry))
        }
        return this.#apply(entry)
    }

    #apply(entry: ApplicationEntry): unknown {
        let result: unknown
        try {
            result = this.#onHost(() => this.user.apply(entry))
        } catch (error) {
            this.#witness.threw(this, 'apply', entry.promise, error)
            throw error
        }
        if (!isThenable(result)) {
            return this.#applied(entry, result)
        }
        return result.then((value) => this.#applied(entry, value), (error: unknown) => {
            this.#witness.threw(this, 'apply', entry.promise, error)
            throw error
        })
    }

    #applied(entry: ApplicationEntry, result: unknown): unknown {
        if (this.isOver) {
            return new Promise(() => {})
        }
        this.busySince = null
        this.#witness.applied(this, entry, result)
        const reading = this.#observe(entry.promise)
        return reading === null ? result : reading.then(() => result)
    }

    /** Compares the state after an entry. Returns `null` if the state is compared at once. */
    #observe(promise: Monotonic): Promise<void> | null {
        this.last = promise
        if (!this.#witness.comparesState(promise, this.#size)) {
            return null
        }
        const reading = this.#readState()
        if (typeof reading === 'string') {
            this.#note(promise, reading)
            return null
        }
        return reading.then((state) => this.#note(promise, state))
    }

    #note(promise: Monotonic, state: string): void {
        this.#size = state.length
        if (!this.isOver) {
            this.#witness.hasState(this, promise, state)
        }
    }

    /** The current state of the user's application. */
    #readState(): string | Promise<string> {
        const onError = (error: unknown): never => {
            this.#witness.threw(this, 'snapshot', this.last, error)
            throw error
        }
        try {
            const chunks = this.#onHost(() => this.user.snapshot())
            return textAtOnce(chunks) ?? textOf(chunks).catch(onError)
        } catch (error) {
            return onError(error)
        }
    }

    governed(government: Government, change: GovernmentBody): Promise<void> | undefined {
        if (this.isOver) {
            return new Promise(() => {})
        }
        const { promise } = government
        this.#witness.begin(this, promise)
        this.#witness.governed(government, change)
        const done = this.#onHost(() => this.user.governed?.(government, change))
        const observe = (): Promise<void> | undefined => {
            this.busySince = null
            return this.#observe(promise) ?? undefined
        }
        return isThenable(done) ? done.then(observe) : observe()
    }

    snapshot(): Chunks | Promise<Chunks> {
        const { snapshotMs } = this.#slowness
        const chunks = this.#onHost(() => this.user.snapshot())
        return snapshotMs === 0 ? chunks : this.#slowly(chunks, snapshotMs)
    }

    async* #slowly(
        chunks: Chunks | Promise<Chunks>, pauseMs: number
    ): AsyncGenerator<string | Uint8Array, void, void> {
        await this.#witness.wait(pauseMs)
        const pieces = await chunks
        if (typeof pieces === 'string' || pieces instanceof Uint8Array) {
            yield pieces
            return
        }
        for await (const piece of pieces as AsyncIterable<string | Uint8Array>) {
            yield piece
            await this.#witness.wait(pauseMs)
        }
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        const parts: Uint8Array[] = []
        let isComplete = false
        const { restoreMs } = this.#slowness
        const witness = this.#witness
        async function* observed(): AsyncGenerator<Uint8Array, void, void> {
            for await (const chunk of chunks) {
                parts.push(Uint8Array.from(chunk))
                yield chunk
                if (restoreMs > 0) {
                    await witness.wait(restoreMs)
                }
            }
            isComplete = true
        }
        witness.begin(this, this.last)
        try {
            await this.#onHost(() => this.user.restore(observed()))
        } catch (error) {
            if (isComplete) {
                witness.threw(this, 'restore', this.last, error)
            }
            throw error
        }
        this.restorations++
        this.busySince = null
        if (isComplete && !this.isOver) {
            const given = textOfBytes(Buffer.concat(parts))
            witness.restored(this, given, await this.#readState())
        }
    }

    #onHost<Value>(call: () => Value): Value {
        return this.#witness.onHost(this.host, call)
    }
}

function isThenable(value: unknown): value is Promise<unknown> {
    return typeof value === 'object' && value !== null && 'then' in value
        && typeof value.then === 'function'
}
