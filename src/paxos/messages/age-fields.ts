// The fields of messages from which each member derives the age of its log (`replication/age.ts`).
// Members of earlier versions neither send nor read the fields.

/** The age of the log of a request's sender. */
export interface AgeOfSender {
    /** The age of the sender's committed log, in milliseconds; absent if unknown. */
    readonly age?: number
    /**
     * The instant `at` of the receiver's last answer to the sender. Present if `age` is, and, once
     * the receiver has answered, in each request that reports a move.
     */
    readonly echo?: number
}

/** The instant of an answer. */
export interface InstantOfAnswer {
    /** The instant of the answer, by the answering member's own time. */
    readonly at?: number
}
