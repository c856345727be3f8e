import { freeze } from '../../base/freeze.js'
import type { Monotonic } from '../../base/monotonic.js'
import { Citizenship, handOutEntry, handOutGovernment } from '../membership/citizenship.js'
import type { Entry, Government, LogEntry, Welcome } from '../messages/messages.js'
import { isSame } from './entry.js'
import { PromiseIndex } from './promise-index.js'
import { unpackAll, type Packed } from '../messages/run-encoding.js'
import { EntryStore, markSound, type RunLimit } from './entry-store.js'
import { firstToKeep } from './retention.js'

/** The held part of a log. `restore` computes the delivered governments and the welcomes again. */
export interface LogState {
    /** The position of the first held entry. */
    readonly first: number
    readonly committed: number
    readonly entries: Packed
    /**
     * The government that the first held government entry made; `null` if no such entry is held.
     */
    readonly government: Government | null
    /** The welcome of the first held admission; `null` if no admission is held. */
    readonly welcome: Welcome | null
}

/** The minimum number of entries that `trim` removes at once. */
const TRIM_MIN = 256

/**
 * One chain of entries: the committed log, and after the committed log the *suffix* (accepted
 * entries that are not known to be committed). A position is the address of an entry and counts up
 * for the life of the member.
 *
 * 1. Each entry's `previous` is the promise of the entry before.
 * 2. A committed entry is never replaced. Entries of the suffix may be replaced.
 * 3. Positions differ from member to member, so a position never leaves the member. Messages
 *    contain promises.
 */
export class Log {
    #committed = 0
    #entries: EntryStore
    /** Government entries for the application, by position. User entries need no copy. */
    readonly #enacted = new Map<number, LogEntry>()
    /** The state for a newcomer, by the position of the entry that admits the newcomer. */
    readonly #welcomes = new Map<number, Welcome>()
    readonly #index = new PromiseIndex()

    /** Starts a log after a committed promise, the origin. The origin has position 0. */
    constructor(origin: Monotonic) {
        const nothing = { id: '', cookie: '0', immigrated: '0/0', body: null }
        const entry: Entry = { promise: origin, previous: origin, body: nothing }
        this.#entries = new EntryStore(0, entry)
        this.#index.add(origin, 0)
    }

    /** The position of the last committed entry. */
    get committed(): number {
        return this.#committed
    }

    /** Whether the suffix has fewer entries than a limit, and is smaller than the limit. */
    isSuffixBelow({ entries, weight }: RunLimit): boolean {
        return this.head - this.#committed < entries && this.#entries.isSuffixBelow(weight)
    }

    /** The position of the last entry, committed or not. */
    get head(): number {
        return this.#entries.head
    }

    /** The last entry, committed or not. An uncommitted last entry may be replaced later. */
    get last(): Entry {
        return this.at(this.head)
    }

    /** The position of the first held entry. */
    get first(): number {
        return this.#entries.first
    }

    /** The promise at a held position. The method throws a RangeError for any other position. */
    promiseAt(position: number): Monotonic {
        return this.at(position).promise
    }

    /** The entry at a held position. The method throws a RangeError for any other position. */
    at(position: number): Entry {
        const entry = this.#entries.find(position)
        if (entry === undefined) {
            throw new RangeError(`position ${position} is not held`)
        }
        return entry
    }

    /** The position of a promise; -1 if the log does not hold the promise (any more). */
    positionOf(promise: Monotonic): number {
        const position = this.#index.positionOf(promise)
        return this.#entries.find(position)?.promise === promise ? position : -1
    }

    /** The start state of the newcomer that an entry admits; `null` for any other entry. */
    welcomeAt(position: number): Welcome | null {
        return this.#welcomes.get(position) ?? null
    }

    /** Stores the start state of the newcomer that the entry at a position admits. */
    keepWelcome(position: number, welcome: Welcome): void {
        this.#welcomes.set(position, welcome)
    }

    /** Stores a government entry in the form for the application. */
    keepEnacted(position: number, enacted: LogEntry): void {
        this.#enacted.set(position, enacted)
    }

    /**
     * The held entries in the form for the application, from a promise (included) through the last
     * committed entry. `from: null` means the first held entry. Returns `null` if the promise is
     * not held or not committed.
     */
    history(from: Monotonic | null): readonly LogEntry[] | null {
        const position = from === null ? this.first : this.positionOf(from)
        if (position === -1 || position > this.#committed) {
            return null
        }
        const delivered: LogEntry[] = []
        // The origin was never delivered.
        for (let at = Math.max(1, position); at <= this.#committed; at++) {
            delivered.push(this.#enacted.get(at) ?? handOutEntry(this.at(at)))
        }
        return delivered
    }

    /**
     * Appends an entry to the suffix.
     *
     * @throws Error if the entry's `previous` is not the promise of the last entry.
     */
    append(entry: Entry): void {
        if (entry.previous !== this.promiseAt(this.head)) {
            throw new Error(`${entry.promise} does not continue ${this.promiseAt(this.head)}`)
        }
        this.#entries.push(entry)
        if (entry.promise.endsWith('/0')) {
            this.#index.add(entry.promise, this.head)
        }
    }

    /** Removes the suffix. */
    truncate(): void {
        for (const { promise } of this.#entries.removeSuffix(this.#committed)) {
            if (promise.endsWith('/0')) {
                this.#index.remove(promise)
            }
        }
    }

    /** Moves the commit mark to a position in the suffix. A lower position has no effect. */
    commitThrough(position: number): void {
        if (position > this.#committed) {
            this.#entries.commitThrough(position)
            this.#committed = position
        }
    }

    /**
     * Takes entries that are known to be committed and that follow the last committed entry. Equal
     * entries of the suffix stay. The first different entry of the suffix was never chosen, so the
     * method removes the entry and the rest of the suffix.
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

    /** The suffix, oldest entry first. */
    suffix(): readonly Entry[] {
        return markSound(this.#entries.from(this.#committed + 1))
    }

    /** Approximate size of the entries in [from, to), in bytes on the wire. */
    weigh(from: number, to: number): number {
        return this.#entries.weigh(from, to)
    }

    /**
     * The entries after the position `after`, through `last` at most. The run has at least one
     * entry, and otherwise stays within `limit`.
     */
    run(after: number, last: number, limit: RunLimit): readonly Entry[] {
        return this.#entries.run(after, last, limit)
    }

    /** Forgets the entries before a committed promise, if there are enough entries to forget. */
    trim(minimum: Monotonic): void {
        const position = this.positionOf(minimum)
        if (position - this.first >= TRIM_MIN && position <= this.#committed) {
            this.#forget(position)
        }
    }

    /**
     * If the log exceeds a limit, forgets the oldest committed entries, even if some member lacks
     * the forgotten entries. `retention.ts` has the rule and the parameters.
     */
    bound(limit: RunLimit, kept: RunLimit, underWay: RunLimit): void {
        const position = firstToKeep(this.#entries, this.#committed, { limit, kept, underWay })
        if (position > this.first) {
            this.#forget(position)
        }
    }

    #forget(position: number): void {
        this.#entries.forget(position)
        for (const map of [this.#welcomes, this.#enacted]) {
            for (const at of map.keys()) {
                if (at < position) {
                    map.delete(at)
                }
            }
        }
        this.#index.forget(position)
    }

    /** The state of the log, for `restore`. */
    state(): LogState {
        const [admitted] = this.#welcomes.values()
        const [first] = this.#enacted.values()
        return {
            first: this.first,
            committed: this.#committed,
            entries: this.#entries.from(this.first),
            government: first?.method === 'government' ? first.government : null,
            welcome: admitted ?? null
        }
    }

    /**
     * Makes a log from a state.
     *
     * @throws Error if the state contains no entry.
     */
    static restore(state: LogState): Log {
        const [origin, ...rest] = unpackAll(state.entries)
        if (origin === undefined) {
            throw new Error('the state of a log holds no entry')
        }
        const log = new Log(origin.promise)
        log.#entries = new EntryStore(state.first, origin)
        log.#index.add(origin.promise, state.first)
        for (const entry of rest) {
            log.append(entry)
        }
        log.commitThrough(state.committed)
        log.#rebuildDelivered(state)
        return log
    }

    /**
     * Computes the delivered governments and the start states of newcomers again, from the entries.
     * The state contains the first of each, because earlier entries are gone.
     */
    #rebuildDelivered(state: LogState): void {
        const citizenship = new Citizenship('', null)
        let [welcome, government] = [state.welcome, state.government]
        for (let at = Math.max(1, this.first); at <= this.#committed; at++) {
            const entry = this.at(at)
            if ('majority' in entry.body && entry.body.immigrate !== null) {
                if (welcome !== null) {
                    citizenship.welcome(freeze(welcome))
                    welcome = null
                }
                this.keepWelcome(at, citizenship.snapshot())
            }
            citizenship.enact(entry)
            if ('majority' in entry.body && government !== null) {
                citizenship.government = freeze(government)
                government = null
            }
            const { body } = entry
            if ('majority' in body) {
                this.keepEnacted(at, handOutGovernment(entry, body, citizenship.government))
            }
        }
    }
}
