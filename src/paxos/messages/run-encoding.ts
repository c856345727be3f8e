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

/** Whether an entry follows another one of the same publisher. */
function follows(last: Entry, entry: Entry): boolean {
    const [before, body] = [last.body, entry.body]
    return (
        'cookie' in before &&
        'cookie' in body &&
        body.id === before.id &&
        body.immigrated === before.immigrated &&
        entry.previous === last.promise
    )
}

/** Whether an entry continues a packed run: same publisher, next promise, next cookie. */
function continues(last: Entry, entry: Entry): boolean {
    return (
        follows(last, entry) &&
        Monotonic.isNext(last.promise, entry.promise) &&
        Monotonic.isNext((last.body as UserBody).cookie, (entry.body as UserBody).cookie)
    )
}

/** The first index after `from` at which a list does not go on. */
function endOf(
    entries: readonly Entry[], from: number, goesOn: (last: Entry, entry: Entry) => boolean
): number {
    let last = entries[from]
    for (let end = from + 1; ; end++) {
        const entry = entries[end]
        if (last === undefined || entry === undefined || !goesOn(last, entry)) {
            return end
        }
        last = entry
    }
}

/**
 * Whether the promises and the cookies of successive entries of one publisher count up by one. In a
 * log, both rise from each entry to the next, so the first and the last entry decide.
 */
function countUp(first: Entry, last: Entry, steps: number): boolean {
    return (
        Monotonic.add(first.promise, steps) === last.promise &&
        Monotonic.add((first.body as UserBody).cookie, steps) === (last.body as UserBody).cookie
    )
}

/** Packs entries of a log into their JSON form. */
export function pack(entries: readonly Entry[]): readonly (Entry | PackedRun)[] {
    const packed: (Entry | PackedRun)[] = []
    for (let at = 0; at < entries.length; ) {
        const end = endOf(entries, at, follows)
        const [first, last] = [entries[at] as Entry, entries[end - 1] as Entry]
        const isOneRun = end === at + 1 || countUp(first, last, end - at - 1)
        while (at < end) {
            const next = isOneRun ? end : endOf(entries, at, continues)
            packed.push(packRun(entries.slice(at, next)))
            at = next
        }
    }
    return packed
}

/** Packs entries that count up, at least one. A single entry stays as it is. */
function packRun(entries: readonly Entry[]): Entry | PackedRun {
    const first = entries[0] as Entry
    if (entries.length === 1) {
        return first
    }
    const { previous, promise, body } = first
    const { id, cookie, immigrated } = body as UserBody
    const bodies = entries.map((entry) => (entry.body as UserBody).body)
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
