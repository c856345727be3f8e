import { KibitzError } from '../base/errors.js'
import { count, milliseconds, type OptionTable } from '../base/option-table.js'
import type { Properties } from '../paxos/messages/messages.js'

/** The default of `callsMax`: calls in flight to one addressee, and on one inbound connection. */
export const CALLS_MAX = 64

/** The default of `callTimeout`, in milliseconds. */
export const CALL_TIMEOUT_MS = 800

/** The limits of outgoing calls. */
export interface ConnectOptions {
    /**
     * The time limit of a call, in milliseconds. Keep the limit below the `timeout` of the
     * Kibitzer, so that a call ends before the engine acts on the silence of the addressee.
     *
     * @default 800
     */
    readonly callTimeout?: number
    /**
     * The number of calls that may be in flight to one addressee. A call beyond the limit is not
     * sent and has no answer.
     * @default 64
     */
    readonly callsMax?: number
}

/** The kind of each option of `ConnectOptions`. */
export const CONNECT_OPTIONS: OptionTable<ConnectOptions> = {
    callTimeout: milliseconds,
    callsMax: count(65_536)
}

/**
 * A call in flight, as the `send` of a transport of this library sees the call. An `AbortSignal`
 * costs as much as the rest of a call, so the signal is made on first use.
 */
export class CallHandle {
    /** Called when the call ends without an answer. */
    onEnd: (() => void) | null = null
    #controller: AbortController | null = null
    #reason: KibitzError | null = null

    /** Why the call has ended without an answer; `null` before. */
    get reason(): KibitzError | null {
        return this.#reason
    }

    /** Aborts when the call ends without an answer. */
    get signal(): AbortSignal {
        this.#controller ??= new AbortController()
        if (this.#reason !== null) {
            this.#controller.abort(this.#reason)
        }
        return this.#controller.signal
    }

    /** Ends the call without an answer. */
    end(reason: KibitzError): void {
        this.#reason = reason
        this.#controller?.abort(reason)
        this.onEnd?.()
    }
}

/** An outgoing call in flight. */
export interface CallInFlight {
    readonly handle: CallHandle
    readonly timer: NodeJS.Timeout
    /** Called when the call ends without an answer. */
    readonly onAbandoned: () => void
}

/**
 * The outgoing calls in flight, by addressee.
 *
 * 1. At most `callsMax` calls to one addressee are in flight.
 * 2. A call ends once: by `end`, by `abandonAll`, or after `callTimeout` milliseconds.
 */
export class CallsInFlight {
    readonly #callTimeoutMs: number
    readonly #callsMax: number
    /** The key is the properties object: a government keeps one object per member. */
    readonly #calls = new Map<Properties, Set<CallInFlight>>()

    constructor({ callTimeout = CALL_TIMEOUT_MS, callsMax = CALLS_MAX }: ConnectOptions) {
        this.#callTimeoutMs = callTimeout
        this.#callsMax = callsMax
    }

    /**
     * Begins a call; `null` if the addressee has `callsMax` calls in flight.
     *
     * @param onAbandoned Called if the time limit passes, or on `abandonAll`.
     */
    begin(to: Properties, onAbandoned: () => void): CallInFlight | null {
        const calls = this.#calls.get(to) ?? new Set()
        if (calls.size >= this.#callsMax) {
            return null
        }
        const ms = this.#callTimeoutMs
        const timer = setTimeout(() => this.#abandon(to, call, timeoutError(ms)), ms)
        const call: CallInFlight = { handle: new CallHandle(), timer, onAbandoned }
        calls.add(call)
        this.#calls.set(to, calls)
        return call
    }

    /** Ends a call with an answer. Returns `false` if the call has already ended. */
    end(to: Properties, call: CallInFlight): boolean {
        const calls = this.#calls.get(to)
        if (calls?.delete(call) !== true) {
            return false
        }
        clearTimeout(call.timer)
        if (calls.size === 0) {
            this.#calls.delete(to)
        }
        return true
    }

    /** Ends all calls without an answer. */
    abandonAll(reason: KibitzError): void {
        const all = [...this.#calls].flatMap(([to, calls]) => {
            return [...calls].map((call) => ({ to, call }))
        })
        for (const { to, call } of all) {
            this.#abandon(to, call, reason)
        }
    }

    #abandon(to: Properties, call: CallInFlight, reason: KibitzError): void {
        call.handle.end(reason)
        if (this.end(to, call)) {
            call.onAbandoned()
        }
    }
}

function timeoutError(ms: number): KibitzError {
    return new KibitzError('unreachable', `No answer came within ${ms} ms.`)
}

/** The requests in flight of each inbound connection. */
export class RequestsInFlight<Connection extends object> {
    readonly #counts = new WeakMap<Connection, number>()

    /** Counts a request. Returns whether fewer than `callsMax` requests were in flight before. */
    begin(connection: Connection, callsMax: number): boolean {
        const before = this.#counts.get(connection) ?? 0
        this.#counts.set(connection, before + 1)
        return before < callsMax
    }

    /** Ends a counted request. */
    end(connection: Connection): void {
        this.#counts.set(connection, (this.#counts.get(connection) ?? 1) - 1)
    }
}
