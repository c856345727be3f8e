import { KibitzError } from '../../base/errors.js'
import { adopt } from './adopt.js'
import { FolderError, inspect } from './inspect.js'
import { JOURNAL_HELP, type JournalOrders, parseJournal } from './options.js'
import { print } from './print.js'
import { report } from './report.js'
import { printable } from '../printable.js'

async function carryOut(options: JournalOrders): Promise<void> {
    switch (options.verb) {
        case 'verify':
            process.stdout.write(report(await inspect(options.folder, true)))
            process.stdout.write('The journal is whole.\n')
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
        default:
            options.verb satisfies never
    }
}

/** Whether somebody else than kibitz is to blame: then a trace of calls tells nothing. */
function isExpected(error: unknown): error is Error {
    return error instanceof KibitzError || error instanceof FolderError
        || (error instanceof Error && 'syscall' in error)
}

/**
 * `kibitz journal`: looks at what a member has written down.
 *
 * @returns The exit code.
 * @throws UsageError in words for whoever typed the arguments.
 */
export async function journal(args: readonly string[]): Promise<number> {
    const options = parseJournal(args)
    if (options === null) {
        process.stdout.write(JOURNAL_HELP)
        return 0
    }
    // A bar on a terminal must not stay there when the process is interrupted.
    process.once('SIGINT', () => {
        process.stderr.write(process.stderr.isTTY ? '\r\u001b[2K' : '')
        process.exit(130)
    })
    try {
        await carryOut(options)
        return 0
    } catch (error) {
        if (!isExpected(error)) {
            throw error
        }
        process.stderr.write(printable(`kibitz: ${error.message}\n`))
        return 1
    }
}
