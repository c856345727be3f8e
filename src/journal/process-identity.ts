import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'

/** The facts that distinguish a process from every other process, as far as the system knows. */
export interface ProcessIdentity {
    /** The process number, as the namespace of the process counts. */
    readonly pid: number
    /** The start of the kernel: a random identity per boot; `null` if the system has none. */
    readonly boot: string | null
    /** The namespace in which `pid` counts; `null` if the system has none. */
    readonly namespace: string | null
    /** The start of the process, in clock ticks of the boot; `null` if the system has none. */
    readonly start: string | null
    /** The name of the machine. */
    readonly host: string
}

/** `unknown`: this process cannot observe the other process, so the other may be alive. */
export type Liveness = 'alive' | 'dead' | 'unknown'

/** Systems on which every process of the machine sees every other process. */
const SINGLE_NAMESPACE: readonly string[] = ['darwin', 'win32']

async function textOf(reading: Promise<string>): Promise<string | null> {
    return await reading.then((text) => text.trim(), () => null)
}

/** The start of a process that this process can see; `null` otherwise. */
async function startOf(pid: number): Promise<string | null> {
    const stat = await textOf(readFile(`/proc/${pid}/stat`, 'utf8'))
    // The program's name, in parentheses, may contain any character; field 22 follows the name.
    return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

/** The identity of this process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
    return {
        pid: process.pid,
        boot: await textOf(readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
        namespace: await textOf(readlink('/proc/self/ns/pid')),
        start: await startOf(process.pid),
        host: hostname()
    }
}

function isNumberTaken(pid: number): boolean {
    try {
        process.kill(pid, 0)
        return true
    } catch (error) {
        return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
    }
}

async function observe({ pid, start }: ProcessIdentity): Promise<Liveness> {
    if (!isNumberTaken(pid)) {
        return 'dead'
    }
    const startNow = await startOf(pid)
    // Without a start time, a later process with the same number looks the same, so count it as
    // alive.
    return start === null || startNow === null || start === startNow ? 'alive' : 'dead'
}

/**
 * Whether a process that left its identity in a folder still runs. The answer is `dead` only if
 * the system proves the death.
 *
 * 1. Same boot, same namespace: the process table decides; the start excludes a reused number.
 * 2. Same boot, other namespace (another container): nothing can be observed.
 * 3. Other boot: the folder's file system decides. Only this machine can write to a local file
 *    system, so the writer ended with the earlier boot. A shared file system may have a writer on
 *    another machine that still runs.
 */
export async function livenessOf(
    known: ProcessIdentity, isLocal: boolean, own: ProcessIdentity
): Promise<Liveness> {
    if (SINGLE_NAMESPACE.includes(process.platform)) {
        return known.host === own.host ? await observe(known) : 'unknown'
    }
    if (known.boot === null || own.boot === null) {
        return 'unknown'
    }
    if (known.boot !== own.boot) {
        return isLocal ? 'dead' : 'unknown'
    }
    const isSameNamespace = known.namespace !== null && known.namespace === own.namespace
    return isSameNamespace ? await observe(known) : 'unknown'
}

/** Rebuilds an identity from the text of a file; `null` if the text is anything else. */
export function parseIdentity(text: string): ProcessIdentity | null {
    let value: unknown
    try {
        value = JSON.parse(text)
    } catch {
        return null
    }
    const fields: Readonly<Record<string, unknown>> =
        typeof value === 'object' && value !== null ? { ...value } : {}
    const { pid, boot, namespace, start, host } = fields
    const isText = (field: unknown): field is string | null =>
        field === null || typeof field === 'string'
    const isWhole = typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0
        && typeof host === 'string' && isText(boot) && isText(namespace) && isText(start)
    return isWhole ? { pid, boot, namespace, start, host } : null
}
