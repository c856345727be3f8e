import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { FileSystem } from '../../journal/filesystem.js'
import { IDENTITY } from '../../journal/identity.js'
import { segmentsIn, snapshotIn } from '../../journal/file-names.js'
import { type Place, type FolderScan, scanFolder } from '../../journal/scan-folder.js'
import { Progress } from '../demo/progress.js'

const MIB = 1024 * 1024

/** A journal that was looked at, and who has it. */
export interface Inspected {
    readonly place: Place
    readonly survey: FolderScan
    /** Those who hold it, in words. */
    readonly holders: readonly string[]
}

/** What is not as whoever typed the folder thought. Nothing was changed. */
export class FolderError extends Error {
    override readonly name: string = 'FolderError'
}

/** How many bytes, as people say it. */
export function bytes(count: number): string {
    return count < MIB ? `${count} B` : `${(count / MIB).toFixed(1)} MiB`
}

async function statOf(path: string): Promise<Stats | null> {
    return await stat(path).catch(() => null)
}

/** Says why a folder is no journal, and where one may be. */
async function reject(folder: string): Promise<FolderError> {
    const found = await statOf(folder)
    if (found === null) {
        return new FolderError(`There is no folder ${folder}.`)
    }
    if (!found.isDirectory()) {
        return new FolderError(`${folder} is no folder. A journal is one.`)
    }
    const inside: string[] = []
    for (const name of await readdir(folder)) {
        if (await statOf(join(folder, name, IDENTITY)) !== null) {
            inside.push(join(folder, name))
        }
    }
    return new FolderError(inside.length === 0
        ? `${folder} is no journal: it has no file ${IDENTITY}.`
        : `${folder} is no journal, but these in it are: ${inside.join(', ')}.`)
}

/** How many bytes there are to be read in a folder. */
async function sizeOf(folder: string, names: readonly string[]): Promise<number> {
    const counting = names.filter((name) =>
        segmentsIn([name]).length > 0 || snapshotIn(name) !== null)
    const sizes = await Promise.all(counting.map((name) => statOf(join(folder, name))))
    return sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0)
}

/** Whether a folder has anything of a journal: without its identity it is a damaged one. */
function isAnything(names: readonly string[]): boolean {
    return names.some((name) => name === IDENTITY || segmentsIn([name]).length > 0)
}

/**
 * Checks all of a journal and shows how far it has come. Nothing is changed, and whoever has it
 * open goes on.
 *
 * @param isAlone Whether that is all that is done: then it is shown where there is no terminal too.
 * @throws FolderError where there is none; KibitzError where it is not what was written.
 */
export async function inspect(path: string, isAlone: boolean = false): Promise<Inspected> {
    const disk = new FileSystem()
    const folder = resolve(path)
    const names = await disk.list(folder).catch(() => null)
    if (names === null || !isAnything(names)) {
        throw await reject(folder)
    }
    const holders = await disk.holders(folder)
    const total = await sizeOf(folder, names)
    const progress = new Progress(process.stderr, Math.max(total, 1),
        (done, all) => `${bytes(done)} of ${bytes(all)}`)
    const place = { disk, folder, isInUse: holders.length > 0 }
    let done = 0
    try {
        const onBytes = (count: number): void => {
            done += count
            if (isAlone || process.stderr.isTTY) {
                progress.show(Math.min(done, total))
            }
        }
        return { place, holders, survey: await scanFolder({ ...place, onBytes }, names, null) }
    } catch (error) {
        throw isGone(error) && holders.length > 0
            ? new FolderError(`${folder} is in use, and changed while it was read. Try again.`)
            : error
    } finally {
        progress.end()
    }
}

function isGone(error: unknown): boolean {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
