import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, lstat, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import type { Hold } from './disk.js'
import { isLocalFolder } from './local-disk.js'
import {
    type Liveness, livenessOf, ownIdentity, parseIdentity, type ProcessIdentity
} from './process-identity.js'
import { locked } from './errors.js'
import { type Detour, type ShortPath, shortPath, SOCKET_PATH_MAX } from './socket-path.js'

/*
 * The lock of a journal's folder. Node offers no lock that the kernel releases when a process
 * dies, such as flock. A listening socket in the folder has the same property: the kernel knows at
 * once and for certain whether a process listens, even across containers that share the folder.
 *
 * 1. The owner binds a socket under a name that does not count yet (`holding.…`), listens, and then
 *    renames the socket to a name that counts: `hold.<process>.<random>`.
 * 2. Each process looks at all other names after its own name counts. Of two processes, the later
 *    sees the earlier. Two processes at the same moment may both be refused, never both accepted.
 * 3. If the file system has no sockets, a file with the identity of the process takes the place of
 *    the socket, under the same names.
 * 4. The lock fails closed: an owner counts as dead only if the system proves the death. If a
 *    process cannot observe the owner (a file of another container, a refused connection on a file
 *    system that other machines mount), the folder stays locked, and the error names the file that
 *    an operator may delete.
 */

const COUNTS = /^hold\.(\d+)\.[0-9a-f]{16}$/
const STARTS = /^holding\.(\d+)\.[0-9a-f]{16}$/

/** The length of the longest name, in bytes: a process number has at most seven digits. */
const NAME_LENGTH = 'holding.1234567.0123456789abcdef'.length

/** Properties of a machine that tests replace. */
export interface LockEnvironment {
    /** Whether the file system may have sockets. @default true */
    readonly hasSockets?: boolean
    /** Whether only this machine can write to the file system. @default asks the system */
    readonly isLocal?: boolean
    /** How a long path is shortened. @default by the length of the path */
    readonly detour?: Detour
    /** The identity that the lock records and compares. @default the identity of this process */
    readonly identity?: ProcessIdentity
}

/** The folder, as this process sees the folder. */
interface Place extends ShortPath {
    readonly folder: string
    readonly isLocal: boolean
    readonly identity: ProcessIdentity
}

function codeOf(error: unknown): unknown {
    return error instanceof Error && 'code' in error ? error.code : undefined
}

async function placeOf(folder: string, options: LockEnvironment): Promise<Place> {
    const isLocal = options.isLocal ?? await isLocalFolder(folder)
    const identity = options.identity ?? await ownIdentity()
    const { path, end } = await shortPath(folder, NAME_LENGTH, options.detour)
    return { folder, path, end, isLocal, identity }
}

async function livenessOfListener(path: string, isLocal: boolean): Promise<Liveness> {
    const socket = connect(path)
    try {
        await once(socket, 'connect')
        return 'alive'
    } catch (error) {
        switch (codeOf(error)) {
            case 'ENOENT':
                return 'dead'
            case 'ECONNREFUSED':
                // Only the kernel of the listener knows the listener.
                return isLocal ? 'dead' : 'unknown'
            case 'EMFILE':
            case 'ENFILE':
                throw error
            default:
                return 'unknown'
        }
    } finally {
        socket.destroy()
    }
}

async function livenessOfName(place: Place, name: string): Promise<Liveness> {
    try {
        const path = `${place.path}/${name}`
        if (process.platform !== 'win32' && (await lstat(path)).isSocket()) {
            return await livenessOfListener(path, place.isLocal)
        }
        const known = parseIdentity(await readFile(path, 'utf8'))
        return known === null ? 'unknown' : await livenessOf(known, place.isLocal, place.identity)
    } catch (error) {
        if (codeOf(error) === 'ENOENT') {
            return 'dead'
        }
        throw error
    }
}

/** Listens under a path; `null` if the file system has no sockets. */
async function listenAt(path: string): Promise<Server | null> {
    if (Buffer.byteLength(path) > SOCKET_PATH_MAX) {
        // The system may cut the path and bind the socket under another name.
        return null
    }
    const server = createServer((socket) => socket.destroy())
    try {
        // `exclusive`: otherwise the primary of node:cluster binds the path for a worker, and a
        // path through a descriptor of the worker means another folder to the primary.
        server.listen({ path, exclusive: true })
        await once(server, 'listening')
    } catch {
        return null
    }
    server.unref()
    return server
}

/** Writes the identity of this process, stable before the name counts. */
async function writeIdentityFile(path: string, identity: ProcessIdentity): Promise<void> {
    const file = await open(path, 'wx', 0o600)
    try {
        await file.writeFile(JSON.stringify(identity))
        await file.sync()
    } finally {
        await file.close()
    }
}

/** Another process that has, or may have, the folder. */
interface Owner {
    readonly name: string
    readonly words: string
}

async function findOwners(place: Place, own: string): Promise<{ owners: Owner[], dead: string[] }> {
    const owners: Owner[] = []
    const dead: string[] = []
    for (const name of await readdir(place.folder)) {
        const pid = (COUNTS.exec(name) ?? STARTS.exec(name))?.[1]
        if (pid === undefined || name === own) {
            continue
        }
        const liveness = await livenessOfName(place, name)
        if (liveness === 'dead') {
            dead.push(name)
        } else if (COUNTS.test(name)) {
            owners.push({
                name,
                words: liveness === 'alive'
                    ? `process ${pid}`
                    : `process ${pid} of another container or machine, which this process cannot `
                        + `observe (if that process has ended for certain, delete the file ${name})`
            })
        }
    }
    return { owners, dead }
}

/** The live owners of a folder, in words. Nothing is changed. */
export async function lockHolders(
    folder: string, options: LockEnvironment = {}
): Promise<string[]> {
    const place = await placeOf(folder, options)
    try {
        return (await findOwners(place, '')).owners.map(({ words }) => words)
    } finally {
        await place.end()
    }
}

/**
 * Locks a folder for this process. The lock ends with `release`, or with the process, however the
 * process ends.
 *
 * @throws KibitzError `journal-locked` if another process has, or may have, the folder.
 */
export async function lockFolder(folder: string, options: LockEnvironment = {}): Promise<Hold> {
    const place = await placeOf(folder, options)
    const suffix = `.${place.identity.pid}.${randomBytes(8).toString('hex')}`
    const [counting, starting] = [`hold${suffix}`, `holding${suffix}`]
    const server = options.hasSockets === false ? null : await listenAt(`${place.path}/${starting}`)
    const release = async (): Promise<void> => {
        await rm(`${folder}/${counting}`, { force: true })
        await rm(`${folder}/${starting}`, { force: true })
        server?.close()
        await place.end()
    }
    try {
        if (server === null) {
            await writeIdentityFile(`${folder}/${starting}`, place.identity)
        } else if (process.platform !== 'win32') {
            await chmod(`${folder}/${starting}`, 0o600)
        }
        await rename(`${folder}/${starting}`, `${folder}/${counting}`)
        const { owners: [owner], dead } = await findOwners(place, counting)
        if (owner !== undefined) {
            throw locked(folder, owner.words)
        }
        await Promise.all(dead.map((other) => rm(`${folder}/${other}`, { force: true })))
        return { release }
    } catch (error) {
        await release()
        throw codeOf(error) === 'ENOENT'
            ? locked(folder, 'a process that started at the same moment')
            : error
    }
}
