import { KibitzError } from './errors.js'
import { MemberLogger, type Named } from './member-logger.js'

/** Something that tells the time, in milliseconds since the epoch. `Date` does. */
export interface DateLike {
    now(): number
}

/** Time of day that no operator and no time server moves: it only counts on from the start. */
const STEADY: DateLike = {
    now: () => Math.floor(performance.timeOrigin + performance.now())
}

/** The last instant that a `Date` can tell, in milliseconds since the epoch. */
const INSTANT_MAX = 8_640_000_000_000_000

/** What a source of time tells, in whole milliseconds; `null` where that is no instant. */
function read(source: DateLike): number | null {
    try {
        const instant: unknown = source.now()
        return typeof instant === 'number' && Math.abs(instant) <= INSTANT_MAX
            ? Math.floor(instant)
            : null
    } catch {
        return null
    }
}

function reject(): never {
    throw new KibitzError(
        'invalid-argument',
        'Date.now() returns no instant: a number of milliseconds since the epoch is needed ' +
            '(option Date). Nothing was started; pass a clock that tells the time.'
    )
}

/**
 * The one source of `when`. It never goes back: where its source does, it counts on from where it
 * was, so that no timer waits for an hour to come a second time. If the source tells no instant
 * later on (it throws, or tells NaN), the clock stands still until the source tells one again.
 */
export class Clock {
    readonly #source: DateLike
    readonly #logger: MemberLogger
    /** What the source told last; `null` before the first instant. */
    #read: number | null = null
    #offset = 0
    #isSound = true

    /**
     * @param source @default a clock that follows no change of the system's
     * @param member The member whose clock it is, for the log lines.
     */
    constructor(
        source: DateLike = STEADY,
        member: () => Named = () => ({ id: '', republic: null })
    ) {
        this.#source = source
        this.#logger = new MemberLogger('kibitz', member)
    }

    /**
     * Milliseconds since the epoch, never less than before.
     *
     * @throws KibitzError `invalid-argument` where the source has told no instant yet.
     */
    now(): number {
        const told = read(this.#source)
        const isSound = told !== null && told + this.#offset <= INSTANT_MAX
        const before = this.#read
        if (before === null) {
            return isSound ? this.#begin(told) : reject()
        }
        if (isSound !== this.#isSound) {
            this.#isSound = isSound
            this.#logger.error('clock', { isSound, code: 'invalid-argument' })
        }
        const instant = isSound ? told : before
        if (instant < before) {
            this.#offset += before - instant
        }
        this.#read = instant
        return instant + this.#offset
    }

    #begin(instant: number): number {
        this.#read = instant
        return instant + this.#offset
    }

    /** Tells no less than this from now on. */
    advance(instant: number): void {
        this.#offset += Math.max(0, instant - this.now())
    }
}
