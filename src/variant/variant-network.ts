import { Dice } from '../testing/dice.js'
import type { VirtualTimeline } from '../testing/virtual-timeline.js'
import type { VariantChange, VariantSettings } from './variant.js'
import type { VariantProcess } from './variant-process.js'

/** Takes an answer. */
export type TakeAnswer = (answer: unknown) => void

/**
 * The network of a variant: loses nothing but what the change says. Each direction of each link
 * draws its own latencies, so a change at one link leaves the other links as they are.
 */
export class VariantNetwork {
    readonly #timeline: VirtualTimeline
    readonly #settings: VariantSettings
    readonly #timeoutMs: number
    readonly #change: VariantChange
    readonly #dice = new Map<string, Dice>()

    constructor(
        timeline: VirtualTimeline, settings: VariantSettings, timeoutMs: number,
        change: VariantChange
    ) {
        this.#timeline = timeline
        this.#settings = settings
        this.#timeoutMs = timeoutMs
        this.#change = change
    }

    /** The time on the way, in milliseconds. */
    draw(from: string, to: string): number {
        const link = `${from} ${to}`
        const { latencyMs, seed } = this.#settings
        const dice = this.#dice.get(link) ?? new Dice(seed, link)
        this.#dice.set(link, dice)
        return dice.between(latencyMs, 2 * latencyMs)
    }

    #isCut(from: string, to: string): boolean {
        const change = this.#change
        return change.kind === 'cut' && this.#timeline.now < change.ms
            && change.members.includes(from) && change.members.includes(to) && from !== to
    }

    #travel(from: string, to: string, arrive: () => void): void {
        const delayMs = this.draw(from, to)
        if (!this.#isCut(from, to)) {
            this.#timeline.after(delayMs, () => {
                if (!this.#isCut(from, to)) {
                    arrive()
                }
            })
        }
    }

    /**
     * Waits for the answer to a call. The answer is `null` after the timeout, and counts once, for
     * the process that has made the call.
     *
     * @returns Takes the answer.
     */
    await(from: VariantProcess, answered: TakeAnswer): TakeAnswer {
        const { life } = from
        let isOver = false
        const take: TakeAnswer = (answer) => {
            if (!isOver && from.isRunning && from.life === life) {
                isOver = true
                answered(answer)
            }
        }
        this.#timeline.after(this.#timeoutMs, () => take(null))
        return take
    }

    /** Makes a call. */
    call(
        from: VariantProcess, to: string, serve: (reply: TakeAnswer) => void, answered: TakeAnswer
    ): void {
        const take = this.await(from, answered)
        this.#travel(from.id, to, () => this.serve(from.id, to, serve, take))
    }

    /** Lets a call that has arrived be served, and carries the answer back. */
    serve(from: string, to: string, serve: (reply: TakeAnswer) => void, take: TakeAnswer): void {
        if (!this.#isCut(from, to)) {
            serve((answer) => this.#travel(to, from, () => take(answer)))
        }
    }
}
