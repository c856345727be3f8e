import cluster from 'node:cluster'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { KibitzError } from '../../src/base/errors.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { type LockEnvironment, lockFolder } from '../../src/journal/folder-lock.js'

/** What a process says of its attempt to lock a folder, as one line of JSON. */
export type HolderSaid =
    | { readonly held: true }
    | { readonly refused: unknown, readonly message: string }

function say(said: HolderSaid): void {
    writeSync(1, `${JSON.stringify(said)}\n`)
}

async function attempt(lock: () => Promise<() => Promise<unknown>>): Promise<void> {
    try {
        const release = await lock()
        process.stdin.on('end', () => void release().then(() => process.exit(0)))
        say({ held: true })
        process.stdin.resume()
    } catch (error) {
        say({ refused: error instanceof KibitzError ? error.code : null, message: String(error) })
        process.exit(0)
    }
}

async function runAnother(folder: string): Promise<void> {
    await once(cluster.fork({ FOLDER: folder }), 'message')
}

async function killWorkers(): Promise<void> {
    for (const worker of Object.values(cluster.workers ?? {})) {
        worker?.process.kill('SIGKILL')
        if (worker !== undefined) {
            await once(worker, 'exit')
        }
    }
}

/** Two workers of one primary open the same journal; a third worker opens it after their death. */
async function runPrimary(folder: string): Promise<void> {
    await runAnother(folder)
    await runAnother(folder)
    await killWorkers()
    await runAnother(folder)
    await killWorkers()
    process.exit(0)
}

async function runWorker(folder: string): Promise<void> {
    const journal = new FileJournal(folder)
    try {
        await journal.open('member-1')
        say({ held: true })
    } catch (error) {
        say({ refused: error instanceof KibitzError ? error.code : null, message: String(error) })
    }
    process.send?.('done')
}

const [mode = '', folder = '', options = '{}'] = process.argv.slice(2)
if (cluster.isWorker) {
    await runWorker(process.env['FOLDER'] ?? '')
} else if (mode === 'cluster') {
    await runPrimary(folder)
} else {
    await attempt(
        async () => (await lockFolder(folder, JSON.parse(options) as LockEnvironment)).release
    )
}
