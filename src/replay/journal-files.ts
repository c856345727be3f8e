import { segmentsIn, snapshotIn } from '../journal/file-names.js'
import { IDENTITY } from '../journal/identity.js'
import { MANIFEST } from '../journal/manifest.js'

/** The largest piece of a file in one answer, in bytes. */
export const PIECE_MAX: number = 4 * 1024 * 1024

/** Whether a name is the name of a file of a journal: no path, and no other file of the folder. */
export function isJournalFile(name: string): boolean {
    return name === IDENTITY || name === MANIFEST || isGrowing(name)
        || snapshotIn(name) !== null
}

/** Whether a file of a journal only grows; other files are replaced as a whole. */
export function isGrowing(name: string): boolean {
    return segmentsIn([name]).length === 1
}
