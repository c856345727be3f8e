import { freeze } from '../freeze.js'
import type { Monotonic } from '../monotonic.js'
import { Anchors } from './anchors.js'
import { Citizenship, handOutEntry, handOutGovernment } from './citizenship.js'
import { isSame, weighEntry } from './entry.js'
import type { Entry, LogEntry, Welcome } from './message.js'
import type { LogState } from './state.js'
import { packable, unpackAll } from './stretch.js'

/** How much a run may carry. */
export interface RunLimit {
    readonly entries: number
    readonly weight: number
}

/** How much of a chain is worth shifting off its front at once. */
const SHIFT_MIN = 256

/**
 * One chain: the committed log and behind it the *suffix*, what is accepted and not yet known to
 * be committed. Entries are addressed by a position that counts up for the life of the member.
 *
 * 1. Each entry's `previous` is the promise of the entry before it.
 * 2. What is committed is never replaced; only the suffix is.
 * 3. Positions are this member's own and never leave it; promises do.
 */
export class Log {
    #committed = 0
    #suffixWeight = 0
    #weight = 0
    /** The position of `#entries[0]`. */
    #first = 0
    readonly #entries: Entry[]
    /** The governments as they were handed out, by position; any entry follows from itself. */
    readonly #enacted = new Map<number, LogEntry>()
    /** The state a newcomer would begin with, by the position of its admission. */
    readonly #welcomes = new Map<number, Welcome>()
    readonly #anchors = new Anchors()

    /** Begins behind the given promise, which is as good as committed. */
    constructor(origin: Monotonic) {
        const nothing = { id: '', cookie: '0', immigrated: '0/0', body: null }
        const entry: Entry = { promise: origin, previous: origin, body: nothing }
        this.#entries = [entry]
        this.#weight = weighEntry(entry)
        this.#anchors.note(origin, 0)
    }

    /** The position of the last committed entry. */
    get committed(): number {
        return this.#committed
    }

    /** About how many bytes the suffix takes on a wire. */
    get suffixWeight(): number {
        return this.#suffixWeight
    }

    /** The position of the last entry, committed or not. */
    get head(): number {
        return this.#first + this.#entries.length - 1
    }

    /** The last entry, committed or not. Another one lies there once the suffix is replaced. */
    get last(): Entry {
        return this.at(this.head)
    }

    /** The position of the first entry still held. */
    get first(): number {
        return this.#first
    }

    /** The promise at a position that is held. */
    promiseAt(position: number): Monotonic {
        return this.at(position).promise
    }

    /** The entry at a position that is held. */
    at(position: number): Entry {
        const entry = this.#entries[position - this.#first]
        if (entry === undefined) {
            throw new RangeError(`position ${position} is not held`)
        }
        return entry
    }

    /** The position of a promise, or -1 where it is not (or no longer) held. */
    positionOf(promise: Monotonic): number {
        const position = this.#anchors.positionOf(promise)
        return this.#entries[position - this.#first]?.promise === promise ? position : -1
    }

    /** The state a newcomer admitted by this entry begins with. */
    welcomeAt(position: number): Welcome | null {
        return this.#welcomes.get(position) ?? null
    }

    /** Keeps the state that goes with an admission. */
    keepWelcome(position: number, welcome: Welcome): void {
        this.#welcomes.set(position, welcome)
    }

    /** Keeps a government as it is handed out. */
    keepEnacted(position: number, enacted: LogEntry): void {
        this.#enacted.set(position, enacted)
    }

    /** What was handed out and is still held, from a promise on; `null` where that is not held. */
    history(from: Monotonic | null): readonly LogEntry[] | null {
        const position = from === null ? this.#first : this.positionOf(from)
        if (position === -1 || position > this.#committed) {
            return null
        }
        const held: LogEntry[] = []
        // The origin never was handed out.
        for (let at = Math.max(1, position); at <= this.#committed; at++) {
            held.push(this.#enacted.get(at) ?? handOutEntry(this.at(at)))
        }
        return held
    }

    /** Adds to the suffix. The entry must continue the chain. */
    append(entry: Entry): void {
        if (entry.previous !== this.promiseAt(this.head)) {
            throw new Error(`${entry.promise} does not continue ${this.promiseAt(this.head)}`)
        }
        this.#entries.push(entry)
        if (entry.promise.endsWith('/0')) {
            this.#anchors.note(entry.promise, this.head)
        }
        const weight = weighEntry(entry)
        this.#weight += weight
        this.#suffixWeight += weight
    }

    /** Drops the suffix. */
    truncate(): void {
        for (const { promise } of this.#entries.splice(this.#committed - this.#first + 1)) {
            if (promise.endsWith('/0')) {
                this.#anchors.drop(promise)
            }
        }
        this.#weight -= this.#suffixWeight
        this.#suffixWeight = 0
    }

    /** Notes that the suffix is committed through a position. */
    commitThrough(position: number): void {
        if (position === this.head) {
            this.#committed = position
            this.#suffixWeight = 0
        }
        while (this.#committed < position) {
            this.#committed++
            this.#suffixWeight -= weighEntry(this.at(this.#committed))
        }
    }

    /**
     * Takes an entry that is known to be committed and follows the last committed one. A suffix
     * that begins with the same entry is kept; any other was never chosen, and goes.
     */
    commitNext(entry: Entry): void {
        if (this.head > this.committed && !isSame(this.at(this.committed + 1), entry)) {
            this.truncate()
        }
        if (this.head === this.committed) {
            this.append(entry)
        }
        this.commitThrough(this.committed + 1)
    }

    /** The suffix, oldest first. */
    suffix(): readonly Entry[] {
        return packable(this.#entries.slice(this.#committed - this.#first + 1))
    }

    /** What follows a position, up to a last position and a limit; at least one entry. */
    run(after: number, last: number, limit: RunLimit): readonly Entry[] {
        const entries: Entry[] = []
        let weight = 0
        for (let at = after + 1; at <= last && entries.length < limit.entries; at++) {
            const entry = this.at(at)
            weight += weighEntry(entry)
            if (entries.length !== 0 && weight > limit.weight) {
                break
            }
            entries.push(entry)
        }
        return packable(entries)
    }

    /** Forgets what lies before a promise, where that is committed here. */
    trim(minimum: Monotonic): void {
        const position = this.positionOf(minimum)
        if (position - this.#first >= SHIFT_MIN && position <= this.#committed) {
            this.#forget(position)
        }
    }

    /**
     * Forgets the oldest of what is committed where that is more than a limit, whoever may still
     * lack it; an eighth more than needed, so that it is not done for each entry.
     */
    bound(limit: RunLimit): void {
        if (this.#committed - this.#first <= limit.entries && this.#weight <= limit.weight) {
            return
        }
        const weightMax = limit.weight - limit.weight / 8
        let position = Math.max(this.#first, this.#committed - Math.floor(limit.entries * 7 / 8))
        let weight = this.#weight - this.#weigh(this.#first, position)
        while (weight > weightMax && position < this.#committed) {
            weight -= weighEntry(this.at(position))
            position++
        }
        this.#forget(position)
    }

    /** What lies from a position up to another, without that one, weighs. */
    #weigh(from: number, to: number): number {
        let weight = 0
        for (let at = from; at < to; at++) {
            weight += weighEntry(this.at(at))
        }
        return weight
    }

    #forget(position: number): void {
        this.#weight -= this.#weigh(this.#first, position)
        this.#entries.splice(0, position - this.#first)
        this.#first = position
        for (const kept of [this.#welcomes, this.#enacted]) {
            for (const at of kept.keys()) {
                if (at < position) {
                    kept.delete(at)
                }
            }
        }
        this.#anchors.forget(position)
    }

    /** All that is held. What was handed out follows from it. */
    state(): LogState {
        const [admitted] = this.#welcomes.values()
        const [made] = this.#enacted.values()
        return {
            first: this.#first,
            committed: this.#committed,
            entries: this.#entries.slice(),
            government: made?.method === 'government' ? made.government : null,
            welcome: admitted ?? null
        }
    }

    /** Holds what another one held. */
    static restore(state: LogState): Log {
        const [origin, ...rest] = unpackAll(state.entries)
        if (origin === undefined) {
            throw new Error('the state of a log holds no entry')
        }
        const log = new Log(origin.promise)
        log.#entries[0] = origin
        log.#weight = weighEntry(origin)
        log.#first = state.first
        log.#committed = state.first
        log.#anchors.note(origin.promise, state.first)
        for (const entry of rest) {
            log.append(entry)
        }
        log.commitThrough(state.committed)
        log.#handOutAgain(state)
        return log
    }

    /** What was handed out before, and what went with each admission, reckoned once more. */
    #handOutAgain(state: LogState): void {
        const scribe = new Citizenship('', null)
        let [welcome, government] = [state.welcome, state.government]
        for (let at = this.#first === 0 ? 1 : this.#first; at <= this.#committed; at++) {
            const entry = this.at(at)
            if ('majority' in entry.body && entry.body.immigrate !== null) {
                if (welcome !== null) {
                    scribe.welcome(freeze(welcome))
                    welcome = null
                }
                this.keepWelcome(at, scribe.snapshot())
            }
            scribe.enact(entry)
            if ('majority' in entry.body && government !== null) {
                scribe.government = freeze(government)
                government = null
            }
            const { body } = entry
            if ('majority' in body) {
                this.keepEnacted(at, handOutGovernment(entry, body, scribe.government))
            }
        }
    }
}
