import { KibitzError } from '../base/errors.js'
import { onAbort, type WaitOptions } from '../base/abort-signal.js'
import type { Monotonic } from '../base/monotonic.js'
import { lookAtReads } from './lease-signal.js'
import type { PartHost } from './part.js'

/** A lease, for the routine that runs under it. */
export interface Lease {
    readonly name: string
    /**
     * The fencing token: a promise, which rises from holder to holder. Send the token with each
     * write; a resource that refuses a token below the highest seen one is safe in every case.
     */
    readonly token: Monotonic
    /**
     * Aborts when the lease ends, before another holder can get the lease. Each read of `aborted`
     * looks at the clock, so `aborted` is right at once after a pause of the process; the listeners
     * are called at such a read, or as soon as the event loop runs the timer.
     */
    readonly signal: AbortSignal
    /**
     * The time for which the lease surely lasts, in milliseconds; 0 after its end. Right at once
     * after a pause of the process.
     */
    readonly remainingMs: number
}

/** The times of a lease, in milliseconds. */
export interface LeaseTerms {
    readonly ttl: number
    /** The holder ends the lease so much earlier than the other members. */
    readonly margin: number
}

/** An extension is published when this part of the ttl has passed. */
const EXTEND_AFTER = 1 / 3

/** The pause after a failed extension, as a part of the ttl. */
const RETRY_AFTER = 1 / 10

/** The end of a lease that no extension has reached in time. */
function ran(name: string, ttl: number): KibitzError {
    return new KibitzError('timed-out',
        `The lease of ${name} has ended: no extension came into the log within ${ttl} ms. Another `
            + 'member may get the lease soon. Stop the work under the lease, then ask again.')
}

/** The end of a lease that the log has ended. */
export function lost(name: string): KibitzError {
    return new KibitzError('refused',
        `The lease of ${name} has ended: the log says that another member saw no extension in `
            + 'time, or that the republic has exiled this member. Stop the work under the lease, '
            + 'then ask again.')
}

/**
 * A lease at its holder. Extends itself until `end`.
 *
 * 1. The lease lasts from an instant *before* the publish of its last successful extension, for ttl
 *    minus margin, on this member's clock.
 * 2. An extension counts after this member has applied the entry, and the entry was valid.
 */
export class HeldLease implements Lease {
    readonly name: string
    readonly token: Monotonic
    readonly #host: PartHost
    readonly #terms: LeaseTerms
    readonly #extend: (waiting: WaitOptions) => Promise<boolean>
    /** Exists after the first look at `signal`: most routines are too short to look. */
    #ending: AbortController | null = null
    /** Makes the reason of the end; `null` while the lease lasts. */
    #reason: (() => unknown) | null = null
    readonly #forget: () => void
    #endsAt: number
    #extendAt: number
    #isExtending = false
    #endTimer: () => void = () => {}

    /**
     * @param from The time, on this member's clock, before the publish of the entry that gave or
     * extended the lease.
     * @param extend Publishes an extension; resolves with its validity.
     */
    constructor(
        name: string, token: Monotonic, from: number, terms: LeaseTerms, host: PartHost,
        extend: (waiting: WaitOptions) => Promise<boolean>
    ) {
        this.name = name
        this.token = token
        this.#terms = terms
        this.#host = host
        this.#extend = extend
        this.#endsAt = from + terms.ttl - terms.margin
        this.#extendAt = from + terms.ttl * EXTEND_AFTER
        const { closed } = host
        const onClose = (): void => this.end(() => closed.reason)
        this.#forget = onAbort(closed, onClose)
        if (closed.aborted) {
            onClose()
        }
        this.#step()
    }

    get signal(): AbortSignal {
        if (this.#ending === null) {
            this.#ending = new AbortController()
            lookAtReads(this.#ending.signal, () => this.#look())
            if (this.#reason !== null) {
                this.#ending.abort(this.#reason())
            }
        }
        return this.#ending.signal
    }

    /** Whether the lease has ended for good: no extension can come. */
    get hasEnded(): boolean {
        return this.#reason !== null
    }

    get remainingMs(): number {
        return this.#reason !== null ? 0 : Math.max(this.#endsAt - this.#host.now(), 0)
    }

    /**
     * Ends the lease here: the signal aborts.
     *
     * @param reason Makes the reason of the signal, if there is a signal.
     */
    end(reason: () => unknown): void {
        if (this.#reason === null) {
            this.#reason = reason
            this.#endTimer()
            this.#forget()
            this.#ending?.abort(reason())
        }
    }

    /** Ends the lease if its time has passed. Returns the time. */
    #look(): number {
        const now = this.#host.now()
        if (now >= this.#endsAt) {
            this.end(() => ran(this.name, this.#terms.ttl))
        }
        return now
    }

    /** Ends or extends the lease if its time has come, and sets the timer. */
    #step(): void {
        this.#endTimer()
        const now = this.#look()
        if (this.#reason !== null) {
            return
        }
        if (now >= this.#extendAt && !this.#isExtending) {
            void this.#extendOnce(now)
        }
        const next = this.#isExtending ? this.#endsAt : Math.min(this.#extendAt, this.#endsAt)
        this.#endTimer = this.#host.after(next - now, () => this.#step())
    }

    async #extendOnce(from: number): Promise<void> {
        const { ttl, margin } = this.#terms
        this.#isExtending = true
        try {
            const timeout = Math.max(Math.ceil(this.#endsAt - from), 1)
            if (await this.#extend({ timeout, signal: this.signal })) {
                this.#endsAt = from + ttl - margin
                this.#extendAt = from + ttl * EXTEND_AFTER
            } else {
                this.end(() => lost(this.name))
            }
        } catch {
            // The entry may still appear. The next extension tells whether the lease goes on.
            this.#extendAt = this.#host.now() + ttl * RETRY_AFTER
        }
        this.#isExtending = false
        this.#step()
    }
}
