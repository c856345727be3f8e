import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEMO_HELP, type DemoOptions, parseDemo } from './options.js'
import { Progress } from './progress.js'
import { DemoRun } from './run.js'
import { table } from './result-table.js'
import { readText } from './texts.js'
import { printable } from '../../base/printable.js'
import { inspect } from '../inspect.js'
import { UsageError } from '../usage-error.js'

/** The signals that end a run early, with their exit codes. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

/** Creates the folder of all journals, unless the folder exists and is empty. */
async function prepareFolder(folder: string): Promise<void> {
    let names: string[]
    try {
        await mkdir(folder, { recursive: true })
        names = await readdir(folder)
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw new UsageError(`The folder for the journals cannot be used: ${why}.`)
    }
    if (names.length !== 0) {
        throw new UsageError(`${folder} is not empty. Name an empty or a new folder.`)
    }
}

async function runDemo(options: DemoOptions): Promise<number> {
    if (options.journal !== undefined) {
        await prepareFolder(options.journal)
    }
    const text = await readText(options)
    for (const stream of [process.stdout, process.stderr]) {
        // A closed pipe, for example to `head`, is no failure of the run.
        stream.on('error', () => {})
    }
    const progress = new Progress(process.stderr, text.lines.length)
    const run = new DemoRun(text, options, progress)
    let interrupted: keyof typeof SIGNALS | null = null
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        // Once: a second signal ends the process at once.
        process.once(signal, () => {
            interrupted = signal
            run.fail(new Error(`The run was interrupted (${signal}).`))
        })
    }
    try {
        const result = await run.finish()
        progress.end()
        process.stdout.write(table(result))
        return result.verdict.faults.length === 0 ? 0 : 1
    } catch (error) {
        progress.end()
        process.stderr.write(printable(`${error instanceof Error ? error.message : error}\n`))
        return interrupted === null ? 1 : SIGNALS[interrupted]
    }
}

/** Runs the demo with journals, and serves a page about the journals until Ctrl-C. */
async function runAndInspect(options: DemoOptions): Promise<number> {
    const temporary = options.journal === undefined
        ? await mkdtemp(join(tmpdir(), 'kibitz-demo-'))
        : null
    const journal = options.journal ?? temporary ?? ''
    try {
        const code = await runDemo({ ...options, journal })
        return code === 0 ? await inspect([journal]) : code
    } finally {
        if (temporary !== null) {
            await rm(temporary, { recursive: true, force: true })
        }
    }
}

/**
 * `kibitz demo`: runs members that agree on one log, kills the leader, lets another member join,
 * and compares the logs.
 *
 * @returns The exit code.
 * @throws UsageError if the arguments are wrong.
 */
export async function demo(args: readonly string[]): Promise<number> {
    const options = parseDemo(args)
    if (options === null) {
        process.stdout.write(DEMO_HELP)
        return 0
    }
    return await (options.inspect === true ? runAndInspect(options) : runDemo(options))
}
