import { parseArgs } from 'node:util'
import { UsageError } from '../usage-error.js'

/** How `kibitz demo` was called. */
export interface DemoOptions {
    /** The file whose lines are published, or `-`. @default standard input, or a text of ours */
    readonly file?: string
    /** How many lines are published at most. */
    readonly lines: number
    /** How many members there are to begin with. */
    readonly members: number
    /** The folder in which every member keeps a journal. @default all is in memory */
    readonly journal?: string
    /** Kills all members at once, and starts them again. @default the leader alone is killed */
    readonly killAll?: true
}

/** The most lines that are published where nothing is said; all of them are held in memory. */
const LINES_DEFAULT = 100_000

/** What `kibitz demo --help` says. */
export const DEMO_HELP: string = `\
kibitz demo [options] [file]

Starts three processes that agree on one log, over HTTP on this machine, and
publishes the lines of a text through all of them at once. Half way it kills the
leader, then lets a fourth member join, and in the end compares what each has.

  file           the text; - for standard input
                 (default: standard input where it is a pipe or a file, or else
                 the sources of the packages that kibitz is built on)
  --lines N      publish the first N lines, 1 to 1000000 (default: ${LINES_DEFAULT})
  --members N    begin with N members, 3 to 7 (default: 3)
  --journal DIR  each member keeps a journal in a folder of its own in DIR, which
                 must be empty or not there yet; it is left behind
  --kill-all     half way kill all members at once instead, and start them again
                 from their journals
  --help         say this

Exit code: 0 every log is equal and complete, 1 not so, 2 wrong usage,
130 interrupted. The result goes to standard output, progress to standard error.
`

function count(name: string, text: string, [least, most]: readonly [number, number]): number {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (!(number >= least && number <= most)) {
        const range = `a whole number from ${least} to ${most}`
        throw new UsageError(`--${name} takes ${range}, not ${text}.`)
    }
    return number
}

/**
 * Reads the arguments behind `kibitz demo`; `null` where help is asked for.
 *
 * @throws UsageError in words for whoever typed them.
 */
export function parseDemo(args: readonly string[]): DemoOptions | null {
    const { values, positionals } = parse(args)
    if (values.help === true) {
        return null
    }
    const [file, ...more] = positionals
    if (more.length !== 0) {
        throw new UsageError(`One file at a time, not also ${more.join(' ')}.`)
    }
    if (values['kill-all'] === true && values.journal === undefined) {
        throw new UsageError('Without --journal nothing comes back from --kill-all.')
    }
    return {
        ...(file === undefined ? {} : { file }),
        lines: count('lines', values.lines ?? String(LINES_DEFAULT), [1, 1_000_000]),
        members: count('members', values.members ?? '3', [3, 7]),
        ...(values.journal === undefined ? {} : { journal: values.journal }),
        ...(values['kill-all'] === true ? { killAll: true } : {})
    }
}

function parse(args: readonly string[]) {
    try {
        return parseArgs({
            args: [...args],
            allowPositionals: true,
            options: {
                help: { type: 'boolean', short: 'h' },
                journal: { type: 'string' },
                'kill-all': { type: 'boolean' },
                lines: { type: 'string' },
                members: { type: 'string' }
            }
        })
    } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        throw new UsageError(`${message.split('. ')[0]}.`)
    }
}
