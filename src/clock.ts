/** Something that tells the time, in milliseconds since the epoch. `Date` does. */
export interface DateLike {
    now(): number
}

/** Time of day that no operator and no time server moves: it only counts on from the start. */
const STEADY: DateLike = {
    now: () => Math.floor(performance.timeOrigin + performance.now())
}

/**
 * The one source of `when`. It never goes back: where its source does, it counts on from where it
 * was, so that no timer waits for an hour to come a second time.
 */
export class Clock {
    readonly #source: DateLike
    #read = Number.NEGATIVE_INFINITY
    #offset = 0

    /** @param source @default a clock that follows no change of the system's */
    constructor(source: DateLike = STEADY) {
        this.#source = source
    }

    /** Milliseconds since the epoch, never less than before. */
    now(): number {
        const read = this.#source.now()
        if (read < this.#read) {
            this.#offset += this.#read - read
        }
        this.#read = read
        return read + this.#offset
    }

    /** Tells no less than this from now on. */
    advance(instant: number): void {
        this.#offset += Math.max(0, instant - this.now())
    }
}
