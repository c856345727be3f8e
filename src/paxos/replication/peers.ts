import type { Monotonic } from '../../base/monotonic.js'
import { readInstant, writeInstant, type InstantState } from '../member-time.js'
import type { Incarnation } from '../messages/messages.js'
import { grow, type RunSize, shrink } from './run-size.js'

/** What a member knows of another. */
export interface PeerState extends Incarnation {
    readonly holds: number
    readonly stranger: boolean
    readonly matched: boolean
    readonly match: number
    readonly next: number
    readonly marked: number
    readonly awaited: number
    readonly calls: number
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
    /** Absent where runs are as long as the options say. */
    readonly runSize?: number
}

/**
 * What one member knows of another that it asks things: how far it is, and whether it answers.
 * Positions are those of the asker's own log.
 */
export class Peer implements Incarnation {
    readonly id: string
    readonly immigrated: Monotonic
    /** It has committed through here; -1 while that is not known. */
    holds = -1
    /** It has never been welcomed: it wants its admission before anything else. */
    stranger = false
    /** It accepts what comes under the writer's ballot. */
    matched = false
    /** It holds everything through here under the writer's ballot. */
    match = -1
    /** What is sent next, ahead of the answers. */
    next = 0
    /** The last commit mark it was sent. */
    marked = -1
    /** The last entry that it, or somebody it feeds, waits to see in its log. */
    awaited = -1
    /** How many requests are under way. */
    calls = 0
    /** When it was last asked anything. */
    sentAt: number = Number.NEGATIVE_INFINITY
    /** When the peer was last probed. */
    probedAt: number = Number.NEGATIVE_INFINITY
    /** When the last request was sent that it obeyed as a voter. */
    obeyedAt: number = Number.NEGATIVE_INFINITY
    /** When it last answered. */
    answeredAt: number = Number.NEGATIVE_INFINITY
    /** When the peer last answered this writer: the evidence that the peer is present. */
    presentAt: number = Number.NEGATIVE_INFINITY
    /** Since when it is asked in vain; `null` while it answers. */
    askedAt: number | null = null
    /** Since when it is asked in vain with no longer pause than a `timeout`. */
    pressedAt: number = Number.NEGATIVE_INFINITY
    /** How often it was asked in vain since then. */
    asks = 0
    /** How many calls in a row came to nothing or brought it no further. */
    failures = 0
    /** Since when the peer lacks entries that this member no longer holds; `null`: it does not. */
    lostAt: number | null = null
    /** The peer's commit mark since then. If the mark moves, another member feeds the peer. */
    lostFrom: Monotonic = '0/0'
    /**
     * Whether the peer gives this member entries: `true`: the last ones came from the peer;
     * `false`: the peer says that it no longer holds them; `null`: not known.
     */
    feeds: boolean | null = null
    /** How many entries a run to the peer carries at most, by the rule in `run-size.ts`. */
    runSize: RunSize = null

    constructor({ id, immigrated }: Incarnation) {
        this.id = id
        this.immigrated = immigrated
    }

    /** All that is known. */
    state(): PeerState {
        const { sentAt, probedAt, obeyedAt, answeredAt, presentAt, pressedAt, ...others } = this
        const { runSize, ...rest } = others
        return {
            ...rest,
            ...(runSize !== null && { runSize }),
            sentAt: writeInstant(sentAt),
            probedAt: writeInstant(probedAt),
            obeyedAt: writeInstant(obeyedAt),
            answeredAt: writeInstant(answeredAt),
            presentAt: writeInstant(presentAt),
            pressedAt: writeInstant(pressedAt)
        }
    }

    /** Knows what was known. */
    static restore(state: PeerState): Peer {
        return Object.assign(new Peer(state), {
            ...state,
            sentAt: readInstant(state.sentAt),
            probedAt: readInstant(state.probedAt),
            obeyedAt: readInstant(state.obeyedAt),
            answeredAt: readInstant(state.answeredAt),
            presentAt: readInstant(state.presentAt),
            pressedAt: readInstant(state.pressedAt)
        })
    }

    /** Through where it has committed; a voter, that holds all, may have been told so as well. */
    informed(votes: boolean): number {
        return votes ? Math.max(this.marked, this.holds) : this.holds
    }

    /** Notes a request. */
    countAsk(now: number, timeout: number): void {
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
     * Notes a probe: a request that only asks whether the peer is there. The leader exiles no peer
     * for unanswered probes: another member may reach the peer all the time.
     */
    countProbe(now: number): void {
        this.calls++
        this.probedAt = now
        this.askedAt ??= now
    }

    /** Notes an answer, and whether it got as far as it was sent. */
    countAnswer(now: number, arrived: boolean): void {
        this.answeredAt = now
        this.askedAt = null
        this.asks = 0
        this.failures = arrived ? 0 : this.failures + 1
    }

    /** Notes that a request came to nothing; what was sent ahead is sent again. */
    countFailure(): void {
        this.failures++
        this.next = this.match + 1
        this.feeds = this.feeds === true ? null : this.feeds
    }

    /** Notes that a call with so many entries has come to nothing: the next run is shorter. */
    countFailedCall(entries: number): void {
        this.countFailure()
        this.runSize = shrink(this.runSize, entries)
    }

    /** Notes that a call with so many entries has arrived: the next run may be longer. */
    countArrivedCall(entries: number, most: number): void {
        if (entries !== 0) {
            this.runSize = grow(this.runSize, most)
        }
    }

    /** Forgets whether it answers: whoever asked is not there any more. What it holds it holds. */
    revive(): void {
        this.runSize = null
        this.calls = 0
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

    /** Notes that the peer has promised this member's ballot, and through where it is level. */
    elect(holds: number, now: number): void {
        this.holds = holds
        this.obeyedAt = now
        this.presentAt = now
    }

    /** Forgets what was accepted: another ballot is written from now on. */
    unmatch(): void {
        this.matched = false
        this.match = -1
        this.marked = -1
        this.next = 0
        this.obeyedAt = Number.NEGATIVE_INFINITY
        this.presentAt = Number.NEGATIVE_INFINITY
    }

    /** Notes that it holds everything through a position under the writer's ballot. */
    accept(position: number, expected: number): void {
        if (!this.matched) {
            this.matched = true
            this.next = position + 1
        }
        this.match = Math.max(this.match, position)
        // A run that found no place is sent again from what is held; nothing else goes back.
        this.next = position < expected ? this.match + 1 : Math.max(this.next, this.match + 1)
    }
}

/** Everyone this member has asked anything under the current government. */
export class Peers {
    readonly #peers = new Map<Monotonic, Peer>()

    /** The record of an incarnation, made where there is none. */
    of(incarnation: Incarnation): Peer {
        let peer = this.#peers.get(incarnation.immigrated)
        if (peer === undefined) {
            peer = new Peer(incarnation)
            this.#peers.set(incarnation.immigrated, peer)
        }
        return peer
    }

    /** The record of an immigration promise, if there is one. */
    find(immigrated: Monotonic): Peer | undefined {
        return this.#peers.get(immigrated)
    }

    /** Every record. */
    all(): Iterable<Peer> {
        return this.#peers.values()
    }

    /** Forgets every answer as evidence of presence. */
    forgetPresence(): void {
        for (const peer of this.#peers.values()) {
            peer.presentAt = Number.NEGATIVE_INFINITY
        }
    }

    /** Drops the records of who is no longer a citizen. */
    retain(isThere: (immigrated: Monotonic) => boolean): void {
        for (const immigrated of this.#peers.keys()) {
            if (!isThere(immigrated)) {
                this.#peers.delete(immigrated)
            }
        }
    }

    /** Every record, in the order in which they were made. */
    state(): readonly PeerState[] {
        return [...this.#peers.values()].map((peer) => peer.state())
    }

    /** Knows everyone who was known. */
    static restore(state: readonly PeerState[]): Peers {
        const peers = new Peers()
        for (const peer of state) {
            peers.#peers.set(peer.immigrated, Peer.restore(peer))
        }
        return peers
    }
}
