import { Monotonic, Series } from '../../base/monotonic.js'
import type { RunLimit } from '../log/entry-store.js'
import type { Log } from '../log/log.js'
import type { Shape } from '../membership/government.js'
import { isGovernment } from '../membership/government.js'
import type {
    Ballot,
    Entry, Government, GovernmentBody, UserBody
} from '../messages/messages.js'
import { unpackAll, type Packed } from '../messages/run-encoding.js'

/** What one who writes has to go on with. */
export interface WriterState {
    readonly ballot: Ballot
    readonly establishing: boolean
    readonly inherits: boolean
    readonly promise: Monotonic
    readonly queue: Packed
    readonly cookies: readonly (readonly [Monotonic, string])[]
}

/** Every member writes the same fields in the same order, so that equal logs are equal text. */
function draft(promise: Monotonic, shape: Shape, map: GovernmentBody['map']): GovernmentBody {
    const { majority, minority, immigrate, naturalize, exile, promote, demote } = shape
    return Object.freeze({
        promise,
        majority,
        minority,
        immigrate,
        naturalize,
        exile,
        promote,
        demote,
        map
    })
}

/**
 * The leading half of stable times: numbers what is proposed, appends it to the leader's suffix,
 * and says what is committed.
 *
 * 1. Nothing is written behind a government that is not committed.
 * 2. A new government goes to the head of what is not yet written; what waits is renumbered.
 *    Entries of an incarnation that the government exiles are dropped: none follows the exile.
 * 3. An entry is committed when a majority of the parliament holds it under this ballot; a
 *    government that changes the parliament also needs a majority of the new one, and sometimes the
 *    consent of the member that it exiles (`consent.ts`).
 * 4. The suffix is bounded, so that a first run, or a promise, carries it whole.
 */
export class Writer {
    readonly ballot: Ballot
    /** True from the election until this member's own government is committed. */
    establishing: boolean
    /** What was adopted opens a government; it is completed before this member's own. */
    inherits: boolean
    /** The last number given out, and those behind it. */
    #promise: Monotonic
    #numbers: Series
    /** What waits, each entry behind the other, the first behind what is written. */
    #queue: Entry[] = []
    /** The highest cookie written or waiting, by publisher. */
    readonly #cookies = new Map<Monotonic, string>()

    /** @param adopted What an election adopted; `null` where the republic has just been founded. */
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

    /** How many proposals wait to be written. */
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

    /** Whether a government that waits, or is written and not committed, exiles a publisher. */
    isExiling(log: Log, publisher: Monotonic): boolean {
        const written = log.head > log.committed ? [log.last] : []
        return [...written, ...this.#queue.slice(0, 1)].some(({ body }) => {
            return 'majority' in body && body.exile?.promise === publisher
        })
    }

    /**
     * Numbers a user's entry.
     *
     * @param published The highest cookie of this publisher in the log.
     * @returns Its promise, or `null` where the publisher's cookies have passed it.
     */
    enqueue(body: UserBody, published: string): Monotonic | null {
        const highest = this.#cookies.get(body.immigrated) ?? '0'
        if (
            Monotonic.compare(body.cookie, published) <= 0 ||
            Monotonic.compare(body.cookie, highest) <= 0
        ) {
            return null
        }
        this.#cookies.set(body.immigrated, body.cookie)
        return this.#append(body)
    }

    #append(body: UserBody): Monotonic {
        const previous = this.#promise
        this.#promise = this.#numbers.next()
        this.#queue.push(Object.freeze({ promise: this.#promise, previous, body }))
        return this.#promise
    }

    /** Puts a government before everything that waits, by invariant 2. */
    propose(log: Log, government: Government, shape: Shape, mapped: boolean): void {
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
        const body = draft(promise, shape, mapped ? Object.freeze(map) : null)
        this.#queue.unshift(Object.freeze({ promise, previous, body }))
    }

    /** Moves what waits into the suffix, as far as invariants 1 and 4 allow. */
    write(log: Log, limit: RunLimit): void {
        let written = 0
        for (const entry of this.#queue) {
            const isOpen = log.head > log.committed && isGovernment(entry.previous)
            const isFull =
                log.head - log.committed >= limit.entries || log.suffixWeight >= limit.weight
            if (isOpen || isFull) {
                break
            }
            log.append(entry)
            written++
        }
        this.#queue.splice(0, written)
    }

    /** All that this writer goes on with. */
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

    /** Goes on from where another one was. */
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
