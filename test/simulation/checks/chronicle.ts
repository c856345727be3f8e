import type { Monotonic } from '../../../src/base/monotonic.js'
import type { Government } from '../../../src/paxos/messages/messages.js'
import type { LogEntry } from '../../../src/paxos/messages/messages.js'
import { fail } from '../violation.js'

/** How far somebody has read. */
export interface Reader {
    readonly id: string
    /** The place of the last entry it delivered, or -1. */
    position: number
}

function isSame(one: LogEntry, other: LogEntry): boolean {
    return one.body === other.body || JSON.stringify(one.body) === JSON.stringify(other.body)
}

/**
 * The one log that everybody's must be a part of: S1, S2 as far as numbers go, S3.
 *
 * 1. A promise numbers one entry, the same everywhere and for ever.
 * 2. An entry continues the last one: nothing that was delivered anywhere is left out later.
 * 3. Governments count up by one, and so do entries under a government. The arithmetic is the
 *    chronicle's own.
 * 4. A reader begins with the government that admits it and leaves nothing out.
 */
export class Chronicle {
    readonly entries: LogEntry[] = []
    /** The government in force as of each entry. */
    readonly #governments: Government[] = []
    #governmentsCount = 0
    #entriesCount = 0

    /** The number of the last entry. */
    get tip(): Monotonic {
        return this.entries.at(-1)?.promise ?? '0/0'
    }

    /** The government in force at the end. */
    get government(): Government | null {
        return this.#governments.at(-1) ?? null
    }

    /** The government in force when the entry at a place was written. */
    governmentBefore(position: number): Government | null {
        return this.#governments[position - 1] ?? null
    }

    /** Takes the next entry that somebody delivers; tells whether nobody did so before. */
    deliver(reader: Reader, entry: LogEntry): boolean {
        const { entries } = this
        const position = this.#place(reader, entry)
        const isNew = position === entries.length
        if (isNew) {
            this.#extend(entry)
        }
        const first = entries[position]
        if (first !== undefined && first !== entry &&
            (entry.previous !== first.previous || !isSame(entry, first))) {
            fail('S1', `${reader.id} delivers another ${entry.promise}: ` +
                `${JSON.stringify(entry)} instead of ${JSON.stringify(first)}`)
        }
        if (reader.position === -1) {
            const body = entry.method === 'government' ? entry.body : null
            if (body?.immigrate?.id !== reader.id) {
                fail('S3', `${reader.id} begins with ${entry.promise}, which does not admit it`)
            }
        } else if (position !== reader.position + 1) {
            fail('S3', `${reader.id} delivers ${entry.promise} after ` +
                `${entries[reader.position]?.promise}`)
        }
        reader.position = position
        return isNew
    }

    /** Where an entry is, or belongs: mostly it is what its reader should deliver next. */
    #place({ id, position }: Reader, { promise, previous, method }: LogEntry): number {
        const { entries, tip } = this
        if (entries[position + 1]?.promise === promise) {
            return position + 1
        }
        const expected = this.#next(method === 'government')
        if (promise === expected && previous === tip) {
            return entries.length
        }
        const known = entries.findLastIndex((entry) => entry.promise === promise)
        if (known === -1 && previous !== tip) {
            const behind = entries.findLastIndex((entry) => entry.promise === previous)
            fail('S1', `${id} delivers ${promise} behind ${previous}, but the log goes on with ` +
                `${entries[behind + 1]?.promise} there`)
        }
        if (known === -1) {
            fail('S3', `${id} delivers ${promise} where ${expected} comes next`)
        }
        return known
    }

    #next(isGovernment: boolean): Monotonic {
        return isGovernment
            ? `${(this.#governmentsCount + 1).toString(16)}/0`
            : `${this.#governmentsCount.toString(16)}/${(this.#entriesCount + 1).toString(16)}`
    }

    #extend(entry: LogEntry): void {
        this.entries.push(entry)
        if (entry.method === 'government') {
            this.#governmentsCount++
            this.#entriesCount = 0
            this.#governments.push(entry.government)
        } else {
            this.#entriesCount++
            const { government } = this
            if (government !== null) {
                this.#governments.push(government)
            }
        }
    }
}
