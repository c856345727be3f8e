import { parseOptions, UsageError } from '../usage-error.js'

/** The actions of `kibitz journal`. */
export const VERBS = ['verify', 'show', 'stat', 'export', 'adopt', 'refound'] as const

/** An action of `kibitz journal`. */
export type Verb = typeof VERBS[number]

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
    /** Whether `export` writes the state in the snapshot instead of the records. */
    readonly isState: boolean
    /** Whether the user asserts that only this copy of the journal will ever run. */
    readonly isOnlyCopy: boolean
    /** Further folders of the same republic, of which `refound` takes the most advanced. */
    readonly others: readonly string[]
    /** Further addresses that must not answer. */
    readonly through: readonly string[]
    /** The name of the new republic. @default the current time */
    readonly run?: string
    /** Whether the user asserts that the lost members never run again. */
    readonly isMajorityLost: boolean
}

/** The text of `kibitz journal --help`. */
export const JOURNAL_HELP: string = `\
kibitz journal verify|show|stat|export|adopt|refound [options] DIR

  verify DIR          check every byte, and report the first damage
  stat DIR            show owner, records and sizes; checks the journal as verify
  show DIR            print the records with their numbers, a line of JSON each
  export DIR [FILE]   write the records unchanged, one a line, to FILE
                      (default: standard output)
  adopt DIR           accept a copy in place of the original
  refound DIR ...     after the loss of a majority of the disks: found a new
                      republic of one member from the most advanced folder. The
                      new journal holds the state and every value of the old
                      one, under new numbers from 1/0 on; it takes the place of
                      the old folder, which is kept as DIR.before-refound. A
                      file refounded.json in the folder records the action.

  --from N, --to N    show, export: only these records
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

Exit code: 0 the journal is undamaged, 1 the journal is damaged or unreadable,
2 wrong usage, 130 interrupted. The result goes to standard output, progress to
standard error.
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

/** The actions that accept an option. */
const OPTION_VERBS: Readonly<Record<string, readonly Verb[]>> = {
    from: ['show', 'export'], to: ['show', 'export'], state: ['export'], 'only-copy': ['adopt'],
    'majority-is-lost': ['refound'], through: ['refound'], run: ['refound']
}

/** The options of the command line. */
const ARGUMENTS = {
    help: { type: 'boolean', short: 'h' },
    from: { type: 'string' },
    to: { type: 'string' },
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
    const [file, ...more] = verb === 'refound' ? [] : rest
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
    return {
        verb, folder,
        ...(file === undefined ? {} : { file }),
        ...number('from', values.from), ...number('to', values.to),
        isState: values.state === true,
        isOnlyCopy: values['only-copy'] === true,
        others: verb === 'refound' ? rest : [],
        through: values.through ?? [],
        ...(values.run === undefined ? {} : { run: values.run }),
        isMajorityLost: values['majority-is-lost'] === true
    }
}
