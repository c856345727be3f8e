import { KibitzError } from './errors.js'
import { MemberLogger, type Named } from './member-logger.js'

/** A source of time in milliseconds since the epoch, such as `Date`. */
export interface DateLike {
    now(): number
}

/** The system time at the start of the process. */
const ORIGIN = performance.timeOrigin

/**
 * The system time at the start of the process plus the time since. A later change of the system
 * clock does not change this source.
 */
const STEADY: DateLike = {
    now: () => Math.floor(ORIGIN + performance.now())
}

/** The last instant that a `Date` can represent, in milliseconds since the epoch. */
const INSTANT_MAX = 8_640_000_000_000_000

/** Reads a source in whole milliseconds; `null` if the source throws or returns no instant. */
function readInstant(source: DateLike): number | null {
    try {
        const instant: unknown = source.now()
        return typeof instant === 'number' && Math.abs(instant) <= INSTANT_MAX
            ? Math.floor(instant)
            : null
    } catch {
        return null
    }
}

function rejectClock(): never {
    throw new KibitzError(
        'invalid-argument',
        'Date.now() returns no instant: a number of milliseconds since the epoch is needed ' +
            '(option Date). Nothing was started; pass a clock that tells the time.'
    )
}

/**
 * The only source of `when`, the time of an input. The clock never goes back. If the source goes
 * back by an hour, the clock continues from its last instant, so no timer waits an extra hour. If
 * the source throws or returns NaN, the clock stands still until the source returns an instant
 * again.
 */
export class Clock {
    readonly #source: DateLike
    readonly #logger: MemberLogger
    /** The last instant of the source; `null` before the first one. */
    #read: number | null = null
    #offset = 0
    #isSound = true
    #lapses = 0
    #lapsesTaken = 0

    /**
     * @param source @default a clock that ignores changes of the system clock
     * @param member The member that the log lines name.
     */
    constructor(
        source: DateLike = STEADY,
        member: () => Named = () => ({ id: '', republic: null })
    ) {
        this.#source = source
        this.#logger = new MemberLogger('kibitz', member)
    }

    /**
     * Milliseconds since the epoch; never less than an earlier result.
     *
     * @throws KibitzError `invalid-argument` if the source has never returned an instant.
     */
    now(): number {
        const told = readInstant(this.#source)
        const isSound = told !== null && told + this.#offset <= INSTANT_MAX
        const before = this.#read
        if (before === null) {
            return isSound ? this.#begin(told) : rejectClock()
        }
        if (isSound !== this.#isSound) {
            this.#isSound = isSound
            this.#logger.error('clock', { isSound, code: 'invalid-argument' })
        }
        const instant = isSound ? told : before
        if (instant < before || !isSound) {
            this.#offset += before - instant
            this.#lapses++
        }
        this.#read = instant
        return instant + this.#offset
    }

    #begin(instant: number): number {
        this.#read = instant
        return instant + this.#offset
    }

    /**
     * The number of times that an unknown time has passed between two results: the source went
     * back, or returned no instant. A source that goes back by less than the time between two
     * results is not noticed.
     */
    get lapses(): number {
        return this.#lapses
    }

    /** Whether there was a lapse since the last call of `takeLapse`. */
    get hasLapsed(): boolean {
        return this.#lapses !== this.#lapsesTaken
    }

    /** Returns and forgets `hasLapsed`. */
    takeLapse(): boolean {
        const { hasLapsed } = this
        this.#lapsesTaken = this.#lapses
        return hasLapsed
    }

    /** Moves the clock forward: from now on `now()` returns at least this instant. */
    advance(instant: number): void {
        this.#offset += Math.max(0, instant - this.now())
    }
}
