import { mkdir, readdir } from 'node:fs/promises'
import { DEMO_HELP, type DemoOptions, parseDemo } from './options.js'
import { Progress } from './progress.js'
import { DemoRun } from './run.js'
import { table } from './result-table.js'
import { readText } from './texts.js'
import { printable } from '../printable.js'
import { UsageError } from '../usage-error.js'

/** Signals that end a run early, with the exit code that tells. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

/** Makes the folder of all journals, where it is not there yet. */
async function claim(folder: string): Promise<void> {
    let names: string[]
    try {
        await mkdir(folder, { recursive: true })
        names = await readdir(folder)
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw new UsageError(`The folder of the journals cannot be used: ${why}.`)
    }
    if (names.length !== 0) {
        throw new UsageError(`There is something in ${folder} already; a republic begins empty.`)
    }
}

async function show(options: DemoOptions): Promise<number> {
    if (options.journal !== undefined) {
        await claim(options.journal)
    }
    const text = await readText(options)
    for (const stream of [process.stdout, process.stderr]) {
        // Whoever has stopped listening, such as head, has heard enough.
        stream.on('error', () => {})
    }
    const progress = new Progress(process.stderr, text.lines.length)
    const run = new DemoRun(text, options, progress)
    let interrupted: keyof typeof SIGNALS | null = null
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        // Once: who asks again does not get to wait.
        process.once(signal, () => {
            interrupted = signal
            run.fail(new Error(`The run was interrupted (${signal}).`))
        })
    }
    try {
        const result = await run.tell()
        progress.end()
        process.stdout.write(table(result))
        return result.verdict.faults.length === 0 ? 0 : 1
    } catch (error) {
        progress.end()
        process.stderr.write(printable(`${error instanceof Error ? error.message : error}\n`))
        return interrupted === null ? 1 : SIGNALS[interrupted]
    }
}

/**
 * `kibitz demo`: three processes, one log, a leader killed, a newcomer, and the proof.
 *
 * @returns The exit code.
 * @throws UsageError in words for whoever typed the arguments.
 */
export async function demo(args: readonly string[]): Promise<number> {
    const options = parseDemo(args)
    if (options === null) {
        process.stdout.write(DEMO_HELP)
        return 0
    }
    return await show(options)
}
