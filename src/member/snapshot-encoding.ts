import { setImmediate as turn } from 'node:timers/promises'
import { copyAndFreeze } from '../base/json-value.js'
import type { IslanderState } from '../publisher/islander-types.js'
import { KibitzError } from '../base/errors.js'
import { freeze } from '../base/freeze.js'
import type { History } from './history.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Entry, LogEntry } from '../paxos/messages/messages.js'
import type { PaxosState } from '../paxos/state.js'
import type { Packed } from '../paxos/messages/run-encoding.js'
import { pack } from '../paxos/messages/run-encoding.js'
import { piecesOf, type StateBytes } from '../base/state-bytes.js'

/** A member between two inputs. */
export interface Memory {
    /** The last entry that the application had applied. */
    readonly promise: Monotonic
    /** Milliseconds since the epoch. */
    readonly when: number
    /** Which version of the engine writes what follows. */
    readonly engine: number
    /** The entries from `promise` on that the engine had forgotten, oldest first. */
    readonly forgotten: Iterable<LogEntry>
    readonly paxos: PaxosState
    readonly islander: IslanderState
}

/**
 * The format of what stands around the states, which have formats of their own. Before 2 there were
 * no entries that the engine had forgotten.
 */
const VERSION = 2
const VERSIONS: readonly unknown[] = [1, VERSION]

/** How much is written in one go, in characters; one item may be more. */
const PART_SIZE = 64 * 1024

/** What a part of the memory may be, in bytes: far more than any that is written. */
const PART_SIZE_MAX = 256 * 1024 * 1024

/** How many entries are looked at in one go. */
const STRIDE = 512

/** The long lists, which go part by part. */
const LISTS = ['forgotten', 'entries', 'queue', 'pending'] as const

type ListName = (typeof LISTS)[number]

function* part(name: 'memory' | ListName | 'end', text: string): Generator<Uint8Array> {
    const bytes = Buffer.from(`{"${name}":${text}}`)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    yield length
    yield bytes
}

/** Entries as they are written, as far as they are looked at. */
function* packed(entries: Packed): Generator<Packed[number]> {
    for (let at = 0; at < entries.length; at += STRIDE) {
        yield* pack(entries.slice(at, at + STRIDE) as readonly Entry[])
    }
}

async function* list(name: ListName, items: Iterable<unknown>): AsyncGenerator<Uint8Array> {
    let texts: string[] = []
    let size = 0
    for (const item of items) {
        const text = JSON.stringify(item)
        texts.push(text)
        size += text.length
        if (size > PART_SIZE) {
            yield* part(name, `[${texts.join()}]`)
            texts = []
            size = 0
            await turn()
        }
    }
    yield* part(name, `[${texts.join()}]`)
}

/**
 * Writes a member and its application's state: first the member, in parts, each with its length
 * before it, then whatever the application gave, to the end. What is long is written bit by bit.
 */
export async function* writeSnapshot(
    memory: Memory,
    state: StateBytes
): AsyncGenerator<Uint8Array> {
    const { paxos, islander, forgotten } = memory
    const { log, writer } = paxos
    const short = {
        ...memory,
        forgotten: [],
        version: VERSION,
        paxos: {
            ...paxos,
            log: { ...log, entries: [] },
            writer: writer === null ? null : { ...writer, queue: [] }
        },
        islander: { ...islander, pending: [] }
    }
    yield* part('memory', JSON.stringify(short))
    yield* list('forgotten', forgotten)
    yield* list('entries', packed(log.entries))
    yield* list('queue', packed(writer?.queue ?? []))
    yield* list('pending', islander.pending)
    yield* part('end', 'true')
    yield* piecesOf(state)
}

/** An entry that was read from a snapshot: frozen, as the log hands it out. */
function readmit(entry: LogEntry): LogEntry {
    if (entry.method === 'government') {
        return freeze(entry)
    }
    const body = Object.freeze({ ...entry.body, body: copyAndFreeze(entry.body.body) })
    return Object.freeze({ ...entry, body })
}

/**
 * The entries from a promise on that an engine has forgotten, which forgets what every citizen
 * holds, whether the application has applied it or not.
 *
 * @returns The entries, or `null` where the history does not hold that promise any more.
 */
export function forgottenBy(
    { log }: Pick<PaxosState, 'log'>,
    history: History,
    promise: Monotonic
): Iterable<LogEntry> | null {
    const from = history.positionOf(promise)
    const [held] = log.entries
    const to = held === undefined ? -1 : history.positionOf(held.promise)
    return from === -1 ? null : history.slice(from, to)
}

/** What becomes of a recovery from what is no snapshot of ours. */
export function damaged(what: string, cause?: unknown): KibitzError {
    return new KibitzError(
        'journal-damaged',
        `The snapshot in the journal is whole, but ${what}. Nothing was changed. It was written ` +
            'by another version, or not by kibitz: start that version, or clear the folder and ' +
            'let this member join as a newcomer.',
        { cause }
    )
}

/** Takes so many bytes at a time from pieces of any size. */
class Bytes {
    /** How many were taken. */
    taken = 0
    readonly #pieces: AsyncIterator<Uint8Array>
    #rest: Buffer = Buffer.alloc(0)

    constructor(pieces: AsyncIterable<Uint8Array>) {
        this.#pieces = pieces[Symbol.asyncIterator]()
    }

    async take(count: number): Promise<Buffer> {
        const gathered = [this.#rest]
        let size = this.#rest.length
        while (size < count) {
            const { value, done } = await this.#pieces.next()
            if (done === true) {
                throw damaged('it ends too early')
            }
            const piece = value as Uint8Array
            gathered.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength))
            size += piece.byteLength
        }
        const all = gathered.length === 1 ? this.#rest : Buffer.concat(gathered)
        this.#rest = all.subarray(count)
        this.taken += count
        return all.subarray(0, count)
    }

    async end(): Promise<void> {
        await this.#pieces.return?.()
    }
}

/** One part, parsed. */
async function readPart(bytes: Bytes): Promise<Readonly<Record<string, unknown>>> {
    const length = (await bytes.take(4)).readUInt32BE()
    if (length > PART_SIZE_MAX) {
        throw damaged(`a part of ${length} bytes is none of ours`)
    }
    const text = (await bytes.take(length)).toString()
    try {
        return JSON.parse(text) as Readonly<Record<string, unknown>>
    } catch (cause) {
        throw damaged('a part of it is no JSON', cause)
    }
}

/** What a snapshot holds. */
export class Snapshot {
    readonly #open: () => AsyncIterable<Uint8Array>
    /** Where the application's state begins. */
    #begin = 0

    /** @param open Its bytes, from the first, each time anew. */
    constructor(open: () => AsyncIterable<Uint8Array>) {
        this.#open = open
    }

    /**
     * The member.
     *
     * @throws KibitzError `journal-damaged` where it is none.
     */
    async read(): Promise<Memory> {
        const bytes = new Bytes(this.#open())
        const { memory } = (await readPart(bytes)) as { memory?: Memory & { version: number } }
        if (memory === undefined || !VERSIONS.includes(memory.version)) {
            throw damaged(`its version is ${memory?.version}, not ${VERSION}`)
        }
        const lists: Record<ListName, unknown[]> = {
            forgotten: [], entries: [], queue: [], pending: []
        }
        for (;;) {
            const next = await readPart(bytes)
            if ('end' in next) {
                break
            }
            for (const name of LISTS) {
                const items = next[name]
                if (Array.isArray(items)) {
                    for (const item of items) {
                        lists[name].push(item)
                    }
                }
            }
        }
        this.#begin = bytes.taken
        await bytes.end()
        const { paxos, islander } = memory
        const { log, writer } = paxos
        const [entries, queue] = [lists.entries as Packed, lists.queue as Packed]
        return {
            ...memory,
            forgotten: (lists.forgotten as LogEntry[]).map(readmit),
            paxos: {
                ...paxos,
                log: { ...log, entries },
                writer: writer === null ? null : { ...writer, queue }
            },
            islander: { ...islander, pending: lists.pending }
        }
    }

    /** The application's state, from its first byte. */
    async *state(): AsyncGenerator<Uint8Array, void, void> {
        let before = this.#begin
        for await (const piece of this.#open()) {
            if (piece.byteLength > before) {
                yield piece.subarray(before)
            }
            before = Math.max(0, before - piece.byteLength)
        }
    }
}
