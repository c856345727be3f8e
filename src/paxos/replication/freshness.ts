import { Monotonic } from '../../base/monotonic.js'
import { type InstantState, readInstant, writeInstant } from '../member-time.js'
import type { Ballot } from '../messages/messages.js'

/** The written form of a member's freshness. The parts without knowledge are absent. */
export interface FreshnessState {
    readonly freshAt: InstantState
    readonly steadyFrom: InstantState
    readonly awaited?: Awaited
    readonly milestone?: Milestone
    /** Absent if the member has not restarted. */
    readonly echoBase?: number
}

/** What a message has told about a log that the member does not hold yet. */
interface Awaited {
    /** The sender's last committed entry. */
    readonly promise: Monotonic
    /** Every entry that any member had committed before this instant is at or before `promise`. */
    readonly at: number
}

/** The end of a leader's log at an instant. */
interface Milestone {
    readonly ballot: Ballot
    readonly at: number
    readonly head: number
    /** The instant of the last milestone through which all entries are committed. */
    readonly reachedAt: InstantState
}

/**
 * How fresh the committed log of a member is. All instants are instants of the member's own time.
 *
 * 1. Every entry that any member had committed before `freshAt` is in the committed log.
 * 2. The member's own time does not count a long pause in full, and does not count a step back of
 *    the clock. So an instant before `steadyFrom` says nothing about the time since. A pause makes
 *    `freshAt` earlier by the time that does not count; a step back makes `freshAt` unknown.
 *
 * `age.ts` decides what a member knows.
 */
export class Freshness {
    freshAt: number = Number.NEGATIVE_INFINITY
    steadyFrom: number = Number.NEGATIVE_INFINITY
    /** What the member adds to its own time in the instant of an answer (`countRestart`). */
    echoBase = 0
    #awaited: Awaited | null = null
    #ballot: Ballot = '0/0/0'
    #milestoneAt = 0
    #milestone = 0
    #reachedAt: number = Number.NEGATIVE_INFINITY

    /** Forgets all knowledge: an unknown time has passed, and the member's own time stood still. */
    forget(now: number): void {
        this.freshAt = Number.NEGATIVE_INFINITY
        this.steadyFrom = now + 1
        this.#awaited = null
    }

    /**
     * Counts a restart. The instant of an answer must not return: the earlier process may have sent
     * answers after the last instant that its journal holds, so the same instants of the member's
     * own time come again. An echo of such an answer then seems to be from before `steadyFrom`.
     *
     * @param unrecordedMs The limit of the time that the journal lacks.
     */
    countRestart(unrecordedMs: number): void {
        this.echoBase += unrecordedMs + 1
    }

    /**
     * Counts a pause.
     *
     * @param lostMs The part of the pause that the member's own time does not count.
     */
    countPause(now: number, lostMs: number): void {
        this.freshAt -= lostMs
        this.steadyFrom = now
        if (this.#awaited !== null) {
            this.#awaited = { ...this.#awaited, at: this.#awaited.at - lostMs }
        }
    }

    /** Whether the time since an instant is measured in full. */
    isSteady(at: number): boolean {
        return at >= this.steadyFrom
    }

    /** Takes a proof of invariant 1 for an instant. */
    raise(at: number): void {
        this.freshAt = Math.max(this.freshAt, at)
    }

    /**
     * Takes a message whose sender had committed the log through a promise: every entry that any
     * member had committed before an instant is at or before the promise.
     *
     * If the member lacks entries through the promise, the member remembers the instant until the
     * entries have come. In the meantime the member remembers no later message, so that under load
     * the remembered message comes true.
     */
    takeMessage(promise: Monotonic, at: number, committed: Monotonic): void {
        const awaited = this.#awaited
        if (awaited !== null && Monotonic.compare(awaited.promise, committed) <= 0) {
            this.#awaited = null
            this.raise(awaited.at)
        }
        if (Monotonic.compare(promise, committed) <= 0) {
            this.raise(at)
        } else {
            this.#awaited ??= { promise, at }
        }
    }

    /**
     * The instant before which a leader has written all entries that it has committed by now, and
     * that a voter may have committed before the leader.
     *
     * A voter may commit an entry before the leader does (rule 3 of `commit.ts`). So a leader with
     * uncommitted entries remembers a milestone, the end of its log at an instant. Once all entries
     * through the milestone are committed, every entry from before the instant is committed.
     */
    coveredAt(ballot: Ballot, head: number, committed: number, now: number): number {
        const isSame = ballot === this.#ballot
        if (isSame && committed < this.#milestone) {
            return this.#reachedAt
        }
        const reachedAt = isSame ? this.#milestoneAt : Number.NEGATIVE_INFINITY
        this.#reachedAt = committed === head ? now : reachedAt
        this.#ballot = ballot
        this.#milestoneAt = now
        this.#milestone = head
        return this.#reachedAt
    }

    /** The written form; `null` if the member knows nothing. */
    state(): FreshnessState | null {
        const { freshAt, steadyFrom } = this
        const isKnown = freshAt !== Number.NEGATIVE_INFINITY || this.echoBase !== 0 ||
            steadyFrom !== Number.NEGATIVE_INFINITY || this.#awaited !== null
        if (!isKnown && this.#ballot === '0/0/0') {
            return null
        }
        const milestone = {
            ballot: this.#ballot,
            at: this.#milestoneAt,
            head: this.#milestone,
            reachedAt: writeInstant(this.#reachedAt)
        }
        return {
            freshAt: writeInstant(freshAt),
            steadyFrom: writeInstant(steadyFrom),
            ...(this.#awaited !== null && { awaited: this.#awaited }),
            ...(this.#ballot !== '0/0/0' && { milestone }),
            ...(this.echoBase !== 0 && { echoBase: this.echoBase })
        }
    }

    /** Restores a written form. */
    static restore(state: FreshnessState | null): Freshness {
        const freshness = new Freshness()
        if (state !== null) {
            freshness.freshAt = readInstant(state.freshAt)
            freshness.steadyFrom = readInstant(state.steadyFrom)
            freshness.#awaited = state.awaited ?? null
            freshness.echoBase = state.echoBase ?? 0
        }
        const milestone = state?.milestone
        if (milestone !== undefined) {
            freshness.#ballot = milestone.ballot
            freshness.#milestoneAt = milestone.at
            freshness.#milestone = milestone.head
            freshness.#reachedAt = readInstant(milestone.reachedAt)
        }
        return freshness
    }
}
