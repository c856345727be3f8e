import { freeze } from '../../base/freeze.js'
import type { Monotonic } from '../../base/monotonic.js'
import { Citizenship, handOutEntry, handOutGovernment } from '../membership/citizenship.js'
import type { Entry, Government, LogEntry, Welcome } from '../messages/messages.js'
import { isSame } from './entry.js'
import { PromiseIndex } from './promise-index.js'
import { unpackAll, type Packed } from '../messages/run-encoding.js'
import { EntryStore, sound, type RunLimit } from './entry-store.js'

/** What is held of the log. What was handed out of it follows from this. */
export interface LogState {
    /** The position of the first entry, in the life of the member. */
    readonly first: number
    readonly committed: number
    readonly entries: Packed
    /** The government that the first government entry made; `null` where none is held. */
    readonly government: Government | null
    /** What the first admission that is held began with; `null` where none is held. */
    readonly welcome: Welcome | null
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
    #links: EntryStore
    /** The governments as they were handed out, by position; any entry follows from itself. */
    readonly #enacted = new Map<number, LogEntry>()
    /** The state a newcomer would begin with, by the position of its admission. */
    readonly #welcomes = new Map<number, Welcome>()
    readonly #anchors = new PromiseIndex()

    /** Begins behind the given promise, which is as good as committed. */
    constructor(origin: Monotonic) {
        const nothing = { id: '', cookie: '0', immigrated: '0/0', body: null }
        const entry: Entry = { promise: origin, previous: origin, body: nothing }
        this.#links = new EntryStore(0, entry)
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
        return this.#links.head
    }

    /** The last entry, committed or not. Another one lies there once the suffix is replaced. */
    get last(): Entry {
        return this.at(this.head)
    }

    /** The position of the first entry still held. */
    get first(): number {
        return this.#links.first
    }

    /** The promise at a position that is held. */
    promiseAt(position: number): Monotonic {
        return this.at(position).promise
    }

    /** The entry at a position that is held. */
    at(position: number): Entry {
        const entry = this.#links.find(position)
        if (entry === undefined) {
            throw new RangeError(`position ${position} is not held`)
        }
        return entry
    }

    /** The position of a promise, or -1 where it is not (or no longer) held. */
    positionOf(promise: Monotonic): number {
        const position = this.#anchors.positionOf(promise)
        return this.#links.find(position)?.promise === promise ? position : -1
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
        const position = from === null ? this.first : this.positionOf(from)
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
        this.#suffixWeight += this.#links.push(entry)
        if (entry.promise.endsWith('/0')) {
            this.#anchors.note(entry.promise, this.head)
        }
    }

    /** Drops the suffix. */
    truncate(): void {
        for (const { promise } of this.#links.cutBehind(this.#committed)) {
            if (promise.endsWith('/0')) {
                this.#anchors.drop(promise)
            }
        }
        this.#suffixWeight = 0
    }

    /** Notes that the suffix is committed through a position. */
    commitThrough(position: number): void {
        if (position > this.#committed) {
            this.#suffixWeight -= this.#links.weigh(this.#committed + 1, position + 1)
            this.#committed = position
        }
    }

    /**
     * Takes entries that are known to be committed and follow the last committed one. A suffix is
     * kept as far as it is the same; what differs was never chosen, and goes with all behind it.
     */
    commitAll(entries: readonly Entry[]): void {
        let position = this.#committed
        for (const entry of entries) {
            position++
            if (position <= this.head && !isSame(this.at(position), entry)) {
                this.commitThrough(position - 1)
                this.truncate()
            }
            if (position > this.head) {
                this.append(entry)
            }
        }
        this.commitThrough(position)
    }

    /** The suffix, oldest first. */
    suffix(): readonly Entry[] {
        return sound(this.#links.from(this.#committed + 1))
    }

    /** About how many bytes those from a position up to another, without that, take on a wire. */
    weigh(from: number, to: number): number {
        return this.#links.weigh(from, to)
    }

    /** What follows a position, up to a last position and a limit; at least one entry. */
    run(after: number, last: number, limit: RunLimit): readonly Entry[] {
        return this.#links.run(after, last, limit)
    }

    /** Forgets what lies before a promise, where that is committed here. */
    trim(minimum: Monotonic): void {
        const position = this.positionOf(minimum)
        if (position - this.first >= SHIFT_MIN && position <= this.#committed) {
            this.#forget(position)
        }
    }

    /**
     * Forgets the oldest of what is committed where that is more than a limit, whoever may still
     * lack it, until no more than `kept` is left. What may be under way is not forgotten.
     */
    bound(limit: RunLimit, kept: RunLimit, underWay: RunLimit): void {
        if (this.#committed - this.first <= limit.entries && this.#links.weight <= limit.weight) {
            return
        }
        let position = Math.max(this.first, this.#committed - kept.entries)
        let weight = this.#links.weight - this.#links.weigh(this.first, position)
        while (weight > kept.weight && position < this.#committed) {
            weight -= this.#links.weigh(position, position + 1)
            position++
        }
        position = Math.min(position, this.#floor(underWay))
        if (position > this.first) {
            this.#forget(position)
        }
    }

    /**
     * The last position that a voter's commit mark may have, if the voter holds all that is
     * committed here. A leader stops writing once its suffix has reached a limit, so all entries
     * of a suffix but the last one stay below the limit.
     */
    #floor({ entries, weight }: RunLimit): number {
        const least = Math.max(this.first, this.#committed - entries)
        let position = this.#committed
        let behind = 0
        while (position > least && behind < weight) {
            behind += position === this.#committed ? 0 : this.#links.weigh(position, position + 1)
            position--
        }
        return position
    }

    #forget(position: number): void {
        this.#links.forget(position)
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
            first: this.first,
            committed: this.#committed,
            entries: this.#links.from(this.first),
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
        log.#links = new EntryStore(state.first, origin)
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
        for (let at = Math.max(1, this.first); at <= this.#committed; at++) {
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
