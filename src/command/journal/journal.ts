import { KibitzError } from '../../base/errors.js'
import { adopt } from './adopt.js'
import { FolderError, inspect } from './inspect.js'
import { JOURNAL_HELP, type JournalOptions, parseJournal } from './options.js'
import { print } from './print.js'
import { refound } from './refound.js'
import { report } from './report.js'
import { printable } from '../../base/printable.js'

async function runVerb(options: JournalOptions): Promise<void> {
    switch (options.verb) {
        case 'verify':
            process.stdout.write(report(await inspect(options.folder, true)))
            process.stdout.write('The journal is undamaged.\n')
            return
        case 'stat':
            process.stdout.write(report(await inspect(options.folder)))
            return
        case 'show':
        case 'export':
            await print(await inspect(options.folder), options)
            return
        case 'adopt':
            process.stdout.write(await adopt(options))
            return
        case 'refound':
            process.stdout.write(await refound(options))
            return
        default:
            options.verb satisfies never
    }
}

/** Whether the cause lies outside of kibitz, so that a stack trace does not help. */
function isExpected(error: unknown): error is Error {
    return error instanceof KibitzError || error instanceof FolderError
        || (error instanceof Error && 'syscall' in error)
}

/**
 * `kibitz journal`: checks, shows, exports, adopts or refounds the journal of a member.
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
    // An interrupted process erases its progress bar from the terminal.
    process.once('SIGINT', () => {
        process.stderr.write(process.stderr.isTTY ? '\r\u001b[2K' : '')
        process.exit(130)
    })
    try {
        await runVerb(options)
        return 0
    } catch (error) {
        if (!isExpected(error)) {
            throw error
        }
        process.stderr.write(printable(`kibitz: ${error.message}\n`))
        return 1
    }
}
