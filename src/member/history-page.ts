import type { Monotonic } from '../base/monotonic.js'
import { handOutEntry } from '../paxos/membership/citizenship.js'
import { approximateSize } from '../base/json-value.js'
import { ENTRY_SIZE } from '../paxos/log/entry.js'
import type { Entry, LogEntry } from '../paxos/messages/messages.js'
import { pack, type Packed, type PackedRun, unpackAll } from '../paxos/messages/run-encoding.js'
import { JoinedTexts } from './joined-texts.js'
import type { MemoryBlocks } from './memory-blocks.js'

/** The maximum number of entries of a page, and the size in bytes after which a page is full. */
const PAGE_LENGTH = 256
const PAGE_SIZE = 1024 * 1024

/** A packed run of entries whose values are texts. */
interface TextRun extends Omit<PackedRun, 'bodies'> {
    readonly texts: JoinedTexts
}

/** Packed entries, with `null` in the place of each government. */
type PackedItem = Packed[number] | TextRun | null

function isPrimitive(value: unknown): boolean {
    return typeof value !== 'object' || value === null
}

/** Whether no value in a packed item is a list or an object. */
function isPlain(each: Packed[number] | null): boolean {
    if (each === null) {
        return true
    }
    return 'bodies' in each
        ? each.bodies.every(isPrimitive)
        : 'cookie' in each.body && isPrimitive(each.body.body)
}

function areTexts(bodies: readonly unknown[]): bodies is readonly string[] {
    return bodies.every((body) => typeof body === 'string')
}

/** Joins the values of a packed item if all of them are texts. */
function joinTexts(each: Packed[number] | null, blocks: MemoryBlocks): PackedItem {
    if (each === null || !('bodies' in each) || !areTexts(each.bodies)) {
        return each
    }
    const { bodies, ...run } = each
    return { ...run, texts: new JoinedTexts(bodies, blocks) }
}

/** About the size of an entry on the wire, in bytes. */
function sizeOf({ body }: LogEntry): number {
    return ENTRY_SIZE + approximateSize('cookie' in body ? body.body : body)
}

/** At each index, the sum of the numbers through that index. */
function totals(numbers: readonly number[]): number[] {
    let sum = 0
    return numbers.map((number) => {
        sum += number
        return sum
    })
}

function splitTexts(each: Packed[number] | TextRun): Packed[number] {
    if (!('texts' in each)) {
        return each
    }
    const { texts, ...run } = each
    return { ...run, bodies: texts.split() }
}

/**
 * A page of the history: successive entries of the log, which are forgotten together.
 *
 * 1. A full page never changes.
 * 2. A growing page holds its entries as objects. After `pack`, the page holds the packed form of
 *    the wire, and the governments: a list if each value is a text or another primitive, else one
 *    JSON text. The texts of successive entries of one publisher are joined. The garbage collector
 *    then visits neither an entry nor a value. A reader of a packed page gets new, equal objects.
 */
export class Page {
    /** The position of the first entry. */
    readonly first: number
    /** The promise of the first entry. */
    readonly promise: Monotonic
    /** The total size of all entries before this page, in bytes. */
    readonly sizeBefore: number
    readonly #lengthMax: number
    /** The entries in order; `null` after `pack`. */
    #entries: LogEntry[] | null = []
    /** After `pack`: the packed entries, or their JSON text. */
    #packed: readonly PackedItem[] | string = []
    #governments: readonly LogEntry[] = []
    #size = 0
    /**
     * At each index, the total size of the entries of this page through that entry. `null` after
     * `pack`, until a reader of the page asks.
     */
    #sizes: number[] | null = null
    #length = 0
    #isLent = false

    /** @param lengthMax The maximum number of entries; values above 256 count as 256. */
    constructor(first: number, promise: Monotonic, sizeBefore: number, lengthMax: number) {
        this.first = first
        this.promise = promise
        this.sizeBefore = sizeBefore
        this.#lengthMax = Math.max(1, Math.min(PAGE_LENGTH, lengthMax))
    }

    /** The number of entries. */
    get length(): number {
        return this.#length
    }

    /** Whether the next entry needs another page. */
    get isFull(): boolean {
        return this.#length >= this.#lengthMax || this.#size >= PAGE_SIZE
    }

    /**
     * Adds the next entry. The page must be neither full nor packed.
     *
     * @returns About the size of the entry on the wire, in bytes.
     */
    push(entry: LogEntry): number {
        const size = sizeOf(entry)
        this.#entries?.push(entry)
        this.#size += size
        // The list has its whole length at once. A list that grows is copied several times.
        this.#sizes ??= new Array<number>(this.#lengthMax).fill(0)
        this.#sizes[this.#length++] = this.#size
        return size
    }

    /**
     * All entries, frozen. If the page is not full, later entries may be missing from an older
     * list.
     */
    entries(): readonly LogEntry[] {
        if (this.#entries !== null) {
            return this.#entries
        }
        let passed = 0
        const packed = this.#packed
        // This page has written the text.
        const list = typeof packed === 'string' ? JSON.parse(packed) as PackedItem[] : packed
        return list.flatMap((each) => each === null
            ? this.#governments.slice(passed, ++passed)
            : unpackAll([splitTexts(each)]).map(handOutEntry))
    }

    /** The total size of all entries of the history before the entry with this index, in bytes. */
    sizeUpTo(index: number): number {
        if (index === 0) {
            return this.sizeBefore
        }
        if (index < this.#length) {
            this.#sizes ??= totals(this.entries().map(sizeOf))
        }
        return this.sizeBefore + (this.#sizes?.[index - 1] ?? this.#size)
    }

    /**
     * Packs the entries of a full page. A reader within the page keeps the list of the entries.
     *
     * @param blocks The source of the memory of the texts.
     */
    pack(blocks: MemoryBlocks): void {
        const entries = this.#entries
        if (entries === null) {
            return
        }
        const governments: LogEntry[] = []
        // A log entry is an engine entry with a `method`.
        const packed = pack(entries as Entry[]).map((each) => {
            if ('body' in each && !('cookie' in each.body)) {
                governments.push(each as LogEntry)
                return null
            }
            return each
        })
        this.#governments = governments
        this.#packed = packed.every(isPlain)
            ? packed.map((each) => joinTexts(each, blocks))
            : JSON.stringify(packed)
        this.#entries = null
        this.#sizes = null
    }

    /** Keeps the memory of the texts, also after the history has forgotten the page. */
    lend(): this {
        this.#isLent = true
        return this
    }

    /** Forgets the entries, and gives the memory of the texts back unless the page is lent. */
    forget(blocks: MemoryBlocks): void {
        const packed = this.#packed
        if (this.#isLent || typeof packed === 'string') {
            return
        }
        this.#packed = []
        for (const each of packed) {
            if (each !== null && 'texts' in each) {
                each.texts.release(blocks)
            }
        }
    }
}

/** The entries in [from, to). The pages keep their entries for the iteration. */
export function entriesOf(
    pages: readonly Page[], from: number, to: number
): Iterable<LogEntry> {
    for (const page of pages) {
        page.lend()
    }
    return entriesWithin(pages, from, to)
}

function* entriesWithin(
    pages: readonly Page[],
    from: number,
    to: number
): Generator<LogEntry, void, void> {
    for (const page of pages) {
        yield* page.entries().slice(Math.max(0, from - page.first), to - page.first)
    }
}
