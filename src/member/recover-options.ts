import type { Monotonic } from '../base/monotonic.js'
import { callable, type OptionTable } from '../base/option-table.js'

/** The progress of a recovery. */
export interface Recovery {
    /** The number of applied records. */
    readonly records: number
    /** The number of all records. */
    readonly of: number
}

/** The options of `recover`. */
export interface RecoverOptions {
    /** Reports the progress from time to time, and at the end. @default no reports */
    readonly progress?: (recovery: Recovery) => void
}

/** The kinds of these options. */
export const RECOVER_OPTIONS: OptionTable<RecoverOptions> = { progress: callable }

/** The application's state, as stored in a snapshot. */
export interface KeptState {
    /** The last entry that the application had applied. The log continues after this entry. */
    readonly promise: Monotonic
    /**
     * The state that was passed to `snapshot`, in pieces of any size. Read the state before the
     * next snapshot.
     */
    readonly state: AsyncIterable<Uint8Array>
}

/** The result of a recovery. */
export interface Recovered {
    /** Whether the member belongs to a republic. If not, call `bootstrap` or `join`. */
    readonly recovered: boolean
    /**
     * Whether the log has exiled the member. If so, clear the journal and join with a new
     * Kibitzer.
     */
    readonly exiled: boolean
    /** The number of applied records. */
    readonly records: number
    /**
     * The state of the last snapshot; `null` without a snapshot: the log then begins with its first
     * entry.
     */
    readonly snapshot: KeptState | null
}
