import { Monotonic } from '../../../src/monotonic.js'
import type { Government } from '../../../src/paxos/government.js'
import type { LogEntry } from '../../../src/paxos/message.js'
import { demand } from '../violation.js'

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
 * 3. Governments count up by one, and so do entries under a government.
 * 4. A reader begins with the government that admits it and leaves nothing out.
 */
export class Chronicle {
    readonly entries: LogEntry[] = []
    readonly #positions = new Map<Monotonic, number>()
    /** The government in force as of each entry. */
    readonly #governments: Government[] = []

    /** The place of a promise, or -1. */
    positionOf(promise: Monotonic): number {
        return this.#positions.get(promise) ?? -1
    }

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
        const known = this.positionOf(entry.promise)
        const position = known === -1 ? this.#extend(reader, entry) : known
        const first = this.entries[position]
        if (known !== -1 && first !== undefined) {
            const isEqual = entry.previous === first.previous && isSame(entry, first)
            demand(isEqual, 'S1', () => `${reader.id} delivers another ${entry.promise}: ` +
                `${JSON.stringify(entry)} instead of ${JSON.stringify(first)}`)
        }
        if (reader.position === -1) {
            const body = entry.method === 'government' ? entry.body : null
            demand(body?.immigrate?.id === reader.id, 'S3', () =>
                `${reader.id} begins with ${entry.promise}, which does not admit it`)
        } else {
            demand(position === reader.position + 1, 'S3', () =>
                `${reader.id} delivers ${entry.promise} after ` +
                `${this.entries[reader.position]?.promise}`)
        }
        reader.position = position
        return known === -1
    }

    #extend(reader: Reader, entry: LogEntry): number {
        const { promise, previous } = entry
        demand(previous === this.tip, 'S1', () =>
            `${reader.id} delivers ${promise} behind ${previous}, but the log goes on with ` +
            `${this.entries[this.positionOf(previous) + 1]?.promise} there`)
        const isGovernment = entry.method === 'government'
        const expected = Monotonic.increment(this.tip, isGovernment ? 0 : 1)
        demand(promise === expected, 'S3', () =>
            `${reader.id} delivers ${promise} where ${expected} comes next`)
        this.entries.push(entry)
        this.#positions.set(promise, this.entries.length - 1)
        const government = isGovernment ? entry.government : this.government
        if (government !== null) {
            this.#governments.push(government)
        }
        return this.entries.length - 1
    }
}
