import { admit } from '../body.js'
import { freeze } from '../freeze.js'
import { Monotonic } from '../monotonic.js'
import { soundEntries } from '../stamp.js'
import type { Entry, Stretch, UserBody } from './message.js'
import type { Packed } from './state.js'

/** Whether an entry continues a stretch: the same publisher, and every number the next. */
function continues(last: Entry, entry: Entry): boolean {
    const [before, body] = [last.body, entry.body]
    return (
        'cookie' in before &&
        'cookie' in body &&
        body.immigrated === before.immigrated &&
        body.id === before.id &&
        entry.previous === last.promise &&
        entry.promise === Monotonic.increment(last.promise, 1) &&
        body.cookie === Monotonic.increment(before.cookie, 0)
    )
}

/** From an index on: an entry by itself, or as many as make one stretch. */
function take(entries: readonly Entry[], from: number): readonly Entry[] {
    let end = from + 1
    for (; end < entries.length; end++) {
        const [last, entry] = [entries[end - 1], entries[end]]
        if (last === undefined || entry === undefined || !continues(last, entry)) {
            break
        }
    }
    return entries.slice(from, end)
}

/** Writes entries as they travel as text. */
export function pack(entries: readonly Entry[]): readonly (Entry | Stretch)[] {
    const packed: (Entry | Stretch)[] = []
    for (let at = 0; at < entries.length; ) {
        const taken = take(entries, at)
        at += taken.length
        const [first] = taken
        if (first === undefined || taken.length === 1 || !('cookie' in first.body)) {
            packed.push(...taken)
            continue
        }
        const { previous, promise, body: { id, cookie, immigrated } } = first
        const bodies = taken.map(({ body }) => ('cookie' in body ? body.body : null))
        packed.push({ previous, promise, id, cookie, immigrated, bodies })
    }
    return packed
}

/** Reads a stretch, whose every field is sound. */
export function unpack({ previous, promise, id, cookie, immigrated, bodies }: Stretch): Entry[] {
    let last = previous
    let [number, count] = [promise, cookie]
    return bodies.map((value) => {
        const body = Object.freeze({ id, cookie: count, immigrated, body: value })
        const entry = { promise: number, previous: last, body }
        soundEntries.mark(entry)
        last = number
        number = Monotonic.increment(number, 1)
        count = Monotonic.increment(count, 0)
        return Object.freeze(entry)
    })
}

function readmit({ id, cookie, immigrated, body }: UserBody): UserBody {
    return Object.freeze({ id, cookie, immigrated, body: admit(body) })
}

/** Reads back what an engine once held: frozen all the way down, and sound. */
export function unpackAll(packed: Packed): Entry[] {
    return packed.flatMap((each) => {
        if ('bodies' in each) {
            return unpack({ ...each, bodies: each.bodies.map(admit) })
        }
        const { promise, previous, body } = each
        const entry = { promise, previous, body: 'cookie' in body ? readmit(body) : freeze(body) }
        soundEntries.mark(entry)
        return Object.freeze(entry)
    })
}

function toJSON(this: readonly Entry[]): readonly (Entry | Stretch)[] {
    return pack(this)
}

/**
 * Entries that are handed on as they are within a process, and packed where they become text. The
 * text of an entry alone says everything anew: who published it, and four numbers.
 */
export function packable(entries: Entry[]): readonly Entry[] {
    return Object.defineProperty(entries, 'toJSON', { value: toJSON })
}
