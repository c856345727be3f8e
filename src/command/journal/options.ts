import { parseOptions, UsageError } from '../usage-error.js'
import { type RecordCondition, parseWhere } from './where.js'

/** The actions of `kibitz journal`. */
export const VERBS = [
    'verify', 'show', 'stat', 'export', 'log', 'replay', 'why', 'diff', 'metrics', 'follow',
    'adopt', 'refound'
] as const

/** An action of `kibitz journal`. */
export type Verb = typeof VERBS[number]

/** The views of `kibitz journal replay`. */
export const VIEWS = ['status', 'government', 'state'] as const

/** A view of `kibitz journal replay`. */
export type JournalView = typeof VIEWS[number]

/** The arguments of `kibitz journal`. */
export interface JournalOptions {
    /** The action. */
    readonly verb: Verb
    /** The folder of the journal. */
    readonly folder: string
    /** The file for the result of `export`. @default standard output */
    readonly file?: string
    /** The number of the first record to print. @default the first record of the journal */
    readonly from?: number
    /** The number of the last record to print. @default the last record of the journal */
    readonly to?: number
    /** The conditions on the printed records. @default all records */
    readonly where?: readonly RecordCondition[]
    /** The distance of two samples of `metrics`, in milliseconds. @default 1000 */
    readonly stepMs?: number
    /** Whether `metrics` prints every value of every metric as CSV. */
    readonly isCsv: boolean
    /** Whether `export` writes the state in the snapshot instead of the records. */
    readonly isState: boolean
    /** Whether the user asserts that only this copy of the journal will ever run. */
    readonly isOnlyCopy: boolean
    /** Further folders of the same republic, for `refound`, `why` and `diff`. */
    readonly others: readonly string[]
    /** Further addresses that must not answer. */
    readonly through: readonly string[]
    /** The name of the new republic. @default the current time */
    readonly run?: string
    /** The view that `replay` prints. @default status */
    readonly print?: JournalView
    /** The entry that `why` explains. @default none for other actions */
    readonly promise?: string
    /** Whether the user asserts that the lost members never run again. */
    readonly isMajorityLost: boolean
}

/** The text of `kibitz journal --help`. */
export const JOURNAL_HELP: string = `\
kibitz journal COMMAND [options] DIR

  verify DIR          check every byte, and report the first damage
  stat DIR            show owner, records, sizes and version; checks the journal as verify
  show DIR            print the records with their numbers, a line of JSON each;
                      the inputs of an idle member in one record count singly
  export DIR [FILE]   write the records unchanged, one a line, to FILE
                      (default: standard output)
  log DIR             print the entries of the log, a line of JSON each, with the
                      record that added the entry
  replay DIR          print the member as of a record, in JSON
  why DIR... ENTRY    explain how an entry such as 1/2 came into the logs: the
                      records that sent it, held it and added it
  diff DIR DIR        print the first difference between the logs of two members
  metrics DIR         print the metrics of the member, a line for each second
                      with inputs
  follow DIR          print the records that the running member adds, as show
                      does, until an interrupt
  adopt DIR           accept a copy in place of the original
  refound DIR ...     after the loss of a majority of the disks: found a new
                      republic of one member from the most advanced folder. The
                      new journal holds the state and every value of the old
                      one, under new numbers from 1/0 on; it takes the place of
                      the old folder, which is kept as DIR.before-refound. A
                      file refounded.json in the folder records the action.

  --from N, --to N    show, export, log, metrics: only these records; replay
                      --to N: the last applied record; follow --from N: the
                      first record (default: the next one)
  --where CONDITIONS  show, follow: only the records with these values, such as
                      method=receive,from=b or body.method=register; a field
                      without a path is a field of the record or of its body
  --print VIEW        replay: status (default), government or state
  --step TIME         metrics: the distance of two lines, such as 100ms, 1s, 5m or
                      1h (default: 1s)
  --csv               metrics: every value of every metric, a line each
  --state             export: the bytes of the snapshot instead of the records
  --only-copy         adopt: you assert that the original had stopped before the
                      copy was made, has not run since, and never runs again.
                      If the original ran later, the copy breaks promises of
                      the member.
  --majority-is-lost  refound: you assert that the lost members never run again.
                      The new republic lacks the entries that only they hold.
  --through ADDRESS   refound: a further address of an old member; refound does
                      nothing if any old member accepts a connection
  --run NAME          refound: the name of the new republic (default: the time)
  --help              show this text

Only adopt and refound change a journal, and only if the member is stopped. The other
commands also read the journal of a running member, through the last complete
batch.

log, replay, why, diff and metrics show a damaged journal up to the damage, name the
damage, and end with 1.

Exit code: 0 the journal is undamaged, 1 the journal is damaged or unreadable,
2 wrong usage, 130 interrupted (follow: 0); diff: 0 the logs agree, 1 they differ. The
result goes to standard output, progress to standard error.
`

function number(name: string, text: string | undefined): Record<string, number> {
    if (text === undefined) {
        return {}
    }
    if (!/^[1-9]\d{0,14}$/.test(text)) {
        throw new UsageError(`--${name} takes the number of a record, not ${text}.`)
    }
    return { [name]: Number(text) }
}

function isVerb(text: string): text is Verb {
    return VERBS.some((verb) => verb === text)
}

/** The entry behind the folders. */
function entryOf(rest: readonly string[]): [string, readonly string[]] {
    const promise = rest.at(-1)
    if (promise === undefined || !/^[0-9a-f]+\/[0-9a-f]+$/.test(promise)) {
        throw new UsageError('why takes an entry such as 1/2 behind the folders.')
    }
    return [promise, rest.slice(0, -1)]
}

function viewOf(text: string | undefined): { readonly print?: JournalView } {
    if (text === undefined) {
        return {}
    }
    const view = VIEWS.find((each) => each === text)
    if (view === undefined) {
        throw new UsageError(`--print takes ${VIEWS.join(', ')}, not ${text}.`)
    }
    return { print: view }
}

/** The milliseconds of each unit of `--step`. */
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** The longest step: a day. */
const STEP_MAX_MS = 86_400_000

function stepOf(text: string | undefined): { readonly stepMs?: number } {
    if (text === undefined) {
        return {}
    }
    const [, digits, unit = ''] = /^([1-9]\d{0,8})(ms|s|m|h)$/.exec(text) ?? []
    const stepMs = Number(digits) * (UNITS_MS[unit] ?? Number.NaN)
    if (!(stepMs <= STEP_MAX_MS)) {
        throw new UsageError(`--step takes a time such as 100ms, 1s, 5m or 1h, at most 24h, not ${
            text}.`)
    }
    return { stepMs }
}

/** The actions that accept an option. */
const OPTION_VERBS: Readonly<Record<string, readonly Verb[]>> = {
    from: ['show', 'export', 'log', 'metrics', 'follow'],
    to: ['show', 'export', 'log', 'metrics', 'replay'], print: ['replay'],
    where: ['show', 'follow'], step: ['metrics'], csv: ['metrics'],
    state: ['export'], 'only-copy': ['adopt'],
    'majority-is-lost': ['refound'], through: ['refound'], run: ['refound']
}

/** The options of the command line. */
const ARGUMENTS = {
    help: { type: 'boolean', short: 'h' },
    from: { type: 'string' },
    to: { type: 'string' },
    print: { type: 'string' },
    where: { type: 'string' },
    step: { type: 'string' },
    csv: { type: 'boolean' },
    state: { type: 'boolean' },
    'only-copy': { type: 'boolean' },
    'majority-is-lost': { type: 'boolean' },
    through: { type: 'string', multiple: true },
    run: { type: 'string' }
} as const

/**
 * Reads the arguments of `kibitz journal`. Returns `null` if they ask for help.
 *
 * @throws UsageError if an argument is wrong.
 */
export function parseJournal(args: readonly string[]): JournalOptions | null {
    const { values, positionals } = parseOptions(args, ARGUMENTS)
    if (values.help === true) {
        return null
    }
    const [verb = '', folder, ...rest] = positionals
    const isMany = verb === 'refound' || verb === 'why' || verb === 'diff'
    const [file, ...more] = isMany ? [] : rest
    if (!isVerb(verb)) {
        throw new UsageError(verb === ''
            ? `Choose one of: ${VERBS.join(', ')}.`
            : `There is no journal command ${verb}.`)
    }
    if (folder === undefined) {
        throw new UsageError(`Name the folder of the journal to ${verb}.`)
    }
    const [extra] = [...(verb === 'export' || file === undefined ? [] : [file]), ...more]
    if (extra !== undefined) {
        throw new UsageError(`${verb} takes one folder, not also ${extra}.`)
    }
    for (const name of Object.keys(values)) {
        if (OPTION_VERBS[name]?.includes(verb) === false) {
            throw new UsageError(`${verb} does not take --${name}.`)
        }
    }
    const [promise, others] = verb === 'why' ? entryOf(rest) : [undefined, isMany ? rest : []]
    if (verb === 'diff' && rest.length !== 1) {
        throw new UsageError('diff takes two folders.')
    }
    return {
        verb, folder, others, ...viewOf(values.print),
        ...(values.where === undefined ? {} : { where: parseWhere(values.where) }),
        ...(promise === undefined ? {} : { promise }),
        ...(file === undefined ? {} : { file }),
        ...number('from', values.from), ...number('to', values.to),
        ...stepOf(values.step), isCsv: values.csv === true,
        isState: values.state === true,
        isOnlyCopy: values['only-copy'] === true,
        through: values.through ?? [],
        ...(values.run === undefined ? {} : { run: values.run }),
        isMajorityLost: values['majority-is-lost'] === true
    }
}
