import { resolve } from 'node:path'
import { FileSystem } from '../../journal/filesystem.js'
import { writeIdentity } from '../../journal/identity.js'
import { printable } from '../printable.js'
import { UsageError } from '../usage-error.js'
import { inspect } from './inspect.js'
import type { JournalOrders } from './options.js'

/**
 * Accepts a copy in place of its original, and yields what to say. All of it is checked before.
 *
 * @throws UsageError where nobody vouches for it; KibitzError where it is held or damaged.
 */
export async function adopt({ folder, isOnlyCopy }: JournalOrders): Promise<string> {
    const disk = new FileSystem()
    const path = resolve(folder)
    const { survey: { identity, isOriginal } } = await inspect(path)
    if (isOriginal) {
        return `${path} is no copy: there is nothing to adopt.\n`
    }
    if (!isOnlyCopy) {
        throw new UsageError('A copy that is older than what its member has promised since must '
            + 'never run. Say --only-copy if the original had stopped when it was copied, has not '
            + 'run since, and never will again.')
    }
    const hold = await disk.hold(path)
    try {
        await writeIdentity(disk, path, identity)
    } finally {
        await hold.release()
    }
    return printable(`${path} is the journal of ${identity.owner} from now on.\n`)
}
