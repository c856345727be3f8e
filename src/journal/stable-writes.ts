import { constants } from 'node:fs'
import { readFile, statfs } from 'node:fs/promises'
import type { Descriptors } from './file-descriptors.js'

/**
 * The Linux type numbers of file systems that write in place. On the others, such as btrfs or NFS,
 * prepared space brings nothing.
 */
const TYPES_IN_PLACE: ReadonlySet<number> = new Set([
    0xef53, // ext2, ext3, ext4
    0x58465342, // xfs
    0x794c7630 // overlayfs
])

/** The flags of an open file, as Linux reports them. */
async function flagsOf(descriptor: number): Promise<number> {
    const text = await readFile(`/proc/self/fdinfo/${descriptor}`, 'latin1')
    return Number.parseInt(/^flags:\s+([0-7]+)$/m.exec(text)?.[1] ?? '0', 8)
}

/**
 * Opens a file with the flag `O_DSYNC`: each write is as stable as after `fdatasync`. Yields `null`
 * where the flag is no gain, is refused, or has no effect: on systems other than Linux, on other
 * file systems, and in runtimes that ignore the flag. The caller then writes and synchronizes.
 */
export async function openStable(descriptors: Descriptors, path: string): Promise<number | null> {
    const { O_DSYNC, O_RDWR } = constants
    if (process.platform !== 'linux' || typeof O_DSYNC !== 'number') {
        return null
    }
    let descriptor: number | null = null
    try {
        if (!TYPES_IN_PLACE.has((await statfs(path)).type)) {
            return null
        }
        descriptor = await descriptors.open(path, O_RDWR | O_DSYNC)
        if ((await flagsOf(descriptor) & O_DSYNC) === O_DSYNC) {
            return descriptor
        }
    } catch {
        // The plain descriptor of the caller works without the flag.
    }
    if (descriptor !== null) {
        descriptors.close(descriptor)
    }
    return null
}
