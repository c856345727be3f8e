import { mkdtemp, open, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'

/** The longest socket path, in bytes: macOS allows 104 with the final zero, Linux 108. */
export const SOCKET_PATH_MAX: number = 103

/** A path to a folder, short enough for the names of sockets below it. */
export interface ShortPath {
    readonly path: string
    /** Removes the detour, if there is one. */
    readonly end: () => Promise<void>
}

/** How a short path is made: not at all, through an open descriptor, or through a link. */
export type Detour = 'none' | 'descriptor' | 'link'

function detourOf(folder: string, nameLength: number): Detour {
    if (Buffer.byteLength(folder) + 1 + nameLength <= SOCKET_PATH_MAX) {
        return 'none'
    }
    return process.platform === 'linux' ? 'descriptor' : 'link'
}

/**
 * Makes a short path to a folder. A path of a folder and a socket name together must stay within
 * the limit of the system.
 *
 * @param nameLength The length of the longest socket name, in bytes.
 */
export async function shortPath(
    folder: string, nameLength: number, detour: Detour = detourOf(folder, nameLength)
): Promise<ShortPath> {
    if (detour === 'none') {
        return { path: folder, end: async () => {} }
    }
    if (detour === 'descriptor') {
        const handle = await open(folder, 'r')
        return { path: `/proc/self/fd/${handle.fd}`, end: () => handle.close() }
    }
    const place = await mkdtemp(`${tmpdir()}/kbz-`)
    const path = `${place}/j`
    const end = () => rm(place, { recursive: true, force: true })
    try {
        await symlink(folder, path, 'dir')
        return { path, end }
    } catch (error) {
        await end()
        throw error
    }
}
