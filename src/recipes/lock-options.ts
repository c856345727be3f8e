import type { WaitOptions } from '../base/abort-signal.js'
import { KibitzError, rejectArgument } from '../base/errors.js'
import {
    abortSignal, count, flag, milliseconds, type OptionTable, readOptions
} from '../base/option-table.js'
import type { LeaseTerms } from './held-lease.js'
import type { LockOutcome } from './lock-commands.js'

/** The times of a lease of this process. */
export interface LeaseTimeOptions {
    /**
     * The time for which the lease lasts without an extension, in milliseconds, at least 100: the
     * time after which another member gets the place of a killed holder. @default 10000
     */
    readonly ttl?: number
    /**
     * The holder ends its lease so much earlier than the other members may end it, in
     * milliseconds: the time to stop the work, and the permitted difference of the clock rates.
     * Less than half the ttl. @default a fifth of the ttl
     */
    readonly margin?: number
}

/** The options of one use of a lock. */
export interface LockUseOptions extends WaitOptions, LeaseTimeOptions {
    /** The number of leases of this lock at the same time; equal at all uses. @default 1 */
    readonly permits?: number
    /** Whether to wait for a lock that is not free; else rejects with `refused`. @default true */
    readonly wait?: boolean
    /**
     * Whether the exile of the holder gives the lock to the next request at once. The exiled
     * holder may still run until its own lease ends: use `true` only if the protected resource
     * checks the token. @default false
     */
    readonly releaseOnExile?: boolean
}

/** The allowed times of a lease. */
export const LEASE_TIME_OPTIONS: OptionTable<LeaseTimeOptions> = {
    ttl: {
        expected: 'a whole number of milliseconds, at least 100',
        fits: (value) => milliseconds.fits(value) && Number(value) >= 100
    },
    margin: milliseconds
}

const LOCK_USE_OPTIONS: OptionTable<LockUseOptions> = {
    ...LEASE_TIME_OPTIONS,
    signal: abortSignal,
    timeout: milliseconds,
    permits: count(1_000_000),
    wait: flag,
    releaseOnExile: flag
}

const TTL_MS = 10_000
const MARGIN_PART = 5

/** The options of a use, with defaults. */
export interface LockTerms extends LeaseTerms {
    readonly permits: number
    readonly waits: boolean
    readonly exile: boolean
    readonly signal: AbortSignal | null
    /** In milliseconds; `null` without a limit. */
    readonly timeout: number | null
}

/** The times of a lease, with defaults. @throws KibitzError `invalid-argument`. */
export function leaseTermsOf({ ttl = TTL_MS, margin }: LeaseTimeOptions): LeaseTerms {
    const kept = margin ?? Math.floor(ttl / MARGIN_PART)
    if (kept * 2 >= ttl) {
        rejectArgument('The margin must be less than half the ttl.')
    }
    return { ttl, margin: kept }
}

/** Reads the options of a use. @throws KibitzError `invalid-argument`. */
export function lockTermsOf(options: LockUseOptions | null): LockTerms {
    const {
        permits = 1, wait: waits = true, releaseOnExile: exile = false,
        signal = null, timeout = null, ...times
    } = readOptions('using', options, LOCK_USE_OPTIONS)
    return { ...leaseTermsOf(times), permits, waits, exile, signal, timeout }
}

/** The error of a request that the lock table has refused. */
export function refusalOf(name: string, state: LockOutcome['state']): KibitzError {
    const refuse = (code: KibitzError['code'], what: string): KibitzError =>
        new KibitzError(code, `The lock ${name} ${what}. The routine did not run.`)
    switch (state) {
        case 'busy':
            return refuse('refused', 'is not free, and the request does not wait (option wait); '
                + 'try again later')
        case 'permits':
            return refuse('invalid-argument', 'is in use with another number of permits; use one '
                + 'number everywhere')
        default:
            return refuse('overloaded', 'has too many requests, or there are too many locks '
                + '(options waitersMax and locksMax); try again later')
    }
}
