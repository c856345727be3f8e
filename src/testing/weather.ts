import type { Dice } from './dice.js'
import type { VirtualTimeline } from './virtual-timeline.js'

/** The kinds of faults of the network. */
export type NetworkFaultKind =
    | 'drop' | 'loseReply' | 'duplicate' | 'delay' | 'hold' | 'reorder' | 'slowLink' | 'flap'
    | 'halfOpen' | 'partition' | 'isolate' | 'oneWay' | 'star' | 'constrained' | 'chain'
    | 'bridge' | 'matrix' | 'swizzle'

/** The fate of a message on its way. */
export interface Fate {
    isLost: boolean
    /** Whether the sender learns nothing of the loss. */
    isSilent: boolean
    delayMs: number
    /** The delay without faults. */
    readonly latencyMs: number
    /** The number of further copies that arrive. */
    copies: number
    /** Whether later messages may overtake the message. */
    isLoose: boolean
}

/** A fault of the network that lasts. */
export interface NetworkCondition {
    readonly kind: NetworkFaultKind
    /** Changes the fate of a message. Returns whether the fault concerns the message. */
    bear(from: number, to: number, isReply: boolean, fate: Fate, dice: Dice): boolean
}

/** The latency of a network without faults. */
export interface Climate {
    readonly latencyMs: number
    /** The mean of the part of the latency that differs from message to message. */
    readonly jitterMs: number
    /** Whether the messages of a link arrive in the order of sending. */
    readonly isOrdered: boolean
}

/** Counts the messages that each kind of fault has struck. */
export interface StrikeCounter {
    /** Counts a message. */
    struck(kind: NetworkFaultKind): void
}

const LINKS = 128

const CLEAR: Readonly<Fate> = {
    isLost: false, isSilent: false, delayMs: 0, latencyMs: 0, copies: 0, isLoose: true
}

/** The faults of a simulated network, and their effect on each message. */
export class Weather {
    readonly conditions: Set<NetworkCondition> = new Set()
    readonly #timeline: VirtualTimeline
    readonly #dice: Dice
    readonly #climate: Climate
    readonly #tally: StrikeCounter
    /** The arrival of the last message of each link. */
    readonly #lastAt: Float64Array = new Float64Array(LINKS * LINKS)
    /** The arrival of the last message of all links, copies included. */
    #latestAt = 0

    constructor(timeline: VirtualTimeline, dice: Dice, climate: Climate, tally: StrikeCounter) {
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

    /** Starts all links anew: later messages wait for no earlier message. */
    reconnect(): void {
        this.#lastAt.fill(0)
    }

    /** The time until all messages under way have arrived, in milliseconds. */
    get underWayMs(): number {
        return Math.max(0, this.#latestAt - this.#timeline.now)
    }

    /** Whether the cuts of the network let a message through now. */
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

const CUTS: Partial<Record<NetworkFaultKind, true>> = {
    partition: true, isolate: true, oneWay: true, star: true, constrained: true, chain: true,
    bridge: true, matrix: true, halfOpen: true
}
