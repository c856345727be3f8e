import { aborted, type WaitOptions } from '../base/abort-signal.js'
import { quiet } from '../base/callbacks.js'
import { KibitzError, rejectArgument } from '../base/errors.js'
import { count, type OptionTable, readOptions, text } from '../base/option-table.js'
import type { ApplicationEntry } from '../colleague/application.js'
import type { Government } from '../paxos/messages/messages.js'
import { HeldLease, type Lease } from './held-lease.js'
import { LeaseWatch } from './lease-watch.js'
import { fromLines, toLines } from './lines.js'
import { LockWait } from './lock-wait.js'
import type { LockCommand, LockLease, LockOutcome } from './lock-commands.js'
import {
    type LockTerms, lockTermsOf, type LockUseOptions, refusalOf
} from './lock-options.js'
import { LockTable } from './lock-table.js'
import { OwnLeases } from './own-leases.js'
import { type ComposedPart, noHost, type PartHost } from './part.js'

/** The bounds of the locks. */
export interface LocksOptions {
    /** The number of locks that are held at the same time. @default 10000 */
    readonly locksMax?: number
    /** The number of requests that wait for one lock. @default 1000 */
    readonly waitersMax?: number
}

const LOCKS_OPTIONS: OptionTable<LocksOptions> = {
    locksMax: count(1_000_000), waitersMax: count(1_000_000)
}

const LOCKS_MAX = 10_000
const WAITERS_MAX = 1000
const NAME = text(512)

/** The grant of a waiting request. */
interface Grant {
    readonly token: string
    /** The time of this member's clock before the publish of the grant; `null` if unknown. */
    readonly from: number | null
}

/**
 * Locks with leases, fencing tokens, and the order of arrival. `README.md` of this folder states
 * the promises and the assumptions.
 */
export class Locks implements ComposedPart<LockCommand, LockOutcome> {
    readonly #bounds: Required<LocksOptions>
    readonly #table: LockTable
    /** The waiting requests of this process, by id. `null`: the request has ended. */
    readonly #onGrant = new Map<string, (grant: Grant | null) => void>()
    readonly #own = new OwnLeases()
    readonly #stopping = new AbortController()
    #host: PartHost | null = null
    #watch: LeaseWatch | null = null
    #requests = 0
    /** The time before the publish of the entry that is being applied, if the time is known. */
    #publishedAt: number | null = null

    /** @throws KibitzError `invalid-argument`. */
    constructor(options: LocksOptions | null = {}) {
        const { locksMax = LOCKS_MAX, waitersMax = WAITERS_MAX } =
            readOptions('Locks', options, LOCKS_OPTIONS)
        this.#bounds = { locksMax, waitersMax }
        this.#table = new LockTable({
            kept: (lease) => {
                this.#watch?.see(lease)
                this.#onGrant.get(lease.id)?.({ token: lease.token, from: this.#publishedAt })
            },
            ended: (id) => {
                this.#watch?.forget(id)
                this.#onGrant.get(id)?.(null)
                this.#own.lose(id, this.#host)
            }
        })
    }

    /**
     * Runs a routine under a lock, and settles like the routine. The lease extends itself until
     * the routine ends. If the lease ends earlier, `lease.signal` aborts, and the routine should
     * stop; the result or the error of the routine stays the result of `using`. The release
     * travels in the background. Rejects without a call of the routine with `refused`,
     * `overloaded`, `timed-out`, `aborted`, or the reason of a stopped Colleague.
     */
    async using<Result>(
        name: string, options: LockUseOptions | null,
        routine: (lease: Lease) => Result | Promise<Result>
    ): Promise<Result> {
        const terms = lockTermsOf(options)
        if (!NAME.fits(name) || typeof routine !== 'function') {
            rejectArgument('using takes a name of 1 to 512 characters, options and a function.')
        }
        const end = this.#own.begin()
        try {
            const { id, lease } = await this.#acquire(name, terms)
            try {
                return await routine(lease)
            } finally {
                this.#own.release(id, lease, this.#attached(), () =>
                    this.#publish({ do: 'release', name, id }))
            }
        } finally {
            end()
        }
    }

    /** All leases, as this member knows them. */
    leases(): readonly LockLease[] {
        return [...this.#table.leases()]
    }

    /** The number of requests that wait for a lock, as this member knows. */
    waiting(name: string): number {
        return this.#table.waiting(name)
    }

    /**
     * Ends all leases of this process. Resolves after their routines, and after their releases, but
     * at most two seconds after the routines.
     */
    async stop(): Promise<void> {
        this.#stopping.abort(aborted('The use of the lock', null))
        await this.#own.stop(this.#stopping.signal.reason, this.#host)
    }

    /** See `ComposedPart`. */
    attach(host: PartHost): void {
        this.#host = host
        this.#watch = new LeaseWatch(host, (lease) => {
            const { name, id, extended } = lease as LockLease
            return this.#publish({ do: 'expire', name, id, extended })
        })
    }

    /** See `Application`. */
    validate(command: LockCommand): void { this.#table.validate(command) }

    /** See `Application`. */
    apply(entry: ApplicationEntry<LockCommand>): LockOutcome {
        this.#publishedAt = this.#own.releasedAt(entry.body)
        return this.#table.apply(entry)
    }

    /** See `Application`. */
    governed(government: Government): void {
        this.#publishedAt = null
        this.#table.governed(government)
    }

    /** See `Application`. */
    snapshot(): Iterable<string> {
        return toLines(this.#table.snapshot())
    }

    /** See `Application`. */
    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        await this.#table.restore(fromLines(chunks))
        this.#watch?.reset(this.#table.leases())
        for (const [id, settle] of this.#onGrant) {
            const found = this.#table.find(id)
            if (found !== 'waits') {
                settle(found && { token: found.token, from: null })
            }
        }
    }

    #attached(): PartHost {
        return this.#host ?? noHost('Locks')
    }

    async #publish(command: LockCommand, waiting: WaitOptions = {}): Promise<LockOutcome> {
        const { result } = await this.#attached().publish(command, waiting)
        return result as LockOutcome
    }

    /** Waits for the lock, and asks again if the lease ends before this member knows of it. */
    async #acquire(
        name: string, terms: LockTerms
    ): Promise<{ readonly id: string, readonly lease: HeldLease }> {
        const host = this.#attached()
        const ends = [terms.signal, this.#stopping.signal, host.closed]
        using wait = new LockWait(name, ends, terms.timeout, host)
        for (;;) {
            const id = `${host.session}-${++this.#requests}`
            let lease: HeldLease | KibitzError | null = null
            try {
                lease = await this.#request(name, id, terms, wait)
            } finally {
                this.#onGrant.delete(id)
                if (lease === null || (lease instanceof HeldLease && lease.remainingMs === 0)) {
                    // The entry of the request may still appear; the release appears later.
                    quiet(this.#publish({ do: 'release', name, id }))
                }
            }
            if (lease instanceof KibitzError) {
                throw lease
            }
            if (lease !== null && lease.remainingMs > 0) {
                this.#own.hold(id, lease)
                return { id, lease }
            }
        }
    }

    /**
     * One request for the lock. `null` if the lease has ended before this member knew of it; an
     * error if the log has refused the request.
     */
    async #request(
        name: string, id: string, terms: LockTerms, wait: LockWait
    ): Promise<HeldLease | KibitzError | null> {
        const { session, now } = this.#attached()
        const { ttl, permits, waits, exile } = terms
        const granted = new Promise<Grant | null>((resolve) => { this.#onGrant.set(id, resolve) })
        const from = now()
        const outcome = await wait.until(this.#publish({
            do: 'acquire', name, id, session, ttl, permits, waits, exile, ...this.#bounds
        }))
        if (outcome.state === 'held') {
            return this.#hold(name, id, outcome.token, from, terms)
        }
        if (outcome.state !== 'waits') {
            return refusalOf(name, outcome.state)
        }
        const grant = await wait.until(granted)
        if (grant === null) {
            return null
        }
        if (grant.from !== null) {
            return this.#hold(name, id, grant.token, grant.from, terms)
        }
        // Other members count the lease from the grant, which this member has perhaps applied late.
        // So the lease is sure only after an extension.
        const extendedFrom = now()
        const isValid = await wait.until(this.#extend(name, id, {}))
        return isValid ? this.#hold(name, id, grant.token, extendedFrom, terms) : null
    }

    #hold(name: string, id: string, token: string, from: number, terms: LockTerms): HeldLease {
        return new HeldLease(name, token, from, terms, this.#attached(),
            (waiting) => this.#extend(name, id, waiting))
    }

    async #extend(name: string, id: string, waiting: WaitOptions): Promise<boolean> {
        const { state } = await this.#publish({ do: 'extend', name, id }, waiting)
        return state === 'done'
    }
}
