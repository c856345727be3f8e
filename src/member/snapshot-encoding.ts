import { setImmediate as turn } from 'node:timers/promises'
import { copyAndFreeze } from '../base/json-value.js'
import type { IslanderState } from '../publisher/islander-types.js'
import { KibitzError } from '../base/errors.js'
import { freeze } from '../base/freeze.js'
import { FIRST_VERSION } from '../paxos/membership/versions.js'
import { replayVersion } from './engine-version.js'
import type { History } from './history.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Entry, LogEntry } from '../paxos/messages/messages.js'
import type { PaxosState } from '../paxos/state.js'
import type { Packed } from '../paxos/messages/run-encoding.js'
import { pack } from '../paxos/messages/run-encoding.js'
import { piecesOf, type StateBytes } from '../base/state-bytes.js'

/** The stored form of a member between two inputs. */
export interface StoredMember {
    /** The last entry that the application had applied. */
    readonly promise: Monotonic
    /** Milliseconds since the epoch. */
    readonly when: number
    /** The engine version that has written the state. */
    readonly engine: number
    /** The entries from `promise` on that the engine had forgotten, oldest first. */
    readonly forgotten: Iterable<LogEntry>
    readonly paxos: PaxosState
    readonly islander: IslanderState
}

/**
 * The format of the snapshot around the states, which have formats of their own. Version 1 had no
 * `forgotten` list. Version 3 is version 2 in a republic of protocol version 2 or above: a package
 * that does not know the protocol version must not continue from the state.
 */
const VERSION = 3
const VERSIONS: readonly unknown[] = [1, 2, VERSION]

function formatOf(engine: number): number {
    return engine === replayVersion(FIRST_VERSION) ? 2 : VERSION
}

/** The approximate size of a part, in characters. A single larger item still makes one part. */
const PART_SIZE = 64 * 1024

/** The maximum size of a part, in bytes: far above any written part. */
const PART_SIZE_MAX = 256 * 1024 * 1024

/** The number of entries that are packed at once. */
const STRIDE = 512

/** The long lists, which are written in parts. */
const LISTS = ['forgotten', 'entries', 'queue', 'pending'] as const

type ListName = (typeof LISTS)[number]

function* encodePart(name: 'memory' | ListName | 'end', text: string): Generator<Uint8Array> {
    const bytes = Buffer.from(`{"${name}":${text}}`)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    yield length
    yield bytes
}

/** Packs runs of entries, 512 entries at a time. */
function* packRuns(entries: Packed): Generator<Packed[number]> {
    for (let at = 0; at < entries.length; at += STRIDE) {
        yield* pack(entries.slice(at, at + STRIDE) as readonly Entry[])
    }
}

async function* encodeList(name: ListName, items: Iterable<unknown>): AsyncGenerator<Uint8Array> {
    let texts: string[] = []
    let size = 0
    for (const item of items) {
        const text = JSON.stringify(item)
        texts.push(text)
        size += text.length
        if (size > PART_SIZE) {
            yield* encodePart(name, `[${texts.join()}]`)
            texts = []
            size = 0
            await turn()
        }
    }
    yield* encodePart(name, `[${texts.join()}]`)
}

/**
 * Encodes a member and the application's state: first the member, in parts that begin with their
 * length, then the application's bytes, up to the end. Long lists are written part by part, so that
 * other work can run.
 */
export async function* writeSnapshot(
    memory: StoredMember,
    state: StateBytes
): AsyncGenerator<Uint8Array> {
    const { paxos, islander, forgotten } = memory
    const { log, writer } = paxos
    const short = {
        ...memory,
        forgotten: [],
        version: formatOf(memory.engine),
        paxos: {
            ...paxos,
            log: { ...log, entries: [] },
            writer: writer === null ? null : { ...writer, queue: [] }
        },
        islander: { ...islander, pending: [] }
    }
    yield* encodePart('memory', JSON.stringify(short))
    yield* encodeList('forgotten', forgotten)
    yield* encodeList('entries', packRuns(log.entries))
    yield* encodeList('queue', packRuns(writer?.queue ?? []))
    yield* encodeList('pending', islander.pending)
    yield* encodePart('end', 'true')
    yield* piecesOf(state)
}

/** Freezes an entry of a snapshot, as the log delivers entries. */
function freezeEntry(entry: LogEntry): LogEntry {
    if (entry.method === 'government') {
        return freeze(entry)
    }
    const body = Object.freeze({ ...entry.body, body: copyAndFreeze(entry.body.body) })
    return Object.freeze({ ...entry, body })
}

/**
 * The entries from a promise on that the engine has forgotten. The engine forgets entries that
 * every citizen holds, even if this member's application has not applied these entries.
 *
 * @returns The entries; `null` if the history does not hold the promise.
 */
export function forgottenEntries(
    { log }: Pick<PaxosState, 'log'>,
    history: History,
    promise: Monotonic
): Iterable<LogEntry> | null {
    const from = history.positionOf(promise)
    const [held] = log.entries
    const to = held === undefined ? -1 : history.positionOf(held.promise)
    return from === -1 ? null : history.slice(from, to)
}

/** The error of a recovery from a snapshot that this version cannot read. */
export function damaged(what: string, cause?: unknown): KibitzError {
    return new KibitzError(
        'journal-damaged',
        `The snapshot in the journal is whole, but ${what}. Nothing was changed. It was written ` +
            'by another version, or not by kibitz: start that version, or clear the folder and ' +
            'let this member join as a newcomer.',
        { cause }
    )
}

/** Reads a fixed number of bytes at a time from pieces of any size. */
class ByteReader {
    /** The number of bytes read so far. */
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

/** Reads and parses one part. */
async function readPart(bytes: ByteReader): Promise<Readonly<Record<string, unknown>>> {
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

/** A stored snapshot. */
export class Snapshot {
    readonly #open: () => AsyncIterable<Uint8Array>
    /** The offset of the application's state. */
    #begin = 0

    /** @param open Reads the bytes of the snapshot from the first one; each call starts again. */
    constructor(open: () => AsyncIterable<Uint8Array>) {
        this.#open = open
    }

    /**
     * Reads the member.
     *
     * @throws KibitzError `journal-damaged` if the bytes hold no member.
     */
    async read(): Promise<StoredMember> {
        const bytes = new ByteReader(this.#open())
        const { memory } = (await readPart(bytes)) as {
            memory?: StoredMember & { version: number }
        }
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
            forgotten: (lists.forgotten as LogEntry[]).map(freezeEntry),
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
