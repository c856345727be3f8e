import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Tried } from './child.js'
import { Copy } from './copy.js'
import type { Edit } from './planter.js'
import { withoutCoverage } from '../support/environment.js'

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url))

// Deadline: a child that has not ended by then is killed, and the hunt fails.
const DEADLINE_MS = 3_600_000

/** How much of what a child says to standard error is kept. */
const COMPLAINT_MAX = 2000

/** Which seeds are tried, in order. */
export interface Seeds {
    readonly first: number
    readonly last: number
}

/** What came of a hunt, or has come of it so far. */
export interface Outcome {
    /** The seed that was tried last. */
    readonly seed: number
    /** How many seeds were tried. */
    readonly tried: number
    /** How much time has passed in all these trials, in milliseconds. */
    readonly virtualMs: number
    /** What was violated in the last one; `null` where nothing was. */
    readonly violation: string | null
}

/** The observer of a hunt, which may end the hunt. */
export interface Onlooker {
    /** Told of each seed that was tried. */
    tried?(outcome: Outcome): void
    readonly signal?: AbortSignal
}

function start(directory: string, { first, last }: Seeds): ChildProcess {
    // Coverage would count every step of the trials, and slow them down.
    const env = withoutCoverage()
    return fork(CHILD, [directory, String(first), String(last)], {
        env,
        execArgv: ['--max-semi-space-size=64'],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        timeout: DEADLINE_MS,
        killSignal: 'SIGKILL'
    })
}

function follow(child: ChildProcess, seeds: Seeds, onlooker: Onlooker): Promise<Outcome> {
    let outcome: Outcome = { seed: seeds.first, tried: 0, virtualMs: 0, violation: null }
    let complaint = ''
    child.on('message', (message) => {
        const { seed, virtualMs, violation } = message as Tried
        const tried = outcome.tried + 1
        outcome = { seed, tried, virtualMs: outcome.virtualMs + virtualMs, violation }
        onlooker.tried?.(outcome)
    })
    child.stderr?.on('data', (text: Buffer) => {
        complaint = `${complaint}${text}`.slice(-COMPLAINT_MAX)
    })
    return new Promise((resolve, reject) => {
        child.once('error', reject)
        child.once('close', (code, signal) => {
            if (code === 0) {
                resolve(outcome)
            } else {
                const end = `${signal ?? `code ${code}`} after seed ${outcome.seed}`
                reject(new Error(`A child ended by ${end}: ${complaint}`))
            }
        })
    })
}

/**
 * Tries seeds in a changed copy of the compiled tree, in a process of its own, until something is
 * violated. Leaves no folder and no process, however it ends.
 *
 * @throws If an edit does not fit, a child breaks off, or the onlooker's signal ends it.
 */
export async function hunt(
    edits: readonly Edit[],
    seeds: Seeds,
    onlooker: Onlooker = {}
): Promise<Outcome> {
    const { signal } = onlooker
    signal?.throwIfAborted()
    const copy = new Copy(edits)
    try {
        const child = start(copy.directory, seeds)
        const kill = (): void => {
            child.kill('SIGKILL')
        }
        signal?.addEventListener('abort', kill, { once: true })
        const outcome = await follow(child, seeds, onlooker)
        signal?.removeEventListener('abort', kill)
        return outcome
    } finally {
        copy.remove()
    }
}
