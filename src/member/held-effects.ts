import { callSafely } from '../base/callbacks.js'
import type { KibitzError } from '../base/errors.js'
import { Fifo } from '../base/queues.js'

/** An action that waits until the journal has flushed all inputs on which the action depends. */
interface Held {
    /** The number of the last such input in the journal. */
    readonly through: number
    readonly action: () => void
    /** Runs instead of `action` if the journal has failed. */
    readonly abandon: ((failure: KibitzError) => void) | undefined
}

/** Effects of one kind that wait for records of a journal. The effects pass in order. */
export class HeldEffects {
    readonly #held = new Fifo<Held>()
    /** The record on which the last effect depends. */
    #through = 0

    /** Whether an effect waits. */
    get isHolding(): boolean {
        return this.#held.peek() !== undefined
    }

    /**
     * Holds an effect back until a record is flushed.
     *
     * @param abandon Runs instead of the effect if the journal has failed.
     */
    hold(through: number, action: () => void, abandon?: (failure: KibitzError) => void): void {
        this.#through = Math.max(this.#through, through)
        this.#held.push({ through: this.#through, action, abandon })
    }

    /**
     * Runs the effects that depend on the flushed records alone.
     *
     * @param mayRun Whether effects may still run: an effect may end the member.
     */
    release(flushed: number, mayRun: () => boolean): void {
        for (;;) {
            const next = mayRun() ? this.#held.peek() : undefined
            if (next === undefined || next.through > flushed) {
                break
            }
            this.#held.shift()
            callSafely(next.action)
        }
    }

    /** Ends the waiting effects, after the journal has failed. */
    abandonAll(failure: KibitzError): void {
        for (let held = this.#held.shift(); held !== undefined; held = this.#held.shift()) {
            const { abandon } = held
            if (abandon !== undefined) {
                callSafely(() => abandon(failure))
            }
        }
    }
}
