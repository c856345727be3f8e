import type { Monotonic } from '../base/monotonic.js'
import type { Ballot, Republic } from '../paxos/messages/messages.js'

/** A question of one member to another about the engine of the asked member. */
export interface QuestionBody {
    readonly republic: Republic
    readonly founding: string
    /** The id of the asking member. */
    readonly id: string
    /** The immigration promise of the asked member. */
    readonly to: Monotonic
}

/** The questions, by method of the wire. */
export type QuestionMethod = 'mark' | 'promised'

/** The answer to a question. */
export interface QuestionAnswer {
    /** The answer of a leader to `mark`: every entry that was committed before is at most here. */
    readonly mark?: Monotonic
    /** The answer of a voter to `promised`: the highest ballot that the voter has promised. */
    readonly promised?: Ballot
}
