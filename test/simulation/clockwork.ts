/** Some instant in the history of mankind; the trial begins there. */
const EPOCH = 1_600_000_000_000

/** The wall clock of one host: it is off, runs fast or slow, is set, or stands still. */
export class Clockwork {
    #origin: number
    #since = 0
    #rate = 1

    constructor(skewMs: number) {
        this.#origin = EPOCH + skewMs
    }

    /** What it shows at an instant of the trial, in whole milliseconds. */
    read(instant: number): number {
        return Math.floor(this.#origin + (instant - this.#since) * this.#rate)
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
