import { parseArgs } from 'node:util'
import { UsageError } from '../usage-error.js'

/** What can be done with a journal. */
export const VERBS = ['verify', 'show', 'stat', 'export', 'adopt'] as const

/** One of them. */
export type Verb = typeof VERBS[number]

/** How `kibitz journal` was called. */
export interface JournalOrders {
    readonly verb: Verb
    readonly folder: string
    /** Where `export` writes to; standard output where it is not said. */
    readonly file?: string
    /** The number of the first record; that of the first there is where it is not said. */
    readonly from?: number
    /** The number of the last record, likewise. */
    readonly to?: number
    /** Whether the state of the snapshot is meant, and not the records. */
    readonly isState: boolean
    /** Whether somebody vouches that a copy is the only one that will ever run. */
    readonly isOnlyCopy: boolean
}

/** What `kibitz journal --help` says. */
export const JOURNAL_HELP: string = `\
kibitz journal verify|show|stat|export|adopt [options] DIR

  verify DIR          check every byte, and say what is wrong
  stat DIR            whose it is, how many records, how large; checks as verify
  show DIR            the records, a line of JSON each, with their numbers
  export DIR [FILE]   the records as they were written, one a line
                      (default: to standard output)
  adopt DIR           accept a copy in place of the original

  --from N, --to N    show, export: only these records
  --state             export: the bytes of the snapshot instead of the records
  --only-copy         adopt: you vouch that the original had stopped when it was
                      copied, has not run since, and never will again. An older
                      copy breaks what the member has promised since.
  --help              say this

Only adopt changes anything, and not while the member runs. The others read the
folder of a member that runs as well, through the last batch that is whole.

Exit code: 0 the journal is whole, 1 it is not or cannot be read, 2 wrong usage,
130 interrupted. The result goes to standard output, progress to standard error.
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

/** Which options mean something to whom. */
const MEANT: Readonly<Record<string, readonly Verb[]>> = {
    from: ['show', 'export'], to: ['show', 'export'], state: ['export'], 'only-copy': ['adopt']
}

/**
 * Reads the arguments behind `kibitz journal`; `null` where help is asked for.
 *
 * @throws UsageError in words for whoever typed them.
 */
export function parseJournal(args: readonly string[]): JournalOrders | null {
    const { values, positionals } = parse(args)
    if (values.help === true) {
        return null
    }
    const [verb = '', folder, file, ...more] = positionals
    if (!isVerb(verb)) {
        throw new UsageError(verb === ''
            ? `Say what to do: ${VERBS.join(', ')}.`
            : `There is no journal command ${verb}.`)
    }
    if (folder === undefined) {
        throw new UsageError(`Say which folder to ${verb}.`)
    }
    const [extra] = [...(verb === 'export' || file === undefined ? [] : [file]), ...more]
    if (extra !== undefined) {
        throw new UsageError(`One folder at a time, not also ${extra}.`)
    }
    for (const name of Object.keys(values)) {
        if (MEANT[name]?.includes(verb) === false) {
            throw new UsageError(`--${name} means nothing to ${verb}.`)
        }
    }
    return {
        verb, folder,
        ...(file === undefined ? {} : { file }),
        ...number('from', values.from), ...number('to', values.to),
        isState: values.state === true,
        isOnlyCopy: values['only-copy'] === true
    }
}

function parse(args: readonly string[]) {
    try {
        return parseArgs({
            args: [...args],
            allowPositionals: true,
            options: {
                help: { type: 'boolean', short: 'h' },
                from: { type: 'string' },
                to: { type: 'string' },
                state: { type: 'boolean' },
                'only-copy': { type: 'boolean' }
            }
        })
    } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        throw new UsageError(`${message.split('. ')[0]}.`)
    }
}
