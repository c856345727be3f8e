import { KibitzError } from '../base/errors.js'

const NEWCOMER = 'or let the member join as a newcomer, with an empty folder AND a new id: under '
    + 'its old id it would break promises it no longer knows of'

/** The stored data differ from the written data. */
export function damaged(folder: string, what: string, options?: ErrorOptions): KibitzError {
    return new KibitzError('journal-damaged',
        `The journal ${folder} is damaged: ${what}. Nothing was changed. Mend the disk, `
        + `${NEWCOMER}.`, options)
}

/** The journal belongs to another member, or was moved. */
export function foreign(folder: string, what: string): KibitzError {
    return new KibitzError('journal-foreign', `The journal ${folder} ${what}`)
}

/** The folder is a copy. A copy may lack later promises of the member. */
export function copied(folder: string): KibitzError {
    return foreign(folder, 'is a copy: its files are not those the journal was begun with. Nothing '
        + 'was changed. An older copy must never run: what the member promised since would be '
        + 'broken. If the original had stopped before this copy was made, and never runs again, '
        + `accept it with: kibitz journal adopt; ${NEWCOMER}.`)
}

/** A later version of kibitz has written the journal. */
export function laterFormat(folder: string, format: unknown): KibitzError {
    return new KibitzError('journal-version',
        `The journal ${folder} has format ${String(format)}, which this version of kibitz cannot `
        + 'read. Nothing was changed. Run the version that wrote it, or a later one.')
}

/** A live process holds the folder. */
export function locked(folder: string, who: string): KibitzError {
    return new KibitzError('journal-locked',
        `The journal ${folder} is held by ${who}. Nothing was read. One member, one process, one `
        + 'folder: stop the other, or give this one its own.')
}

/** The disk has failed. */
export function diskFailed(folder: string, error: unknown): KibitzError {
    if (error instanceof KibitzError) {
        return error
    }
    const reason = error instanceof Error ? error.message : String(error)
    return new KibitzError('journal-failed',
        `The journal ${folder} has stopped, for the disk failed: ${reason}. What flush reported is `
        + 'kept; what was appended after it may be or not. Nothing is tried again: mend the disk, '
        + 'then start the member anew.', { cause: error })
}

/** Whether the system has not found a file or a folder. */
export function isMissing(error: unknown): boolean {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
