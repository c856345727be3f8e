import { KibitzError } from '../../base/errors.js'
import { adopt } from './adopt.js'
import { follow } from './follow.js'
import { FolderError, inspect } from './inspect.js'
import { printMetrics } from './metrics.js'
import { JOURNAL_HELP, type JournalOptions, parseJournal } from './options.js'
import { print } from './print.js'
import { refound } from './refound.js'
import { printDifference, printLog, printReplay, printWhy } from './replayed.js'
import { report } from './report.js'
import { printable } from '../../base/printable.js'

/** Returns whether the result is the good one: for `diff`, whether the logs agree. */
async function runVerb(options: JournalOptions, signal: AbortSignal): Promise<boolean> {
    switch (options.verb) {
        case 'verify':
            process.stdout.write(report(await inspect(options.folder, true)))
            process.stdout.write('The journal is undamaged.\n')
            return true
        case 'stat':
            process.stdout.write(report(await inspect(options.folder)))
            return true
        case 'show':
        case 'export':
            await print(await inspect(options.folder), options)
            return true
        case 'log':
            await printLog(options)
            return true
        case 'replay':
            await printReplay(options)
            return true
        case 'why':
            await printWhy(options)
            return true
        case 'diff':
            return await printDifference(options)
        case 'metrics':
            await printMetrics(options)
            return true
        case 'follow':
            await follow(options, signal)
            return true
        case 'adopt':
            process.stdout.write(await adopt(options))
            return true
        case 'refound':
            process.stdout.write(await refound(options))
            return true
        default:
            options.verb satisfies never
            return true
    }
}

/** Whether the cause lies outside of kibitz, so that a stack trace does not help. */
function isExpected(error: unknown): error is Error {
    return error instanceof KibitzError || error instanceof FolderError
        || (error instanceof Error && 'syscall' in error)
}

/**
 * `kibitz journal`: checks, shows, replays, follows, adopts or refounds the journal of a member.
 *
 * @returns The exit code.
 * @throws UsageError if the arguments are wrong.
 */
export async function journal(args: readonly string[]): Promise<number> {
    const options = parseJournal(args)
    if (options === null) {
        process.stdout.write(JOURNAL_HELP)
        return 0
    }
    const interrupt = new AbortController()
    process.once('SIGINT', () => {
        // An interrupted process erases its progress bar from the terminal.
        process.stderr.write(process.stderr.isTTY ? '\r\u001b[2K' : '')
        if (options.verb === 'follow') {
            interrupt.abort()
        } else {
            process.exit(130)
        }
    })
    try {
        return await runVerb(options, interrupt.signal) ? 0 : 1
    } catch (error) {
        if (!isExpected(error)) {
            throw error
        }
        process.stderr.write(printable(`kibitz: ${error.message}\n`))
        return 1
    }
}
