import { dirname } from 'node:path'
import type { Disk } from './disk.js'
import { diskFailed } from './errors.js'

/**
 * Renames the folder of a closed journal to `<folder>.<mark>`, or to `<folder>.<mark>-2` and so on
 * if the name is in use. Returns the new name.
 *
 * @throws KibitzError `journal-failed`: the folder could not be renamed, and is as it was.
 */
export async function setAside(disk: Disk, folder: string, mark: string): Promise<string> {
    try {
        let target = `${folder}.${mark}`
        for (let copy = 2; await disk.list(target) !== null; copy++) {
            target = `${folder}.${mark}-${copy}`
        }
        await disk.rename(folder, target)
        await disk.syncFolder(dirname(folder))
        return target
    } catch (error) {
        throw diskFailed(folder, error)
    }
}
