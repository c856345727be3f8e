import { stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from '../journal/inspect.js'
import { report } from '../journal/report.js'
import { printable } from '../../base/printable.js'
import { gather } from './gather.js'
import { parseStatus, STATUS_HELP, type StatusOptions } from './options.js'
import { exitCodeOf, tableOf } from './table.js'

/** The time between two reports of `--watch`, in milliseconds. */
const WATCH_MS = 2_000

/** Erases a terminal, and goes to its first line. */
const ERASE = '\u001b[2J\u001b[H'

/**
 * `kibitz status`: shows a republic from any of its members, or the content of journals.
 *
 * @returns The exit code.
 * @throws UsageError if the arguments are wrong.
 */
export async function status(args: readonly string[]): Promise<number> {
    const options = parseStatus(args)
    if (options === null) {
        process.stdout.write(STATUS_HELP)
        return 0
    }
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort())
    for (;;) {
        const { text, code } = await shown(options)
        process.stdout.write(options.watch && process.stdout.isTTY ? `${ERASE}${text}` : text)
        if (!options.watch) {
            return code
        }
        await pause(WATCH_MS, undefined, { signal: stop.signal }).catch(() => {})
        if (stop.signal.aborted) {
            return code
        }
    }
}

interface Shown {
    readonly text: string
    readonly code: number
}

async function shown({ targets, json, certificates }: StatusOptions): Promise<Shown> {
    const folders: string[] = []
    const urls: string[] = []
    for (const target of targets) {
        const isFolder = await stat(target).then((found) => found.isDirectory(), () => false)
        ;(isFolder ? folders : urls).push(target)
    }
    const parts = await Promise.all(folders.map(journalAt))
    if (urls.length > 0) {
        parts.push(await republicAt(urls, json, certificates))
    }
    return {
        text: parts.map(({ text }) => text).join('\n'),
        code: Math.max(...parts.map(({ code }) => code))
    }
}

async function journalAt(folder: string): Promise<Shown> {
    try {
        return { text: report(await inspect(folder)), code: 0 }
    } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        return { text: `${printable(text)}\n`, code: 3 }
    }
}

async function republicAt(
    urls: readonly string[], json: boolean, certificates: StatusOptions['certificates']
): Promise<Shown> {
    const { republic, reasons } = await gather(urls, certificates)
    if (json) {
        const text = `${JSON.stringify({ republic, reasons }, null, 4)}\n`
        return { text: printable(text), code: republic === null ? 3 : exitCodeOf(republic) }
    }
    if (republic === null) {
        const text = `No member answers.\n${reasons.map((reason) => `  ${reason}\n`).join('')}`
        return { text: printable(text), code: 3 }
    }
    return { text: printable(tableOf(republic)), code: exitCodeOf(republic) }
}
