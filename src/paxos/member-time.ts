

/** An instant of the member's own time; `null` if the event never happened. */
export type InstantState = number | null

/** The written form of a member's time. */
export interface TimeState {
    readonly clock: number
    readonly skew: number
}

/**
 * The member's own time. A pause of the process, or a jump of the clock, counts up to a limit only.
 * So after a pause the member neither takes its peers for dead nor deposes the leader.
 */
export class MemberTime {
    #clock: number
    #skew: number

    /** @param now Milliseconds since the epoch, like every incoming instant. */
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
     * Advances to an instant.
     *
     * @param due The set time of the event that brings the instant, or else of the next event.
     * @param pauseMs The limit of a pause, in milliseconds. A longer pause counts as `pauseMs`.
     * @returns Whether the process has paused for longer than the limit.
     */
    observe(now: number, due: number | null, pauseMs: number): boolean {
        const latest = Math.max(this.#clock + pauseMs, due ?? this.#clock)
        this.#skew += Math.max(0, now - latest) + Math.min(0, now - this.#clock)
        this.#clock = now
        return now > latest
    }

    /** Advances to an instant, and counts no time since the last instant. */
    skip(now: number): void {
        this.#skew += now - this.#clock
        this.#clock = now
    }

    /** The written form. */
    state(): TimeState {
        return { clock: this.#clock, skew: this.#skew }
    }

    /** Restores a written form. */
    static restore({ clock, skew }: TimeState): MemberTime {
        return new MemberTime(clock, skew)
    }
}

/** Writes an instant; negative infinity (never) becomes `null`. */
export function writeInstant(instant: number): InstantState {
    return instant === Number.NEGATIVE_INFINITY ? null : instant
}

/** Reads an instant; `null` becomes negative infinity (never). */
export function readInstant(instant: InstantState): number {
    return instant ?? Number.NEGATIVE_INFINITY
}
