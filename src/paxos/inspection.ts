import type { Monotonic } from '../base/monotonic.js'

/** What `inspect` tells. */
export interface Inspection {
    readonly id: string
    readonly role: 'stranger' | 'exile' | 'leader' | 'candidate' | 'citizen'
    readonly government: Monotonic
    readonly committed: Monotonic
    /** The last entry held, committed or not. */
    readonly head: Monotonic
    readonly promised: Monotonic
    readonly accepted: Monotonic
    /** How many proposals wait to be written. */
    readonly waiting: number
    /** Who has a seat and has not answered this leader for a `timeout`. */
    readonly silent: readonly string[]
    /** The government that is accepted here and not committed; `null` if there is none. */
    readonly open: OpenGovernment | null
    /** The members that lack entries which the log no longer holds, as far as is known here. */
    readonly leftBehind: readonly string[]
}

/** What a member knows of a leader, as of the last input. Time alone changes it. */
export interface Contact {
    /** Whether a leader in good standing is known. */
    readonly isLed: boolean
    /** How old the last contact with a leader in good standing is; `null` without a contact. */
    readonly leaderSeenMs: number | null
}

/** A government that this member has accepted and does not know to be committed. */
export interface OpenGovernment {
    readonly promise: Monotonic
    /** Voters that must still accept the government, and have not, as far as it is known here. */
    readonly missing: readonly string[]
    /** For how long this member has held the government, in milliseconds of its own time. */
    readonly forMs: number
}
