import { Monotonic, Series } from '../../base/monotonic.js'
import { compareCookies } from '../../base/publish-identity.js'
import type { RunLimit } from '../log/entry-store.js'
import type { Log } from '../log/log.js'
import type { ShapedGovernment } from '../membership/government.js'
import { isGovernment } from '../membership/government.js'
import type {
    Ballot,
    Entry, Government, GovernmentBody, UserBody
} from '../messages/messages.js'
import { unpackAll, type Packed } from '../messages/run-encoding.js'

/** The written form of a writer. */
export interface WriterState {
    readonly ballot: Ballot
    readonly establishing: boolean
    readonly inherits: boolean
    readonly promise: Monotonic
    readonly queue: Packed
    readonly cookies: readonly (readonly [Monotonic, string])[]
}

/**
 * Drafts a government in the version of the republic. Every member uses the same fields in the same
 * order, so that equal logs are equal text.
 */
function draft(
    promise: Monotonic, government: Government, shape: ShapedGovernment, map: GovernmentBody['map']
): GovernmentBody {
    const { majority, minority, immigrate, naturalize, exile, promote, demote = null } = shape
    const { version = government.version, move } = shape
    const body = { promise, majority, minority, immigrate, naturalize, exile, promote }
    if (version === undefined) {
        return Object.freeze({ ...body, demote, map })
    }
    return Object.freeze({
        ...body, ...(demote !== null && { demote }), map, version, ...(move && { move })
    })
}

/**
 * The leader's side of stable times: numbers proposals and appends the proposals to the leader's
 * suffix. `commit.ts` decides when an entry is committed.
 *
 * 1. The writer writes nothing behind an uncommitted government.
 * 2. A new government goes before all proposals that still wait, and the proposals get new
 *    promises. Waiting entries of an incarnation that the government exiles are dropped: no entry
 *    of an exiled incarnation follows its exile.
 * 3. The suffix is bounded, so that a first run, or a promise, carries the whole suffix.
 */
export class Writer {
    readonly ballot: Ballot
    /** True from the election until the member's own government is committed. */
    establishing: boolean
    /**
     * The adopted suffix opens a government. The writer completes that government before its own.
     */
    inherits: boolean
    /** The last given promise, and the generator of the next promises. */
    #promise: Monotonic
    #numbers: Series
    /**
     * The waiting entries. Each entry names its predecessor; the first names the last written
     * entry.
     */
    #queue: Entry[] = []
    /** The highest cookie of each publisher among the written and waiting entries. */
    readonly #cookies = new Map<Monotonic, string>()

    /** @param adopted The suffix that an election adopted; `null` for the founder of a republic. */
    constructor(ballot: Ballot, promise: Monotonic, adopted: readonly Entry[] | null) {
        this.ballot = ballot
        this.#promise = promise
        this.#numbers = new Series(Monotonic.increment(promise, 1))
        this.establishing = adopted !== null
        for (const { body } of adopted ?? []) {
            if ('cookie' in body) {
                this.#cookies.set(body.immigrated, body.cookie)
            }
        }
        this.inherits = adopted?.some(({ body }) => 'majority' in body) ?? false
    }

    /** The number of waiting entries. */
    get waiting(): number {
        return this.#queue.length
    }

    /** Whether a government waits or is written and not yet committed. */
    isReshaping(log: Log): boolean {
        const first = this.#queue[0]
        return (
            (first !== undefined && isGovernment(first.promise)) ||
            (log.head > log.committed && isGovernment(log.promiseAt(log.head)))
        )
    }

    /** Whether a waiting or uncommitted government exiles a publisher. */
    isExiling(log: Log, publisher: Monotonic): boolean {
        const written = log.head > log.committed ? [log.last] : []
        return [...written, ...this.#queue.slice(0, 1)].some(({ body }) => {
            return 'majority' in body && body.exile?.promise === publisher
        })
    }

    /**
     * The last cookie of a publisher in the log and among the written and waiting entries.
     *
     * @param published The last cookie of the publisher in the log.
     */
    lastCookie(publisher: Monotonic, published: string): string {
        const taken = this.#cookies.get(publisher) ?? '0'
        return compareCookies(taken, published) > 0 ? taken : published
    }

    /** Numbers an entry whose cookie follows the last cookie of its publisher. */
    enqueue(body: UserBody): Monotonic {
        this.#cookies.set(body.immigrated, body.cookie)
        return this.#append(body)
    }

    #append(body: UserBody): Monotonic {
        const previous = this.#promise
        this.#promise = this.#numbers.next()
        this.#queue.push(Object.freeze({ promise: this.#promise, previous, body }))
        return this.#promise
    }

    /**
     * Puts a government before all waiting entries, by invariant 2.
     *
     * @param mapped Whether the publishers get a map from the old to the new promises. Without a
     * map, publishers send their proposals again.
     */
    propose(log: Log, government: Government, shape: ShapedGovernment, mapped: boolean): void {
        const promise = Monotonic.increment(government.promise, 0)
        const previous = log.promiseAt(log.head)
        const map: Record<Monotonic, Monotonic> = {}
        const waiting = this.#queue
        this.#promise = promise
        this.#numbers = new Series(Monotonic.increment(promise, 1))
        this.#queue = []
        for (const entry of waiting) {
            if ('cookie' in entry.body && entry.body.immigrated !== shape.exile?.promise) {
                map[entry.promise] = this.#append(entry.body)
            }
        }
        const body = draft(promise, government, shape, mapped ? Object.freeze(map) : null)
        this.#queue.unshift(Object.freeze({ promise, previous, body }))
    }

    /** Moves waiting entries into the suffix, as far as invariants 1 and 3 allow. */
    write(log: Log, limit: RunLimit): void {
        let written = 0
        for (const entry of this.#queue) {
            const isOpen = log.head > log.committed && isGovernment(entry.previous)
            if (isOpen || !log.isSuffixBelow(limit)) {
                break
            }
            log.append(entry)
            written++
        }
        this.#queue.splice(0, written)
    }

    /** The written form. */
    state(): WriterState {
        return {
            ballot: this.ballot,
            establishing: this.establishing,
            inherits: this.inherits,
            promise: this.#promise,
            queue: this.#queue.slice(),
            cookies: [...this.#cookies]
        }
    }

    /** Restores a written form. */
    static restore(state: WriterState): Writer {
        const writer = new Writer(state.ballot, state.promise, null)
        writer.establishing = state.establishing
        writer.inherits = state.inherits
        writer.#queue = unpackAll(state.queue)
        for (const [publisher, cookie] of state.cookies) {
            writer.#cookies.set(publisher, cookie)
        }
        return writer
    }
}
