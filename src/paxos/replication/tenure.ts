import type { Monotonic } from '../../base/monotonic.js'
import type { Accepted } from '../election/withdrawal.js'
import type { Log } from '../log/log.js'
import { readInstant, writeInstant, type InstantState } from '../member-time.js'
import { isGovernment } from '../membership/government.js'
import type { Ballot } from '../messages/messages.js'

/** The written form of a tenure. */
export interface TenureState {
    readonly since: InstantState
    readonly opened: { readonly promise: Monotonic; readonly openedAt: number } | null
    readonly draft: { readonly ballot: Ballot; readonly promise: Monotonic } | null
}

/** An open government: accepted by the member, and not known to be committed. */
export interface Opened {
    readonly promise: Monotonic
    /** The instant of the acceptance, in the member's own time. */
    readonly openedAt: number
}

/** A government that the member wrote by its own choice, and the ballot of the writing. */
export interface Draft {
    readonly ballot: Ballot
    readonly promise: Monotonic
}

/**
 * The member's own term as a writer: since when answers are evidence of presence, which government
 * is open, and which government the member drafted.
 */
export class Tenure {
    /**
     * Answers to calls from before this instant are no evidence of presence. At this instant the
     * member took its ballot, came back from a pause of its process, or restarted.
     */
    since: number = Number.NEGATIVE_INFINITY
    /** The open government at the end of the suffix; `null` if there is none. */
    opened: Opened | null = null
    /**
     * The last government that the member itself drafted. An adopted government is no draft. A
     * restart drops the draft: the earlier process may have committed the government and told
     * peers, after the last input in its journal.
     */
    draft: Draft | null = null

    /** Records the open government at the end of the suffix, if there is one. */
    observe(log: Log, now: number): void {
        const promise = log.head > log.committed ? log.promiseAt(log.head) : '0/0'
        if (promise === '0/0' || !isGovernment(promise)) {
            this.opened = null
        } else if (this.opened?.promise !== promise) {
            this.opened = { promise, openedAt: now }
        }
    }

    /**
     * Records a government that the member has just written. Without a new entry nothing changes.
     */
    recordDraft(log: Log, headBefore: number, ballot: Ballot, now: number): void {
        const { promise } = log.last
        if (log.head > headBefore && isGovernment(promise)) {
            this.draft = { ballot, promise }
            this.observe(log, now)
        }
    }

    /** The part of a promise that describes the suffix, with the ballot of its acceptance. */
    acceptedUnder(ballot: Ballot, log: Log): Accepted {
        const draft = this.draft?.ballot === ballot ? this.draft.promise : null
        return { ballot, entries: log.suffix(), draft }
    }

    /** The instant from which the voters of an open government have a `timeout` to answer. */
    graceFrom(): number {
        return Math.max(this.since, this.opened?.openedAt ?? Number.NEGATIVE_INFINITY)
    }

    /** The written form. */
    state(): TenureState {
        return { since: writeInstant(this.since), opened: this.opened, draft: this.draft }
    }

    /** Restores a written form. */
    static restore({ since, opened, draft }: TenureState): Tenure {
        const tenure = new Tenure()
        tenure.since = readInstant(since)
        tenure.opened = opened
        tenure.draft = draft
        return tenure
    }
}
