import { rejectArgument } from '../base/errors.js'
import type { Monotonic } from '../base/monotonic.js'
import { DURATION_MS_MAX } from '../base/option-table.js'
import type { LeaseRecord } from './lease-watch.js'

/** Asks for a lock. The bounds are those of the asking member, so that all members agree. */
export interface AcquireLock {
    readonly do: 'acquire'
    readonly name: string
    /** The id of the request, and of the lease that it leads to. */
    readonly id: string
    readonly session: string
    readonly ttl: number
    /** The number of leases that exist at the same time. */
    readonly permits: number
    /** Whether the request waits for its turn. */
    readonly waits: boolean
    /** Whether the exile of the holder ends the lease at once. */
    readonly exile: boolean
    readonly locksMax: number
    readonly waitersMax: number
}

/** A command of the lock table. */
export type LockCommand =
    | AcquireLock
    /** Extends a lease of the publisher. */
    | { readonly do: 'extend', readonly name: string, readonly id: string }
    /** Ends a lease or a request of the publisher. */
    | { readonly do: 'release', readonly name: string, readonly id: string }
    /** Ends a lease, unless an extension after `extended` is in the log. */
    | {
        readonly do: 'expire', readonly name: string, readonly id: string,
        readonly extended: Monotonic
    }

/**
 * The result of a command. `held` and `waits` answer `acquire`; `busy`, `full` and `permits` refuse
 * the request. The other commands are `done`, or `void` without an effect.
 */
export interface LockOutcome {
    readonly state: 'held' | 'waits' | 'busy' | 'full' | 'permits' | 'done' | 'void'
    /** The token of a lease; empty for the other outcomes. */
    readonly token: Monotonic
}

/** A lease of a lock. */
export interface LockLease extends LeaseRecord {
    readonly name: string
    readonly exile: boolean
}

const NAME_LENGTH_MAX = 512
const COUNT_MAX = 1_000_000
const DO = ['acquire', 'extend', 'release', 'expire']

function isCount(value: unknown): boolean {
    return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= COUNT_MAX
}

function isText(value: unknown): boolean {
    return typeof value === 'string' && value !== '' && value.length <= NAME_LENGTH_MAX
}

/** Refuses a value that is no command. @throws KibitzError `invalid-argument`. */
export function rejectLockCommand(command: LockCommand): void {
    const { do: kind, name, id } = Object(command) as LockCommand
    if (!DO.includes(kind) || !isText(name) || !isText(id)) {
        rejectArgument(`A command of a lock has a name and an id of 1 to ${NAME_LENGTH_MAX} `
            + 'characters.')
    }
    if (command.do === 'acquire') {
        const { ttl, permits, locksMax, waitersMax, session } = command
        const isTime = Number.isSafeInteger(ttl) && ttl >= 1 && ttl <= DURATION_MS_MAX
        if (!isTime || !isText(session) || ![permits, locksMax, waitersMax].every(isCount)) {
            rejectArgument('The ttl, the permits or the bounds of a lock are not usable.')
        }
    }
}
