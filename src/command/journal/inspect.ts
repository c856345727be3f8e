import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isMissing } from '../../journal/errors.js'
import { FileSystem } from '../../journal/filesystem.js'
import { IDENTITY } from '../../journal/identity.js'
import { segmentsIn, snapshotIn } from '../../journal/file-names.js'
import type { Place } from '../../journal/place.js'
import { type FolderScan, scanFolder } from '../../journal/scan-folder.js'
import { Progress } from '../demo/progress.js'
import { VersionSearch } from './version-search.js'

const MIB = 1024 * 1024

/** A journal after the check of all its files. */
export interface InspectedJournal {
    readonly place: Place
    readonly scan: FolderScan
    /** The protocol version that the journal names; `null` if the journal names none. */
    readonly version: number | null
    /** The processes that have the journal open, in words. */
    readonly holders: readonly string[]
}

/** The folder cannot be inspected, for example because it contains no journal. */
export class FolderError extends Error {
    override readonly name: string = 'FolderError'
}

/** A size as `12 B` or `3.4 MiB`. */
export function bytes(count: number): string {
    return count < MIB ? `${count} B` : `${(count / MIB).toFixed(1)} MiB`
}

async function statOf(path: string): Promise<Stats | null> {
    return await stat(path).catch(() => null)
}

/** The error for a folder that is no journal. Names the journals inside the folder. */
async function noJournal(folder: string): Promise<FolderError> {
    const found = await statOf(folder)
    if (found === null) {
        return new FolderError(`The folder ${folder} does not exist.`)
    }
    if (!found.isDirectory()) {
        return new FolderError(`${folder} is no folder. Name the folder of a journal.`)
    }
    const inside: string[] = []
    for (const name of await readdir(folder)) {
        if (await statOf(join(folder, name, IDENTITY)) !== null) {
            inside.push(join(folder, name))
        }
    }
    return new FolderError(inside.length === 0
        ? `${folder} is no journal: it has no file ${IDENTITY}.`
        : `${folder} is no journal, but contains journals: ${inside.join(', ')}.`)
}

/** The total size of the files that the check reads, in bytes. */
async function sizeOf(folder: string, names: readonly string[]): Promise<number> {
    const counting = names.filter((name) =>
        segmentsIn([name]).length > 0 || snapshotIn(name) !== null)
    const sizes = await Promise.all(counting.map((name) => statOf(join(folder, name))))
    return sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0)
}

/** Whether a folder has a file of a journal. A journal without its identity file is damaged. */
function isJournalPart(names: readonly string[]): boolean {
    return names.some((name) => name === IDENTITY || segmentsIn([name]).length > 0)
}

/**
 * Checks every file of a journal, and shows the progress on standard error. The check changes
 * nothing; a member that has the journal open continues.
 *
 * @param isAlone Whether the command does nothing else. Then the progress also goes to a standard
 * error that is no terminal.
 * @throws FolderError if the folder contains no journal; KibitzError if the journal is damaged.
 */
export async function inspect(path: string, isAlone: boolean = false): Promise<InspectedJournal> {
    const disk = new FileSystem()
    const folder = resolve(path)
    const names = await disk.list(folder).catch(() => null)
    if (names === null || !isJournalPart(names)) {
        throw await noJournal(folder)
    }
    const holders = await disk.holders(folder)
    const total = await sizeOf(folder, names)
    const progress = new Progress(process.stderr, Math.max(total, 1),
        (done, all) => `${bytes(done)} of ${bytes(all)}`)
    const place = { disk, folder, isInUse: holders.length > 0 }
    const versions = new VersionSearch()
    let done = 0
    try {
        const onBytes = (count: number): void => {
            done += count
            if (isAlone || process.stderr.isTTY) {
                progress.show(Math.min(done, total))
            }
        }
        const { onBatch } = versions
        const scan = await scanFolder({ ...place, onBytes, onBatch }, names, null)
        return { place, holders, scan, version: await versions.end(place, scan) }
    } catch (error) {
        throw isMissing(error) && holders.length > 0
            ? new FolderError(`${folder} is in use and has changed during the check. Try again.`)
            : error
    } finally {
        progress.end()
    }
}
