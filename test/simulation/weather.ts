import type { Dice } from './dice.js'
import type { FaultKind } from './plan.js'
import type { Tally } from './tally.js'
import type { Timeline } from './timeline.js'

/** What becomes of one message on its way. */
export interface Fate {
    isLost: boolean
    /** Nobody is told that it is lost. */
    isSilent: boolean
    delayMs: number
    /** How long it would take on a quiet day. */
    readonly latencyMs: number
    /** How many more times it arrives. */
    copies: number
    /** It may be overtaken. */
    isLoose: boolean
}

/** A fault of the network while it lasts. */
export interface Condition {
    readonly kind: FaultKind
    /** Changes a message's fate; false where this message is none of its business. */
    bear(from: number, to: number, isReply: boolean, fate: Fate, dice: Dice): boolean
}

/** Latency on a quiet day. */
export interface Climate {
    readonly latencyMs: number
    /** The part of the latency that differs from message to message. */
    readonly jitterMs: number
    /** Messages of a link arrive in the order in which they were sent. */
    readonly isOrdered: boolean
}

const LINKS = 128

const CLEAR: Readonly<Fate> = {
    isLost: false, isSilent: false, delayMs: 0, latencyMs: 0, copies: 0, isLoose: true
}

/** All conditions there are, and what they do to each message. */
export class Weather {
    readonly conditions = new Set<Condition>()
    readonly #timeline: Timeline
    readonly #dice: Dice
    readonly #climate: Climate
    readonly #tally: Tally
    /** When the last message of each link arrives. */
    readonly #lastAt = new Float64Array(LINKS * LINKS)
    /** When the last message of all arrives, copies included. */
    #latestAt = 0

    constructor(timeline: Timeline, dice: Dice, climate: Climate, tally: Tally) {
        this.#timeline = timeline
        this.#dice = dice
        this.#climate = climate
        this.#tally = tally
    }

    /** Draws the fate of a message between two hosts. */
    fate(from: number, to: number, isReply: boolean): Fate {
        const { latencyMs, jitterMs, isOrdered } = this.#climate
        const dice = this.#dice
        const delayMs = latencyMs + dice.exponential(jitterMs)
        const fate = {
            isLost: false, isSilent: false, delayMs, latencyMs: delayMs, copies: 0,
            isLoose: !isOrdered
        }
        if (this.conditions.size !== 0) {
            this.#bear(from, to, isReply, fate)
        }
        if (!fate.isLoose && !fate.isLost) {
            const link = (from % LINKS) * LINKS + (to % LINKS)
            const at = Math.max(this.#lastAt[link] ?? 0, this.#timeline.now + fate.delayMs)
            this.#lastAt[link] = at
            fate.delayMs = at - this.#timeline.now
        }
        if (!fate.isLost) {
            const takesMs = fate.delayMs * (1 + fate.copies * 3)
            this.#latestAt = Math.max(this.#latestAt, this.#timeline.now + takesMs)
        }
        return fate
    }

    #bear(from: number, to: number, isReply: boolean, fate: Fate): void {
        for (const condition of this.conditions) {
            if (condition.bear(from, to, isReply, fate, this.#dice)) {
                this.#tally.struck(condition.kind)
            }
        }
    }

    /** Every connection is made anew: nothing waits behind what was sent before. */
    reconnect(): void {
        this.#lastAt.fill(0)
    }

    /** How long it takes until everything has arrived that is under way. */
    get underWayMs(): number {
        return Math.max(0, this.#latestAt - this.#timeline.now)
    }

    /** Whether a message could get through now, chance apart. */
    isOpen(from: number, to: number): boolean {
        const fate = { ...CLEAR }
        for (const condition of this.conditions) {
            if (condition.kind in CUTS) {
                condition.bear(from, to, false, fate, this.#dice)
            }
        }
        return !fate.isLost
    }
}

const CUTS: Partial<Record<FaultKind, true>> = {
    partition: true, isolate: true, oneWay: true, star: true, constrained: true, chain: true,
    bridge: true, matrix: true, halfOpen: true
}
