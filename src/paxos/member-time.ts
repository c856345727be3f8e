

/** An instant of the member's own time; `null` where it never came. */
export type InstantState = number | null

/** What a member's own time is reckoned from. */
export interface TimeState {
    readonly clock: number
    readonly skew: number
}

/**
 * A member's own time. A pause of the process, or a jump of the clock, counts as no more than a
 * bound, so neither makes others look dead or deposes anybody.
 */
export class MemberTime {
    #clock: number
    #skew: number

    /** @param now Milliseconds since the epoch, like every instant that comes in. */
    constructor(now: number, skew: number = 0) {
        this.#clock = now
        this.#skew = skew
    }

    /** Milliseconds since the epoch, as of the last input. */
    get clock(): number {
        return this.#clock
    }

    /** The member's own time, as of the last input. */
    get now(): number {
        return this.#clock - this.#skew
    }

    /**
     * Goes on to an instant.
     *
     * @param due When the event that brought the instant was due, or the next one is.
     * @param pauseMs As how much a longer pause counts, in milliseconds.
     * @returns Whether the process has paused for longer.
     */
    observe(now: number, due: number | null, pauseMs: number): boolean {
        const latest = Math.max(this.#clock + pauseMs, due ?? this.#clock)
        this.#skew += Math.max(0, now - latest) + Math.min(0, now - this.#clock)
        this.#clock = now
        return now > latest
    }

    /** Goes on to an instant as if no time had passed since the last one. */
    skip(now: number): void {
        this.#skew += now - this.#clock
        this.#clock = now
    }

    /** All that any later reading depends on. */
    state(): TimeState {
        return { clock: this.#clock, skew: this.#skew }
    }

    /** Goes on from where another one was. */
    static restore({ clock, skew }: TimeState): MemberTime {
        return new MemberTime(clock, skew)
    }
}

/** Writes an instant that may never have come. */
export function writeInstant(instant: number): InstantState {
    return instant === Number.NEGATIVE_INFINITY ? null : instant
}

/** Reads an instant that may never have come. */
export function readInstant(instant: InstantState): number {
    return instant ?? Number.NEGATIVE_INFINITY
}
