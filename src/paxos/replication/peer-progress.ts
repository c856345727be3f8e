import type { Monotonic } from '../../base/monotonic.js'
import { readInstant, writeInstant, type InstantState } from '../member-time.js'
import type { Incarnation } from '../messages/messages.js'
import { grow, type RunSize, shrink } from './run-size.js'

/** The written form of the record of a peer. */
export interface PeerState extends Incarnation {
    readonly holds: number
    readonly stranger: boolean
    readonly matched: boolean
    readonly match: number
    readonly next: number
    readonly marked: number
    readonly awaited: number
    readonly calls: number
    readonly overtaken: number
    readonly answeredFrom: InstantState
    readonly sentAt: InstantState
    readonly probedAt: InstantState
    readonly obeyedAt: InstantState
    readonly answeredAt: InstantState
    readonly presentAt: InstantState
    readonly askedAt: InstantState
    readonly pressedAt: InstantState
    readonly asks: number
    readonly failures: number
    readonly lostAt: InstantState
    readonly lostFrom: Monotonic
    readonly feeds: boolean | null
    /** Absent if the options alone limit a run. */
    readonly runSize?: number
    /** Absent if the peer has told no instant. */
    readonly echo?: number
}

/**
 * The record of a peer to which the member sends requests: the peer's progress, and whether the
 * peer answers. All positions are positions in the member's own log.
 */
export class PeerProgress implements Incarnation {
    readonly id: string
    readonly immigrated: Monotonic
    /** The position through which the peer has committed; -1 if unknown. */
    holds = -1
    /** The peer is a newcomer without a log: its admission comes before any entry. */
    stranger = false
    /** The peer has accepted a run under the writer's ballot. */
    matched = false
    /** The position through which the peer holds the log under the writer's ballot. */
    match = -1
    /** The position of the next entry to send. Runs are sent before earlier runs are answered. */
    next = 0
    /** The last commit mark sent to the peer. */
    marked = -1
    /** The position of the last entry that a publisher at or below the peer waits for. */
    awaited = -1
    /** The number of requests under way. */
    calls = 0
    /**
     * The number of requests under way that were sent before an answered request. Such a request is
     * lost or slow, and no later request waits for the answer.
     */
    overtaken = 0
    /** The instant of sending of the newest answered request. */
    answeredFrom: number = Number.NEGATIVE_INFINITY
    /** The instant of the last request. */
    sentAt: number = Number.NEGATIVE_INFINITY
    /** The instant of the last probe. */
    probedAt: number = Number.NEGATIVE_INFINITY
    /** The instant of the last request that the peer obeyed as a voter: the instant of sending. */
    obeyedAt: number = Number.NEGATIVE_INFINITY
    /** The instant of the last answer. */
    answeredAt: number = Number.NEGATIVE_INFINITY
    /**
     * The instant of the last answer to the member as a writer: the evidence of the peer's
     * presence.
     */
    presentAt: number = Number.NEGATIVE_INFINITY
    /** The instant of the first request without an answer; `null` after an answer. */
    askedAt: number | null = null
    /** The start of the requests without an answer that follow each other within a `timeout`. */
    pressedAt: number = Number.NEGATIVE_INFINITY
    /** The number of requests since `pressedAt`. */
    asks = 0
    /** The number of calls in a row that failed or brought the peer no further. */
    failures = 0
    /**
     * The instant since which the peer lacks entries that the member no longer holds; `null`
     * otherwise.
     */
    lostAt: number | null = null
    /** The peer's commit mark at `lostAt`. If the mark moves, a third member feeds the peer. */
    lostFrom: Monotonic = '0/0'
    /**
     * Whether the peer gives entries to the member. `true`: the last entries came from the peer ·
     * `false`: the peer no longer holds the missing entries · `null`: unknown.
     */
    feeds: boolean | null = null
    /** The limit of a run to the peer, in entries, by the rule in `run-size.ts`. */
    runSize: RunSize = null
    /** The instant of the peer's last answer, by the peer's own time. */
    echo: number | null = null

    constructor({ id, immigrated }: Incarnation) {
        this.id = id
        this.immigrated = immigrated
    }

    /** The written form. */
    state(): PeerState {
        const { sentAt, probedAt, obeyedAt, answeredAt, presentAt, pressedAt, ...others } = this
        const { runSize, echo, answeredFrom, ...rest } = others
        return {
            ...rest,
            ...(runSize !== null && { runSize }),
            ...(echo !== null && { echo }),
            answeredFrom: writeInstant(answeredFrom),
            sentAt: writeInstant(sentAt),
            probedAt: writeInstant(probedAt),
            obeyedAt: writeInstant(obeyedAt),
            answeredAt: writeInstant(answeredAt),
            presentAt: writeInstant(presentAt),
            pressedAt: writeInstant(pressedAt)
        }
    }

    /** Restores a written form. */
    static restore(state: PeerState): PeerProgress {
        return Object.assign(new PeerProgress(state), {
            ...state,
            answeredFrom: readInstant(state.answeredFrom),
            sentAt: readInstant(state.sentAt),
            probedAt: readInstant(state.probedAt),
            obeyedAt: readInstant(state.obeyedAt),
            answeredAt: readInstant(state.answeredAt),
            presentAt: readInstant(state.presentAt),
            pressedAt: readInstant(state.pressedAt)
        })
    }

    /** The number of requests under way, without the overtaken requests. */
    get awaiting(): number {
        return this.calls - this.overtaken
    }

    /**
     * The position through which the peer is known to have committed. A voter in step also commits
     * through the last mark sent.
     */
    informedThrough(votes: boolean): number {
        return votes ? Math.max(this.marked, this.holds) : this.holds
    }

    /**
     * Counts a request. After a pause longer than a `timeout`, the count of unanswered requests
     * restarts.
     */
    countRequest(now: number, timeout: number): void {
        if (this.asks === 0 || now - this.sentAt > timeout) {
            this.pressedAt = now
            this.asks = 0
        }
        this.calls++
        this.sentAt = now
        this.askedAt ??= now
        this.asks++
    }

    /**
     * Counts a probe: a request that only asks whether the peer is there. Unanswered probes never
     * lead to an exile: a third member may reach the peer all the time.
     */
    countProbe(now: number): void {
        this.calls++
        this.probedAt = now
        this.askedAt ??= now
    }

    /** Counts the end of a call under way, by an answer or a failure. */
    countEnd(sentAt: number): void {
        this.calls--
        if (sentAt < this.answeredFrom) {
            this.overtaken--
        }
    }

    /** Counts an answer; `arrived`: the peer holds the entries of the call. */
    countAnswer(now: number, arrived: boolean): void {
        this.answeredAt = now
        this.askedAt = null
        this.asks = 0
        this.failures = arrived ? 0 : this.failures + 1
    }

    /** Counts a failed call. All entries without an acceptance are sent again. */
    countFailure(): void {
        this.failures++
        this.next = this.match + 1
        this.feeds = this.feeds === true ? null : this.feeds
    }

    /** Counts a failed call with so many entries. The next run is shorter. */
    countFailedCall(entries: number): void {
        this.countFailure()
        this.runSize = shrink(this.runSize, entries)
    }

    /** Counts an answered call with so many entries. The next run may be longer. */
    countArrivedCall(entries: number, most: number): void {
        if (entries !== 0) {
            this.runSize = grow(this.runSize, most)
        }
    }

    /**
     * Forgets calls, answers and silence: the process that sent the requests has ended. The
     * positions of the peer stay.
     */
    revive(): void {
        this.runSize = null
        this.calls = 0
        this.overtaken = 0
        this.answeredFrom = Number.NEGATIVE_INFINITY
        this.next = this.match + 1
        this.sentAt = Number.NEGATIVE_INFINITY
        this.probedAt = Number.NEGATIVE_INFINITY
        this.obeyedAt = Number.NEGATIVE_INFINITY
        this.presentAt = Number.NEGATIVE_INFINITY
        this.askedAt = null
        this.pressedAt = Number.NEGATIVE_INFINITY
        this.asks = 0
        this.failures = 0
        this.lostAt = null
        this.feeds = null
    }

    /** Counts the peer's promise of the member's ballot, given at an equal commit mark. */
    countVote(holds: number, now: number): void {
        this.holds = holds
        this.obeyedAt = now
        this.presentAt = now
    }

    /** Forgets all acceptances and obedience: a new ballot begins. */
    forgetAcceptance(): void {
        this.matched = false
        this.match = -1
        this.marked = -1
        this.next = 0
        this.obeyedAt = Number.NEGATIVE_INFINITY
        this.presentAt = Number.NEGATIVE_INFINITY
    }

    /** Counts an acceptance through a position; `expected` is the last position of the run. */
    countAcceptance(position: number, expected: number): void {
        if (!this.matched) {
            this.matched = true
            this.next = position + 1
        }
        this.match = Math.max(this.match, position)
        // If the run found no place, the writer sends again from the accepted position. Otherwise
        // `next` never moves back.
        this.next = position < expected ? this.match + 1 : Math.max(this.next, this.match + 1)
    }
}
