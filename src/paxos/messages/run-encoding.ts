import { freeze } from '../../base/freeze.js'
import { copyAndFreeze } from '../../base/json-value.js'
import { Monotonic, Series } from '../../base/monotonic.js'
import type { Entry, UserBody } from './messages.js'

/** The JSON form of entries of one publisher with consecutive promises and cookies. */
export interface PackedRun {
    /** The promise of the entry before the run. */
    readonly previous: Monotonic
    /** The promise of the first entry. */
    readonly promise: Monotonic
    readonly id: string
    /** The cookie of the first entry. */
    readonly cookie: string
    readonly immigrated: Monotonic
    readonly bodies: readonly unknown[]
}

/**
 * Entries in the form of an engine's state or of a message: single entries, or packed runs from
 * `pack`. The entries are frozen. The engine returns its state without packing, so the time does
 * not grow with the log; the writer of the state packs and writes piece by piece.
 */
export type Packed = readonly (Entry | PackedRun)[]

/** Whether an entry continues a packed run: same publisher, next promise, next cookie. */
export function continues(last: Entry, entry: Entry): boolean {
    const [before, body] = [last.body, entry.body]
    return (
        'cookie' in before &&
        'cookie' in body &&
        body.immigrated === before.immigrated &&
        body.id === before.id &&
        entry.previous === last.promise &&
        Monotonic.isNext(last.promise, entry.promise) &&
        Monotonic.isNext(before.cookie, body.cookie)
    )
}

/** The end (excluded) of the longest packed run from an index. A single entry has the length 1. */
function endOfRun(entries: readonly Entry[], from: number): number {
    let last = entries[from]
    for (let end = from + 1; ; end++) {
        const entry = entries[end]
        if (last === undefined || entry === undefined || !continues(last, entry)) {
            return end
        }
        last = entry
    }
}

/** Packs entries into their JSON form. */
export function pack(entries: readonly Entry[]): readonly (Entry | PackedRun)[] {
    const packed: (Entry | PackedRun)[] = []
    for (let at = 0; at < entries.length; ) {
        const end = endOfRun(entries, at)
        const first = entries[at]
        if (first !== undefined) {
            packed.push(end === at + 1 ? first : packRun(first, entries.slice(at, end)))
        }
        at = end
    }
    return packed
}

function packRun(first: Entry, entries: readonly Entry[]): Entry | PackedRun {
    if (!('cookie' in first.body)) {
        return first
    }
    const { previous, promise, body: { id, cookie, immigrated } } = first
    const bodies = entries.map(({ body }) => ('cookie' in body ? body.body : null))
    return { previous, promise, id, cookie, immigrated, bodies }
}

/** Unpacks a packed run with valid fields. */
export function unpack({ previous, promise, id, cookie, immigrated, bodies }: PackedRun): Entry[] {
    const numbers = new Series(promise)
    const cookies = new Series(cookie)
    let last = previous
    return bodies.map((value) => {
        const body = Object.freeze({ id, cookie: cookies.next(), immigrated, body: value })
        const entry = Object.freeze({ promise: numbers.next(), previous: last, body })
        last = entry.promise
        return entry
    })
}

function freezeUserBody({ id, cookie, immigrated, body }: UserBody): UserBody {
    return Object.freeze({ id, cookie, immigrated, body: copyAndFreeze(body) })
}

/** Unpacks the entries of a state. The result is frozen at every level. */
export function unpackAll(packed: Packed): Entry[] {
    return packed.flatMap((each) => {
        if ('bodies' in each) {
            return unpack({ ...each, bodies: each.bodies.map(copyAndFreeze) })
        }
        const { promise, previous, body } = each
        const frozen = 'cookie' in body ? freezeUserBody(body) : freeze(body)
        return Object.freeze({ promise, previous, body: frozen })
    })
}

/**
 * Freezes a run, and adds a `toJSON` method that packs the run at most once. Within a process, the
 * entries travel unpacked. The JSON text of a single entry repeats the publisher and four numbers.
 */
export function packable(entries: Entry[]): readonly Entry[] {
    let packed: readonly (Entry | PackedRun)[] | null = null
    const toJSON = (): readonly (Entry | PackedRun)[] => {
        packed ??= pack(entries)
        return packed
    }
    return Object.freeze(Object.defineProperty(entries, 'toJSON', { value: toJSON }))
}
