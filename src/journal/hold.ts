import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import type { Hold } from './disk.js'
import { locked } from './refusal.js'

/*
 * How a folder is held.
 *
 * Node offers no lock that the kernel takes back when a process dies, such as flock. But it offers
 * sockets, and a socket in the folder is as good: who holds the folder listens on one, and whether
 * somebody listens only the kernel can say, at once and for certain, however the process ended. No
 * number of a process is judged, so none can have been given to another meanwhile, and processes in
 * different containers that share the folder see each other.
 *
 * A socket is bound under a name that does not count, listens, and then is given a name of its own
 * that does: `hold.<process>.<random>`. So whoever finds a name that counts finds somebody
 * listening there, or one who never will again, and may take the latter's away. Each looks at all
 * names after its own counts: of two, the later to be named sees the earlier. Two at the very same
 * moment may both be refused, never both accepted.
 *
 * Where the file system has no sockets (Windows, some that come over a network), a file takes its
 * place that names the process and, where /proc tells, when that began and since which boot.
 */

const NAME = /^hold\.(\d+)\.[0-9a-f]{16}$/
const BESIDE = /^holding\.(\d+)\.[0-9a-f]{16}$/

/** A socket's path may have about 100 bytes; this one leads to a folder however long its own is. */
const DETOUR = '/proc/self/fd'

/** Where a folder can be reached under a short path, as long as it is open. */
async function shorten(folder: string): Promise<{ path: string, end: () => Promise<void> }> {
    if (process.platform !== 'linux') {
        return { path: folder, end: async () => {} }
    }
    const handle = await open(folder, 'r')
    return { path: `${DETOUR}/${handle.fd}`, end: () => handle.close() }
}

/** What tells a process from a later one of the same number; `null` where the system does not. */
export async function beginning(pid: number): Promise<string | null> {
    try {
        const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
        const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
        // The name of the program, in parentheses, may hold anything; the 20th field follows it.
        const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
        return `${boot.trim()} ${start}`
    } catch {
        return null
    }
}

function isRunning(pid: number): boolean {
    try {
        process.kill(pid, 0)
        return true
    } catch (error) {
        return codeOf(error) !== 'ESRCH'
    }
}

function codeOf(error: unknown): unknown {
    return error instanceof Error && 'code' in error ? error.code : undefined
}

/** Whether the process that a file names is still the one that wrote it. */
async function isWriterAlive(path: string, pid: number): Promise<boolean> {
    const [known, now] = [await readFile(path, 'utf8'), await beginning(pid)]
    return isRunning(pid) && (known === '' || now === null || known === now)
}

/** Whether whoever holds a folder under a name is alive. In doubt it is. */
async function isAlive(path: string, pid: number): Promise<boolean> {
    if (process.platform === 'win32') {
        return await isWriter(path, pid)
    }
    const socket = connect(path)
    try {
        await once(socket, 'connect')
        return true
    } catch (error) {
        const code = codeOf(error)
        if (code === 'ENOENT') {
            return false
        }
        // That is said of a socket nobody listens on, and of a file that is no socket.
        return code === 'ECONNREFUSED' || code === 'ENOTSOCK' ? await isWriter(path, pid) : true
    } finally {
        socket.destroy()
    }
}

async function isWriter(path: string, pid: number): Promise<boolean> {
    try {
        return await isWriterAlive(path, pid)
    } catch {
        // A socket cannot be read as a file.
        return false
    }
}

/** Listens under a path; `null` where the file system has no sockets. */
async function listen(path: string): Promise<Server | null> {
    const server = createServer((socket) => socket.destroy())
    try {
        server.listen({ path })
        await once(server, 'listening')
    } catch {
        return null
    }
    server.unref()
    return server
}

/** Those alive who hold a folder but for one name, and the names of the others. */
async function look(
    folder: string, path: string, own: string
): Promise<{ alive: string[], dead: string[] }> {
    const alive: string[] = []
    const dead: string[] = []
    for (const name of await readdir(folder)) {
        const pid = (NAME.exec(name) ?? BESIDE.exec(name))?.[1]
        if (pid === undefined || name === own) {
            continue
        }
        if (!await isAlive(`${path}/${name}`, Number(pid))) {
            dead.push(name)
        } else if (NAME.test(name)) {
            alive.push(`process ${pid}`)
        }
    }
    return { alive, dead }
}

/** Those alive who hold a folder, in words. Nothing is changed. */
export async function holdersOf(folder: string): Promise<string[]> {
    const { path, end } = await shorten(folder)
    try {
        return (await look(folder, path, '')).alive
    } finally {
        await end()
    }
}

/**
 * Takes exclusive hold of a folder. It ends with the process, however that ends.
 *
 * @param hasSockets Whether the file system may have sockets; it is tried then.
 * @throws KibitzError `journal-locked` where somebody alive has it.
 */
export async function takeHold(folder: string, hasSockets: boolean = true): Promise<Hold> {
    const end = `.${process.pid}.${randomBytes(8).toString('hex')}`
    const name = `hold${end}`
    const beside = `holding${end}`
    const { path, end: leave } = await shorten(folder)
    const server = hasSockets ? await listen(`${path}/${beside}`) : null
    const release = async (): Promise<void> => {
        await rm(`${folder}/${name}`, { force: true })
        await rm(`${folder}/${beside}`, { force: true })
        server?.close()
        await leave()
    }
    try {
        if (server === null) {
            await writeFile(`${folder}/${beside}`, await beginning(process.pid) ?? '')
        }
        await rename(`${folder}/${beside}`, `${folder}/${name}`)
        const { alive, dead } = await look(folder, path, name)
        const [holder] = alive
        if (holder !== undefined) {
            throw locked(folder, holder)
        }
        await Promise.all(dead.map((other) => rm(`${folder}/${other}`, { force: true })))
        return { release }
    } catch (error) {
        await release()
        throw codeOf(error) === 'ENOENT'
            ? locked(folder, 'a process that began at the same moment')
            : error
    }
}
