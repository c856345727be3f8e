import { freeze } from '../../base/freeze.js'
import { copyAndFreeze } from '../../base/json-value.js'
import { Monotonic, Series } from '../../base/monotonic.js'
import type { Entry, PackedRun, UserBody } from './messages.js'


/**
 * Entries, single or packed. An engine's state holds single entries, so a state is built at once,
 * whatever the length of the log; the writer of a snapshot packs piece by piece.
 */
export type Packed = readonly (Entry | PackedRun)[]

/** Whether an entry continues a packed run: the same publisher, and each number the next one. */
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

/** The end of the entry or packed run that begins at an index. */
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

/** Packs entries for the wire. */
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

/** Unpacks a packed run, already checked by the guard. */
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

/** Unpacks the entries of a written state, deeply frozen and checked. */
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
 * Marks a list of entries. Within a process the list stays a list; as JSON the list is packed,
 * once. Unpacked, each entry would repeat the publisher and four numbers.
 */
export function packable(entries: Entry[]): readonly Entry[] {
    let packed: readonly (Entry | PackedRun)[] | null = null
    const toJSON = (): readonly (Entry | PackedRun)[] => {
        packed ??= pack(entries)
        return packed
    }
    return Object.freeze(Object.defineProperty(entries, 'toJSON', { value: toJSON }))
}
