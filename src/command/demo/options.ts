import { parseOptions, UsageError } from '../usage-error.js'

/** The arguments of `kibitz demo`. */
export interface DemoOptions {
    /**
     * The file with the lines to publish; `-` for standard input. @default standard input if
     * a pipe or a file, else the sources of the packages that kibitz is built on
     */
    readonly file?: string
    /** The maximum number of published lines. */
    readonly lines: number
    /** The number of members at the start. */
    readonly members: number
    /** The folder that contains the journal of every member. @default no journals */
    readonly journal?: string
    /** Shows the run in a page of the browser afterwards, until Ctrl-C. @default no page */
    readonly inspect?: true
    /** Kills all members at once, and starts them again. @default kills the leader only */
    readonly killAll?: true
}

/** The default of `--lines`. The demo holds all lines in memory. */
const LINES_DEFAULT = 100_000

/** The text of `kibitz demo --help`. */
export const DEMO_HELP: string = `\
kibitz demo [options] [file]

Starts three processes that agree on one log, over HTTP on this machine, and
publishes the lines of a text through all of them at once. After half of the
lines, the demo kills the leader. A fourth member joins and takes the leader's
place. At the end, the demo compares the logs of all members.

  file           the text; - for standard input
                 (default: standard input if a pipe or a file, else the sources
                 of the packages that kibitz is built on)
  --lines N      publish the first N lines, 1 to 1000000 (default: ${LINES_DEFAULT})
  --members N    start with N members, 3 to 7 (default: 3)
  --journal DIR  each member keeps a journal in a folder of DIR. DIR must be empty
                 or new. The demo does not remove DIR at the end
  --kill-all     after half of the lines, kill all members at once, and start
                 them again from their journals; needs --journal
  --inspect      at the end, serve a page about the run, until Ctrl-C: leaders, the
                 gap without a leader, calls, and every step of every member
  --help         show this text

Exit code: 0 all logs are equal and complete, 1 a log has a fault or the run has
failed, 2 wrong usage, 130 interrupted. The result goes to standard output,
progress to standard error.
`

function count(name: string, text: string, [least, most]: readonly [number, number]): number {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (!(number >= least && number <= most)) {
        const range = `a whole number from ${least} to ${most}`
        throw new UsageError(`--${name} takes ${range}, not ${text}.`)
    }
    return number
}

/** The options of the command line. */
const ARGUMENTS = {
    help: { type: 'boolean', short: 'h' },
    inspect: { type: 'boolean' },
    journal: { type: 'string' },
    'kill-all': { type: 'boolean' },
    lines: { type: 'string' },
    members: { type: 'string' }
} as const

/**
 * Reads the arguments of `kibitz demo`. Returns `null` if they ask for help.
 *
 * @throws UsageError if an argument is wrong.
 */
export function parseDemo(args: readonly string[]): DemoOptions | null {
    const { values, positionals } = parseOptions(args, ARGUMENTS)
    if (values.help === true) {
        return null
    }
    const [file, ...more] = positionals
    if (more.length !== 0) {
        throw new UsageError(`kibitz demo takes one file, not also ${more.join(' ')}.`)
    }
    if (values['kill-all'] === true && values.journal === undefined) {
        throw new UsageError('--kill-all needs --journal: members restart from their journals.')
    }
    return {
        ...(file === undefined ? {} : { file }),
        lines: count('lines', values.lines ?? String(LINES_DEFAULT), [1, 1_000_000]),
        members: count('members', values.members ?? '3', [3, 7]),
        ...(values.journal === undefined ? {} : { journal: values.journal }),
        ...(values.inspect === true ? { inspect: true } : {}),
        ...(values['kill-all'] === true ? { killAll: true } : {})
    }
}
