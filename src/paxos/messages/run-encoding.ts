import { freeze } from '../../base/freeze.js'
import { copyAndFreeze } from '../../base/json-value.js'
import { Monotonic, Series } from '../../base/monotonic.js'
import type { Entry, PackedRun, UserBody } from './messages.js'


/**
 * Entries, each by itself as an engine tells them, or, as `pack` makes them, those that one
 * publisher wrote in a row as one, which is shorter. They never change: a state is told at once,
 * whatever the length of the log, and whoever writes it down packs and writes piece by piece.
 */
export type Packed = readonly (Entry | PackedRun)[]

/** Whether an entry continues a stretch: the same publisher, and every number the next. */
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

/** Where what begins at an index ends: behind an entry by itself, or as many as one stretch. */
function endOf(entries: readonly Entry[], from: number): number {
    let last = entries[from]
    for (let end = from + 1; ; end++) {
        const entry = entries[end]
        if (last === undefined || entry === undefined || !continues(last, entry)) {
            return end
        }
        last = entry
    }
}

/** Writes entries as they travel as text. */
export function pack(entries: readonly Entry[]): readonly (Entry | PackedRun)[] {
    const packed: (Entry | PackedRun)[] = []
    for (let at = 0; at < entries.length; ) {
        const end = endOf(entries, at)
        const first = entries[at]
        if (first !== undefined) {
            packed.push(end === at + 1 ? first : stretch(first, entries.slice(at, end)))
        }
        at = end
    }
    return packed
}

function stretch(first: Entry, entries: readonly Entry[]): Entry | PackedRun {
    if (!('cookie' in first.body)) {
        return first
    }
    const { previous, promise, body: { id, cookie, immigrated } } = first
    const bodies = entries.map(({ body }) => ('cookie' in body ? body.body : null))
    return { previous, promise, id, cookie, immigrated, bodies }
}

/** Reads a stretch, whose every field is sound. */
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

function readmit({ id, cookie, immigrated, body }: UserBody): UserBody {
    return Object.freeze({ id, cookie, immigrated, body: copyAndFreeze(body) })
}

/** Reads back what an engine once held: frozen all the way down, and sound. */
export function unpackAll(packed: Packed): Entry[] {
    return packed.flatMap((each) => {
        if ('bodies' in each) {
            return unpack({ ...each, bodies: each.bodies.map(copyAndFreeze) })
        }
        const { promise, previous, body } = each
        const frozen = 'cookie' in body ? readmit(body) : freeze(body)
        return Object.freeze({ promise, previous, body: frozen })
    })
}

/**
 * Entries that are handed on as they are within a process, and packed, once, where they become
 * text. The text of an entry alone says everything anew: who published it, and four numbers.
 */
export function packable(entries: Entry[]): readonly Entry[] {
    let packed: readonly (Entry | PackedRun)[] | null = null
    const toJSON = (): readonly (Entry | PackedRun)[] => {
        packed ??= pack(entries)
        return packed
    }
    return Object.freeze(Object.defineProperty(entries, 'toJSON', { value: toJSON }))
}
