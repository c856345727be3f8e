import { resolve } from 'node:path'
import { FileSystem } from '../../journal/filesystem.js'
import { writeIdentity } from '../../journal/identity.js'
import { printable } from '../../base/printable.js'
import { UsageError } from '../usage-error.js'
import { inspect } from './inspect.js'
import type { JournalOptions } from './options.js'

/**
 * Checks a copy of a journal, and then accepts the copy in place of the original. Returns the text
 * for standard output.
 *
 * @throws UsageError if `--only-copy` is missing; KibitzError if the journal is in use or damaged.
 */
export async function adopt({ folder, isOnlyCopy }: JournalOptions): Promise<string> {
    const disk = new FileSystem()
    const path = resolve(folder)
    const { scan: { identity, isOriginal } } = await inspect(path)
    if (isOriginal) {
        return `${path} is no copy. Nothing was changed.\n`
    }
    if (!isOnlyCopy) {
        throw new UsageError('Nothing was changed. If the original ran after the copy was made, '
            + 'the copy breaks promises of the member. Pass --only-copy if the original had '
            + 'stopped before the copy, has not run since, and never runs again.')
    }
    const hold = await disk.hold(path)
    try {
        await writeIdentity(disk, path, identity)
    } finally {
        await hold.release()
    }
    return printable(`${path} is now the journal of ${identity.owner}.\n`)
}
