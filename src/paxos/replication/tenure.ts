import type { Monotonic } from '../../base/monotonic.js'
import type { Accepted } from '../election/withdrawal.js'
import type { Log } from '../log/log.js'
import { readInstant, writeInstant, type InstantState } from '../member-time.js'
import { isGovernment } from '../membership/government.js'
import type { Ballot } from '../messages/messages.js'

/** What a member knows of its own term as a writer. */
export interface TenureState {
    readonly since: InstantState
    readonly opened: { readonly promise: Monotonic; readonly openedAt: number } | null
    readonly draft: { readonly ballot: Ballot; readonly promise: Monotonic } | null
}

/** A government that is accepted here and not known to be committed. */
export interface Opened {
    readonly promise: Monotonic
    /** When this member first held the entry, in the member's own time. */
    readonly openedAt: number
}

/** A government that this member wrote by its own choice, and the ballot of the writing. */
export interface Draft {
    readonly ballot: Ballot
    readonly promise: Monotonic
}

/**
 * What this member knows of its own term as a writer: since when answers are evidence, and which
 * government is open.
 */
export class Tenure {
    /**
     * Answers to calls from before this instant are no evidence of presence: at this instant the
     * member took its ballot, came back from a pause of its process, or restarted.
     */
    since: number = Number.NEGATIVE_INFINITY
    /** The open government at the end of the suffix; `null` if there is none. */
    opened: Opened | null = null
    /**
     * The last government that this member itself drafted. An adopted government is no draft. A
     * restart drops the draft: the process before may have committed the government, and told
     * others so, behind the last input that its journal holds.
     */
    draft: Draft | null = null

    /** Notes whether the suffix ends with an open government. */
    observe(log: Log, now: number): void {
        const promise = log.head > log.committed ? log.promiseAt(log.head) : '0/0'
        if (promise === '0/0' || !isGovernment(promise)) {
            this.opened = null
        } else if (this.opened?.promise !== promise) {
            this.opened = { promise, openedAt: now }
        }
    }

    /** Notes a government that this member has written, if its writing has moved the head. */
    noteDraft(log: Log, headBefore: number, ballot: Ballot, now: number): void {
        const { promise } = log.last
        if (log.head > headBefore && isGovernment(promise)) {
            this.draft = { ballot, promise }
            this.observe(log, now)
        }
    }

    /** What this member says, with a promise, of the suffix that it accepted under a ballot. */
    acceptedUnder(ballot: Ballot, log: Log): Accepted {
        const draft = this.draft?.ballot === ballot ? this.draft.promise : null
        return { ballot, entries: log.suffix(), draft }
    }

    /** The instant from which the voters of an open government have a `timeout` to answer. */
    graceFrom(): number {
        return Math.max(this.since, this.opened?.openedAt ?? Number.NEGATIVE_INFINITY)
    }

    /** All that later decisions depend on. */
    state(): TenureState {
        return { since: writeInstant(this.since), opened: this.opened, draft: this.draft }
    }

    /** Goes on from where another one was. */
    static restore({ since, opened, draft }: TenureState): Tenure {
        const tenure = new Tenure()
        tenure.since = readInstant(since)
        tenure.opened = opened
        tenure.draft = draft
        return tenure
    }
}
