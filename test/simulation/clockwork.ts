/** Some instant in the history of mankind; the trial begins there. */
const EPOCH = 1_600_000_000_000

/**
 * The time that readers of clocks cannot know of, in milliseconds: a clock ran slow, stood still,
 * or was set back by less than the time since the last reading.
 */
export interface Loss {
    ms: number
}

/** The wall clock of one host: it is off, runs fast or slow, is set, or stands still. */
export class Clockwork {
    #origin: number
    #since = 0
    #rate = 1
    readonly #loss: Loss
    /** The instant of the last reading, and the exact time that was shown. */
    #last: { readonly instant: number, readonly shown: number } | null = null

    constructor(skewMs: number, loss: Loss = { ms: 0 }) {
        this.#origin = EPOCH + skewMs
        this.#loss = loss
    }

    /** The time shown at an instant of the trial, in whole milliseconds. */
    read(instant: number): number {
        const shown = this.#origin + (instant - this.#since) * this.#rate
        const last = this.#last ?? { instant, shown }
        if (Math.floor(shown) >= Math.floor(last.shown)) {
            this.#loss.ms += Math.max(0, instant - last.instant - (shown - last.shown))
        }
        this.#last = { instant, shown }
        return Math.floor(shown)
    }

    /** Runs at another rate from now on; at zero it stands still. */
    run(instant: number, rate: number): void {
        this.#origin += (instant - this.#since) * this.#rate
        this.#since = instant
        this.#rate = rate
    }

    /** Somebody sets it forward, or back. */
    set(byMs: number): void {
        this.#origin += byMs
    }
}
