import { isFrozenCopy } from '../../base/json-value.js'
import { soundRuns } from '../../base/object-brand.js'
import { weighEntry } from './entry.js'
import type { Entry } from '../messages/messages.js'
import { packable } from '../messages/run-encoding.js'

/** How much a run may carry. */
export interface RunLimit {
    readonly entries: number
    readonly weight: number
}

interface Copied {
    readonly after: number
    readonly last: number
    readonly limit: RunLimit
    readonly entries: readonly Entry[]
}

/**
 * The entries of a log that are held, by their positions, and what each of them weighs: entries
 * that lie far back in memory are not looked at once more to let them go.
 */
export class EntryStore {
    /** The position of `#entries[0]`. */
    #first: number
    readonly #entries: Entry[] = []
    readonly #weights: number[] = []
    #weight = 0
    /** The last run: mostly several are to have the same. */
    #copied: Copied | null = null

    /** Begins at a position with what is held there. */
    constructor(first: number, entry: Entry) {
        this.#first = first
        this.push(entry)
    }

    /** The position of the first. */
    get first(): number {
        return this.#first
    }

    /** The position of the last. */
    get head(): number {
        return this.#first + this.#entries.length - 1
    }

    /** About how many bytes all of them take on a wire. */
    get weight(): number {
        return this.#weight
    }

    /** The one at a position; `undefined` where none is held. */
    find(position: number): Entry | undefined {
        return this.#entries[position - this.#first]
    }

    /** Those from a position on. */
    from(position: number): Entry[] {
        return this.#entries.slice(position - this.#first)
    }

    /** What those from a position up to another, without that one, weigh. */
    weigh(from: number, to: number): number {
        let weight = 0
        for (let at = from - this.#first; at < to - this.#first; at++) {
            weight += this.#weights[at] ?? 0
        }
        return weight
    }

    /**
     * Adds one.
     *
     * @returns What it weighs.
     */
    push(entry: Entry): number {
        const weight = weighEntry(entry)
        this.#entries.push(entry)
        this.#weights.push(weight)
        this.#weight += weight
        return weight
    }

    /**
     * Lets those go that lie behind a position.
     *
     * @returns Them.
     */
    cutBehind(position: number): readonly Entry[] {
        this.#copied = null
        this.#weight -= this.weigh(position + 1, this.head + 1)
        this.#weights.length = position + 1 - this.#first
        return this.#entries.splice(position + 1 - this.#first)
    }

    /** Lets those go that lie before a position. */
    forget(position: number): void {
        this.#weight -= this.weigh(this.#first, position)
        this.#entries.splice(0, position - this.#first)
        this.#weights.splice(0, position - this.#first)
        this.#first = position
    }

    /** What follows a position, up to a last one and a limit; at least one entry. */
    run(after: number, last: number, limit: RunLimit): readonly Entry[] {
        const copied = this.#copied
        if (copied?.after === after && copied.last === last && copied.limit === limit) {
            return copied.entries
        }
        const from = after + 1 - this.#first
        const count = Math.min(limit.entries, last - after)
        let [to, weight] = [from, 0]
        while (to < from + count) {
            weight += this.#weights[to] ?? 0
            if (to !== from && weight > limit.weight) {
                break
            }
            to++
        }
        const entries = sound(this.#entries.slice(from, to))
        this.#copied = { after, last, limit, entries }
        return entries
    }
}

function isSound({ body }: Entry): boolean {
    return 'cookie' in body && isFrozenCopy(body.body)
}

/**
 * A run out of a log: it hangs together, and was guarded, or written here. So nobody in this
 * process has to look again, unless there is something in it that somebody could still change.
 */
export function sound(entries: Entry[]): readonly Entry[] {
    if (entries.every(isSound)) {
        soundRuns.mark(entries)
    }
    return packable(entries)
}
