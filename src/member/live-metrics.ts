import { EngineView } from '../metrics/engine-view.js'
import {
    beginMeasure, draftOf, type MeasuredDraft, measureInto, type MeasuredState
} from '../metrics/measure.js'
import { type MetricMoment, momentOf } from '../metrics/metric.js'
import type { Dispatch } from '../publisher/islander-types.js'
import type { AppliedInput, InputObserver } from './input-observer.js'
import type { Player } from './player.js'

/** Takes the measured state after an input. The next input changes the state in place. */
export type MeasuredListener = (state: MeasuredState) => void

/**
 * Runs the fold `measure` over the inputs of a live member while there is a listener. Without a
 * listener, an input costs one check.
 */
export class LiveMetrics implements InputObserver {
    readonly #player: Player
    readonly #member: EngineView
    readonly #now: () => number
    readonly #snapshotAt: () => number | null
    readonly #listeners = new Set<MeasuredListener>()
    #state: MeasuredDraft
    #dispatches: Dispatch[] = []
    #untap: (() => void) | null = null

    /**
     * @param now The instant by the clock of the member.
     * @param snapshotAt The instant of the last snapshot; `null` without one.
     */
    constructor(player: Player, now: () => number, snapshotAt: () => number | null) {
        this.#player = player
        this.#member = new EngineView(player.paxos, player.islander)
        this.#now = now
        this.#snapshotAt = snapshotAt
        this.#state = draftOf(beginMeasure())
    }

    /** Adds a listener. The first listener starts the fold. Returns the undo. */
    add(listener: MeasuredListener): () => void {
        this.#listeners.add(listener)
        if (this.#untap === null) {
            this.onRestored()
            this.#untap = this.#tapOutbox()
            this.#player.observer = this
        }
        return () => this.#remove(listener)
    }

    /** Collects the dispatches of the publisher. Returns the undo. */
    #tapOutbox(): () => void {
        const { outbox } = this.#player.islander
        const plain = outbox.push.bind(outbox)
        let isOver = false
        const push = (dispatch: Dispatch | null): void => {
            plain(dispatch)
            if (!isOver && dispatch !== null) {
                this.#dispatches.push(dispatch)
            }
        }
        Object.assign(outbox, { push })
        return () => {
            isOver = true
            if (outbox.push === push) {
                Object.assign(outbox, { push: plain })
            }
        }
    }

    #remove(listener: MeasuredListener): void {
        this.#listeners.delete(listener)
        if (this.#listeners.size === 0) {
            this.#untap?.()
            this.#untap = null
            this.#player.observer = null
        }
    }

    /** Begins the fold anew, from the present state of the member. */
    onRestored(): void {
        this.#dispatches = []
        this.#state = draftOf(beginMeasure(this.#member, this.#snapshotAt()))
    }

    onApplied({ played, outcome, entries }: AppliedInput): void {
        const dispatches = this.#dispatches
        if (dispatches.length !== 0) {
            this.#dispatches = []
        }
        measureInto(this.#state, { played, outcome, entries, dispatches, member: this.#member })
        for (const listener of this.#listeners) {
            listener(this.#state)
        }
    }

    /** The metrics as of now. */
    moment(): MetricMoment {
        const snapshotAt = this.#snapshotAt() ?? this.#state.snapshotAt
        return momentOf({ ...draftOf(this.#state), snapshotAt }, this.#member, this.#now())
    }
}
