import { parseArgs } from 'node:util'
import { UsageError } from '../../src/command/usage-error.js'
import type { Selection } from './story.js'

/** Where a plan comes from: it is drawn from a seed, or read from a file. */
export type Source = { readonly seed: number } | { readonly file: string }

/** Runs one plan, and says all there is to say about it. */
export interface OneOrders {
    readonly task: 'one'
    readonly source: Source
    /** The events to print; `null` if none. */
    readonly trace: Selection | null
}

/** Looks for the least that fails the same way. */
export interface ShrinkOrders {
    readonly task: 'shrink'
    readonly source: Source
    /** Where the case is written; `null` among the others. */
    readonly to: string | null
}

/** Runs one seed after another. */
export interface SeedsOrders {
    readonly task: 'seeds'
    readonly first: number
    readonly last: number
    readonly minutes: number
    readonly jobs: number
    readonly keepsGoing: boolean
    /** Where the summary is written too. */
    readonly json: string | null
}

/** What the simulator is told to do. */
export type Orders = { readonly task: 'help' } | OneOrders | ShrinkOrders | SeedsOrders

/** Beyond it whole numbers have gaps. */
const SEED_MAX = Number.MAX_SAFE_INTEGER
const JOBS_MAX = 64
const MINUTES_MAX = 100_000

/** What `npm run simulate -- --help` says. */
export const HELP = `\
npm run simulate -- OPTIONS

Lets republics live through faults in virtual time, and looks at every step whether what is
promised still holds. A seed is a republic and all that befalls it; it is the same every time.

one republic:
  --seed N           the republic of a seed
  --plan FILE        the republic of a case that --shrink has written
  --trace            print every message, fault and entry, at most 160 characters each
  --members A,B      with --trace: only events of these members, and faults
  --from MS          with --trace: only events from this instant of virtual time on
  --last N           with --trace: only the last N events
  --wide             with --trace: print whole lines
  If a property does not hold, the command prints the property, all members, and the last events.

many republics:
  --seeds A..B       those of the seeds from A to B
  --seeds A..        those from A on, for so many --minutes
  --minutes M        begin none after M minutes (without --seeds: from seed 1 on)
  --jobs J           in J processes beside each other, 1 to ${JOBS_MAX} (default: 1)
  --keep-going       do not stop at the first that fails
  --json FILE        write the summary to a file, too
  Ctrl-C lets the running seeds end, then sums up; a second one does not wait for them.

the least that still fails:
  --shrink N|FILE    take faults and all else away from a seed or a case that fails, as long as
                     it fails the same way, and write what is left as a case
  --to FILE          where to (default: among the cases that npm test runs)
  Ctrl-C or SIGTERM writes the least that was found by then.

  --help             say this

Exit code: 0 all is well, 1 a property does not hold, 2 wrong usage, 130 interrupted. The result
goes to standard output, progress to standard error.
`

const OPTIONS = {
    help: { type: 'boolean', short: 'h' },
    seed: { type: 'string' },
    plan: { type: 'string' },
    trace: { type: 'boolean' },
    members: { type: 'string' },
    from: { type: 'string' },
    last: { type: 'string' },
    wide: { type: 'boolean' },
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    jobs: { type: 'string' },
    'keep-going': { type: 'boolean' },
    json: { type: 'string' },
    shrink: { type: 'string' },
    to: { type: 'string' }
} as const

type Name = keyof typeof OPTIONS

/** The names of all options. */
export const NAMES = Object.keys(OPTIONS) as readonly Name[]

/** The options that select events of a trace. */
const TRACE: readonly Name[] = ['members', 'from', 'last', 'wide']

/** The options that say what is to be done, and which others go with each. */
const COMPANIONS: Partial<Record<Name, readonly Name[]>> = {
    seed: ['trace', ...TRACE],
    plan: ['trace', ...TRACE],
    seeds: ['minutes', 'jobs', 'keep-going', 'json'],
    shrink: ['to'],
    minutes: ['jobs', 'keep-going', 'json']
}

interface Given {
    readonly values: Readonly<Partial<Record<Name, string | boolean>>>
    readonly names: readonly Name[]
}

function parse(args: readonly string[]): Given {
    try {
        const { values, tokens } = parseArgs({ args: [...args], options: OPTIONS, tokens: true })
        const names = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []))
        return { values, names }
    } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        throw new UsageError(`${message.split(/\.\s/)[0]?.replace(/\.$/, '')}.`)
    }
}

function rejectCompany(names: readonly Name[]): string | null {
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) {
        return `--${twice} is given twice.`
    }
    const leader = NAMES.find((name) => name in COMPANIONS && names.includes(name))
    if (leader === undefined) {
        return 'Nothing is said to be run: --seed, --plan, --seeds, --minutes or --shrink.'
    }
    const alien = names.find((name) => name !== leader && !COMPANIONS[leader]?.includes(name))
    if (alien !== undefined) {
        return `--${alien} does not go with --${leader}.`
    }
    const selecting = names.find((name) => TRACE.includes(name))
    return selecting === undefined || names.includes('trace')
        ? null
        : `--${selecting} selects events of --trace: give --trace too.`
}

function whole(name: string, text: string, [least, most]: readonly [number, number]): number {
    const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (!(number >= least && number <= most)) {
        const range = `a whole number from ${least} to ${most}`
        throw new UsageError(`--${name} takes ${range}, not ${JSON.stringify(text)}.`)
    }
    return number
}

function file(name: string, text: string): string {
    if (text === '') {
        throw new UsageError(`--${name} takes the name of a file.`)
    }
    return text
}

function readSeeds(text: string, hasMinutes: boolean): Pick<SeedsOrders, 'first' | 'last'> {
    const range = /^(\d+)\.\.(\d*)$/.exec(text)
    if (range === null) {
        throw new UsageError(`--seeds takes A..B or A.., not ${JSON.stringify(text)}.`)
    }
    const [, from = '', to = ''] = range
    if (to === '' && !hasMinutes) {
        throw new UsageError('--seeds without an end needs --minutes.')
    }
    const first = whole('seeds', from, [0, SEED_MAX])
    const last = to === '' ? SEED_MAX : whole('seeds', to, [0, SEED_MAX])
    if (first > last) {
        throw new UsageError(`--seeds begins with ${first}, behind its end, ${last}.`)
    }
    return { first, last }
}

function readMinutes(text: string): number {
    const minutes = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (!(minutes > 0 && minutes <= MINUTES_MAX)) {
        const range = `more than nothing and at most ${MINUTES_MAX}`
        throw new UsageError(`--minutes takes a number, ${range}, not ${JSON.stringify(text)}.`)
    }
    return minutes
}

function readSource(name: string, text: string): Source {
    return /^\d+$/.test(text)
        ? { seed: whole(name, text, [0, SEED_MAX]) }
        : { file: file(name, text) }
}

function readSelection(values: Given['values']): Selection {
    const { members = '', from = '0', last } = values
    return {
        members: String(members).split(',').filter((id) => id !== ''),
        fromMs: whole('from', String(from), [0, SEED_MAX]),
        last: last === undefined ? null : whole('last', String(last), [1, 1_000_000]),
        isWide: values.wide === true
    }
}

/**
 * Reads what the simulator was called with.
 *
 * @throws UsageError in words for whoever typed it.
 */
export function readOrders(args: readonly string[]): Orders {
    const { values, names } = parse(args)
    if (values.help === true) {
        return { task: 'help' }
    }
    const reason = rejectCompany(names)
    if (reason !== null) {
        throw new UsageError(reason)
    }
    const text = (name: Name): string | null => {
        const value = values[name]
        return typeof value === 'string' ? value : null
    }
    const [seed, plan, shrink, to] = [text('seed'), text('plan'), text('shrink'), text('to')]
    const trace = values.trace === true ? readSelection(values) : null
    if (seed !== null) {
        return { task: 'one', source: { seed: whole('seed', seed, [0, SEED_MAX]) }, trace }
    }
    if (plan !== null) {
        return { task: 'one', source: { file: file('plan', plan) }, trace }
    }
    if (shrink !== null) {
        const source = readSource('shrink', shrink)
        return { task: 'shrink', source, to: to === null ? null : file('to', to) }
    }
    const [minutes, json] = [text('minutes'), text('json')]
    return {
        task: 'seeds',
        ...readSeeds(text('seeds') ?? '1..', minutes !== null),
        minutes: minutes === null ? Number.POSITIVE_INFINITY : readMinutes(minutes),
        jobs: whole('jobs', text('jobs') ?? '1', [1, JOBS_MAX]),
        keepsGoing: values['keep-going'] === true,
        json: json === null ? null : file('json', json)
    }
}
