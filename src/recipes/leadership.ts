import { aborted, onAbort, SIGNAL_OPTIONS, type SignalOptions } from '../base/abort-signal.js'
import { rejectArgument } from '../base/errors.js'
import { fitting, type OptionTable, readOptions } from '../base/option-table.js'
import type { Monotonic } from '../base/monotonic.js'
import type { ApplicationEntry } from '../colleague/application.js'
import type { Government } from '../paxos/messages/messages.js'
import { lookAtReads } from './lease-signal.js'
import { LEASE_TIME_OPTIONS, leaseTermsOf, type LeaseTimeOptions } from './lock-options.js'
import type { LockCommand, LockLease, LockOutcome } from './lock-commands.js'
import { Locks } from './locks.js'
import { type ComposedPart, noHost, type PartHost } from './part.js'
import { Pulse } from './pulse.js'

/** The options of a leadership. */
export interface LeadershipOptions extends LeaseTimeOptions {
    /**
     * The leading member: `republic` is the member that leads the republic; `lease` is the member
     * that has waited longest, so that several leaderships spread over the members.
     * @default 'republic'
     */
    readonly of?: 'republic' | 'lease'
}

const LEADERSHIP_OPTIONS: OptionTable<LeadershipOptions> = {
    ...LEASE_TIME_OPTIONS,
    of: fitting("'republic' or 'lease'", (value) => value === 'republic' || value === 'lease')
}

/** The work of a leader. */
export type LeadershipRoutine<Result> =
    (signal: AbortSignal, token: Monotonic) => Result | Promise<Result>

/** The name of the one lock. */
const NAME = 'leader'

/** The pause between two looks at the role of this member, as a part of the ttl. */
const LOOKS_PER_TTL = 10

/** The longest pause between two looks, in milliseconds. */
const LOOK_MS_MAX = 250

/**
 * Whether an error is the end of a routine by its signal. `AbortSignal.any` of Node 20 and 22
 * throws an internal error if a signal inside another `any` aborts during the call, at its read.
 */
function isEndOf(error: unknown, signal: AbortSignal): boolean {
    const { name, code } = Object(error) as { readonly name?: unknown, readonly code?: unknown }
    return signal.aborted && (error === signal.reason || name === 'AbortError'
        || code === 'aborted' || code === 'ERR_INTERNAL_ASSERTION')
}

/**
 * Runs a routine at one member at a time: a lock with one name, and the promises of `Locks`. With
 * `of: 'republic'`, only the leader of the republic asks for the lock, and gives the lock up when
 * another member leads.
 */
export class Leadership implements ComposedPart<LockCommand, LockOutcome> {
    readonly #locks = new Locks({ locksMax: 1, waitersMax: 10_000 })
    readonly #ttl: number
    readonly #margin: number
    readonly #followsRepublic: boolean
    readonly #governed = new Pulse()
    readonly #stopping = new AbortController()
    #host: PartHost | null = null

    /** @throws KibitzError `invalid-argument`. */
    constructor(options: LeadershipOptions | null = {}) {
        const { of = 'republic', ...times } =
            readOptions('Leadership', options, LEADERSHIP_OPTIONS)
        const { ttl, margin } = leaseTermsOf(times)
        this.#ttl = ttl
        this.#margin = margin
        this.#followsRepublic = of === 'republic'
    }

    /** The lease of the leader, as this member knows; `null` without a leader. */
    get leader(): LockLease | null {
        return this.#locks.leases()[0] ?? null
    }

    /**
     * Runs the routine each time this member becomes the leader. The signal of the routine aborts
     * when the member no longer leads; the routine should stop then, and runs again with the next
     * leadership. If the routine ends before the signal aborts, `whileLeading` settles like the
     * routine, and the leadership goes on to another member. Rejects with `aborted` if the signal
     * of the options aborts, with the reason of a stopped Colleague, or with an error of the
     * routine that is no consequence of its signal.
     */
    async whileLeading<Result>(
        routine: LeadershipRoutine<Result>, options: SignalOptions | null = {}
    ): Promise<Result> {
        const { signal = null } = readOptions('whileLeading', options, SIGNAL_OPTIONS)
        if (typeof routine !== 'function') {
            rejectArgument('whileLeading takes a function.')
        }
        const host = this.#host ?? noHost('Leadership')
        for (;;) {
            await this.#untilCandidate(host, signal)
            const outcome = await this.#leadOnce(host, routine, signal)
            if (outcome !== null) {
                return outcome.result
            }
        }
    }

    /** Ends the leadership of this process. Resolves as `stop` of `Locks`. */
    async stop(): Promise<void> {
        this.#stopping.abort(aborted('The leadership', null))
        await this.#locks.stop()
    }

    /** See `ComposedPart`. */
    attach(host: PartHost): void {
        this.#host = host
        this.#locks.attach(host)
    }

    /** See `Application`. */
    validate(command: LockCommand): void { this.#locks.validate(command) }

    /** See `Application`. */
    apply(entry: ApplicationEntry<LockCommand>): LockOutcome { return this.#locks.apply(entry) }

    /** See `Application`. */
    governed(government: Government): void {
        this.#locks.governed(government)
        this.#governed.beat()
    }

    /** See `Application`. */
    snapshot(): Iterable<string> { return this.#locks.snapshot() }

    /** See `Application`. */
    restore(chunks: AsyncIterable<Uint8Array>): Promise<void> { return this.#locks.restore(chunks) }

    /** Whether this member may ask for the lock, or keep the lock. */
    #mayLead(host: PartHost): boolean {
        return !this.#followsRepublic || host.isLeader
    }

    get #lookMs(): number {
        return Math.min(this.#ttl / LOOKS_PER_TTL, LOOK_MS_MAX)
    }

    /** Resolves when this member may ask for the lock. */
    async #untilCandidate(host: PartHost, signal: AbortSignal | null): Promise<void> {
        const ends = [host.closed, this.#stopping.signal, signal]
        for (;;) {
            host.closed.throwIfAborted()
            this.#stopping.signal.throwIfAborted()
            if (signal?.aborted === true) {
                throw aborted('The wait for the leadership', signal)
            }
            if (this.#mayLead(host)) {
                return
            }
            await this.#governed.wait(ends, { host, ms: this.#lookMs })
        }
    }

    /** Leads once; `null` if the leadership has ended before the routine, or ended the routine. */
    async #leadOnce<Result>(
        host: PartHost, routine: LeadershipRoutine<Result>, signal: AbortSignal | null
    ): Promise<{ readonly result: Result } | null> {
        const round = new AbortController()
        const forget = signal === null ? () => {} : onAbort(signal, () =>
            round.abort(aborted('The leadership', signal)))
        void this.#watchRole(host, round)
        let hasBegun = false
        try {
            return await this.#locks.using(NAME, {
                ttl: this.#ttl, margin: this.#margin, signal: round.signal
            }, async (lease) => {
                const endLease = onAbort(lease.signal, () => round.abort(lease.signal.reason))
                lookAtReads(round.signal, () => void lease.signal.aborted)
                hasBegun = true
                try {
                    const result = await routine(round.signal, lease.token)
                    return round.signal.aborted ? null : { result }
                } finally {
                    endLease()
                }
            })
        } catch (error) {
            host.closed.throwIfAborted()
            this.#stopping.signal.throwIfAborted()
            const isTransient = !hasBegun && Object(error).code !== 'invalid-argument'
            if (!isTransient && !isEndOf(error, round.signal)) {
                throw error
            }
            const ends = [host.closed, this.#stopping.signal, signal]
            await this.#governed.wait(ends, { host, ms: this.#lookMs })
            return null
        } finally {
            forget()
            round.abort(aborted('The leadership', null))
        }
    }

    /** Ends a round when this member no longer leads the republic. */
    async #watchRole(host: PartHost, round: AbortController): Promise<void> {
        while (this.#followsRepublic && !round.signal.aborted) {
            if (!this.#mayLead(host)) {
                round.abort(aborted('The leadership, because another member leads,', null))
            }
            const ends = [round.signal, host.closed]
            await this.#governed.wait(ends, { host, ms: this.#lookMs })
        }
    }
}
