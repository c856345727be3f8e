import { resolve } from 'node:path'
import { KibitzError } from '../base/errors.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Disk } from '../journal/disk.js'
import { IDENTITY, readIdentity } from '../journal/identity.js'
import { readManifest } from '../journal/manifest.js'
import { isMissing } from '../journal/errors.js'
import { segmentsIn, snapshotIn } from '../journal/file-names.js'
import { HEAD } from '../journal/format.js'
import { FileSystem } from '../journal/filesystem.js'
import { readSnapshot } from '../journal/reader.js'
import type { Place } from '../journal/place.js'
import { type FolderScan, scanFolder } from '../journal/scan-folder.js'
import { otherVersion, protocolVersion } from '../member/engine-version.js'
import { singles } from '../member/fold-encoding.js'
import { Snapshot } from '../member/snapshot-encoding.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import { type JournalEnd, Records, tooLarge } from './journal-records.js'
import { isDamage, type Recording } from './recording.js'

/** How a folder is read. */
export interface FolderReading {
    /** The size of the records that may be read into memory, in bytes. */
    readonly sizeMax: number
    /** Reports the number of bytes read, and of all bytes. */
    readonly onBytes: (done: number, of: number) => void
    /** Throws if the reading was aborted. */
    readonly check: () => void
    /** Whether to read the state of the application. @default false */
    readonly keepsState?: boolean
    /** Whether a damaged journal is read up to the damage. @default false */
    readonly untilDamage?: boolean
}

/** A journal, and its snapshot. */
export interface JournalContents {
    readonly recording: Recording
    /** `null` if the journal begins with the first entry of the member. */
    readonly kept: {
        /** The last entry of the state. */
        readonly promise: Monotonic
        /** The entries after `promise` that the engine of the snapshot has forgotten. */
        readonly forgotten: readonly LogEntry[]
        /** The state of the application; empty if not asked for. */
        readonly state: Buffer
    } | null
}

/** The number of times that a folder is read anew if its member changes the folder meanwhile. */
const TRIES = 5

function unreadable(folder: string, what: string, cause?: unknown): KibitzError {
    const message = `The folder ${folder} cannot be replayed: ${what}. Nothing was changed; name `
        + 'the folder of a journal.'
    return new KibitzError('invalid-argument', message, cause === undefined ? {} : { cause })
}

async function namesIn(disk: Disk, folder: string): Promise<readonly string[]> {
    let names: readonly string[] | null
    try {
        names = await disk.list(folder)
    } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw unreadable(folder, reason, cause)
    }
    if (names === null) {
        throw unreadable(folder, 'there is no such folder')
    }
    if (!names.some((name) => name === IDENTITY || segmentsIn([name]).length > 0)) {
        throw unreadable(folder, `it has no file ${IDENTITY}`)
    }
    return names
}

/** The total size of the files that the check reads, in bytes. */
async function sizeOf({ disk, folder }: Place, names: readonly string[]): Promise<number> {
    let size = 0
    for (const name of names) {
        if (segmentsIn([name]).length > 0 || snapshotIn(name) !== null) {
            const file = await disk.open(`${folder}/${name}`, 'read')
            try {
                size += await file.size()
            } finally {
                await file.close()
            }
        }
    }
    return size
}

/**
 * The inputs of records. Folded inputs take more memory than their record. Records without inputs
 * are damage.
 */
function unfolded(
    folder: string, records: readonly Uint8Array[], { sizeMax, untilDamage = false }: FolderReading
): Pick<Recording, 'damage'> & { readonly inputs: readonly Uint8Array[], readonly size: number } {
    const inputs: Uint8Array[] = []
    let size = 0
    try {
        for (const input of singles(records)) {
            inputs.push(input)
            size += input.byteLength
            if (size > sizeMax) {
                break
            }
        }
    } catch (cause) {
        const damage = new KibitzError('journal-damaged', `A record of the journal ${folder} is `
            + 'whole, but holds no inputs. Nothing was changed. The journal was not written by '
            + 'kibitz: name another folder.', { cause })
        if (!untilDamage) {
            throw damage
        }
        return { inputs, size, damage }
    }
    if (size > sizeMax) {
        throw tooLarge(folder, sizeMax)
    }
    return { inputs, size }
}

/** The part of a scan that the reading of a snapshot needs. */
type ScannedPart = Pick<FolderScan, 'identity' | 'contents' | 'first'> & {
    readonly position: Pick<FolderScan['position'], 'last'>
}

/** Reads the snapshot of a journal. */
async function readKept(
    place: Place, { identity, contents: { snapshot }, first, position }: ScannedPart,
    keepsState: boolean
): Promise<{ readonly start: Recording['start'], readonly kept: JournalContents['kept'] }> {
    if (snapshot === null) {
        return { start: null, kept: null }
    }
    const file = new Snapshot(() => readSnapshot(place, identity, snapshot))
    const stored = await file.read()
    if (protocolVersion(stored.engine) === null && position.last >= first) {
        throw otherVersion(first, stored.engine)
    }
    const { promise, forgotten, paxos, islander } = stored
    const pieces: Uint8Array[] = []
    if (keepsState) {
        for await (const piece of file.state()) {
            pieces.push(Uint8Array.from(piece))
        }
    }
    const kept = { promise, forgotten: [...forgotten], state: Buffer.concat(pieces) }
    return { start: { paxos, islander }, kept }
}

/** The part of a journal before its damage. @throws the damage if no record is before it. */
async function scanBefore(
    damage: KibitzError, { disk, folder }: Place, records: Records
): Promise<ScannedPart> {
    const { last } = records
    if (last === null) {
        throw damage
    }
    const identity = await readIdentity(disk, folder)
    const contents = await readManifest(disk, folder, identity.id)
    return { identity, contents, first: (contents.snapshot?.through ?? 0) + 1, position: { last } }
}

/** The end of a sound journal. */
function endOf(
    { identity, contents, position, segments, lastBatch }: FolderScan, size: number
): JournalEnd {
    const { first: segment, size: at } = segments.at(-1) ?? { first: 1, size: HEAD }
    return { identity, contents, segment, at, lastBatch, position, size }
}

async function readOnce(
    disk: FileSystem, folder: string, reading: FolderReading
): Promise<JournalContents> {
    const { sizeMax, onBytes, check, keepsState = false, untilDamage = false } = reading
    const names = await namesIn(disk, folder)
    const isInUse = (await disk.holders(folder)).length > 0
    const place = { disk, folder, isInUse }
    const total = await sizeOf(place, names)
    const records = new Records(folder, sizeMax)
    let done = 0
    let damage: KibitzError | undefined
    const scan = await scanFolder({
        ...place,
        onBytes: (bytes) => {
            done += bytes
            check()
            onBytes(Math.min(done, total), total)
        },
        onBatch: (batch) => records.add(batch)
    }, names, null).catch((error: unknown) => {
        if (!untilDamage || !isDamage(error)) {
            throw error
        }
        damage = error
        return scanBefore(error, place, records)
    })
    const { start, kept } = await readKept(place, scan, keepsState)
    const { inputs, size, damage: first = damage } =
        unfolded(folder, records.from(scan.first), reading)
    const recording = { id: scan.identity.owner, first: scan.first, inputs, start }
    if (first !== undefined || !('segments' in scan)) {
        return { recording: { ...recording, ...(first && { damage: first }) }, kept }
    }
    return { recording: { ...recording, end: endOf(scan, size) }, kept }
}

/**
 * Reads the journal of a running or a stopped member. Changes nothing, and takes no lock. If the
 * member runs, the recording ends with the last complete batch.
 *
 * @throws KibitzError `invalid-argument` if the folder is no journal; `journal-damaged`,
 * `journal-version`, `too-large`; disk errors are passed on.
 */
export async function readJournal(
    path: string, reading: FolderReading
): Promise<JournalContents> {
    const disk = new FileSystem()
    const folder = resolve(path)
    for (let tries = 1; ; tries++) {
        try {
            return await readOnce(disk, folder, reading)
        } catch (error) {
            // A snapshot of the member may have replaced a file.
            if (!isMissing(error) || tries === TRIES) {
                throw error
            }
        }
    }
}

/** Reads the recording in a journal. @throws KibitzError as `readJournal`. */
export async function readFolder(path: string, reading: FolderReading): Promise<Recording> {
    const { recording } = await readJournal(path, reading)
    return recording
}
