import { tmpdir } from 'node:os'
import {
    callable,
    count,
    DURATION_MS_MAX,
    fitting,
    milliseconds,
    type OptionTable,
    pickOptions,
    readOptions,
    text
} from '../base/option-table.js'
import {
    admitProperties, isRepublic, KIBITZER_OPTIONS, type KibitzerOptions
} from '../member/options.js'
import type { Properties, Republic } from '../paxos/messages/messages.js'
import type { Government } from '../paxos/messages/messages.js'
import type { Application } from './application.js'
import { CHUNK_SIZE_MAX } from './out-of-band-messages.js'
import { TURNSTILE_OPTIONS, type TurnstileOptions } from './request-limiter.js'

/**
 * The members that a newcomer asks for the state: `leader` the leader · `any` every member that may
 * hold a seat, those without a seat first and the leader last · or ids, the first one first, chosen
 * from the government. The choice is made anew for each round; if a member fails, or is not ready,
 * the next one in the list is asked.
 */
export type SourceChoice = 'leader' | 'any' | ((government: Government) => readonly string[])

/**
 * How a Colleague behaves. All options of a Kibitzer but `id` pass through. The default of
 * `patience` is ten times the `timeout` without a journal: a Colleague that stalls while it makes
 * a snapshot keeps its seat.
 */
export interface ColleagueOptions<Result = unknown>
    extends Omit<KibitzerOptions, 'id'>,
        TurnstileOptions {
    /** The name of the service. A colleague of another service is never joined or answered. */
    readonly islandName: string
    /**
     * The run of the service: its republic. Whoever joins and does not say which one learns it
     * from whom it asks. @default the time of `bootstrap`
     */
    readonly islandId?: Republic | null
    /** This member's name, `[A-Za-z0-9._:-]`, up to 128 characters. Unique among the citizens. */
    readonly colleagueId: string
    /** What others may know of this member; its address is added to it. @default none */
    readonly properties?: Readonly<Record<string, unknown>>
    /** The state machine. */
    readonly application: Application<Result>
    /** The members that a newcomer asks for the state. @default 'any' */
    readonly source?: SourceChoice
    /** How long an answer out of band may take, in milliseconds. @default 10000 */
    readonly outOfBandTimeout?: number
    /** How many times a newcomer begins to take over a state before it gives up. @default 8 */
    readonly handoverAttempts?: number
    /**
     * How long a newcomer waits while no source is ready, or while a source makes no further
     * chunk, before the attempt counts as failed; and how long a source keeps a snapshot that no
     * newcomer reads. In milliseconds. @default 30000
     */
    readonly handoverTimeout?: number
    /**
     * How long `snapshot()` of the application may yield no piece, in milliseconds. After that the
     * snapshot is given up, `health()` says so, and the application goes on. @default 10000
     */
    readonly snapshotTimeout?: number
    /**
     * How long `restore()` of the application may neither ask for another piece nor end, in
     * milliseconds. After that this member stops with `application-failed`. @default 300000
     */
    readonly restoreTimeout?: number
    /** How many bytes a state may have that a newcomer is handed. @default 4294967296 */
    readonly snapshotSize?: number
    /** How many bytes of it travel at a time. @default 524288 */
    readonly chunkSize?: number
    /**
     * Where a state of more than 4 MiB lies while newcomers read it: a folder with room for two
     * states. The files have no name and end with the process. @default the system's folder for
     * temporary files
     */
    readonly spoolFolder?: string
    /** How many questions of other members are answered at a time. @default 64 */
    readonly questionsActive?: number
    /** How many more questions may wait; others are refused as `overloaded`. @default 1024 */
    readonly questionsWaiting?: number
    /**
     * By how many bytes the journal grows before a snapshot of the state stands for what is behind
     * it; of no account without the option `journal`. @default 67108864
     */
    readonly snapshotEvery?: number
    /** Where chance comes from, a number from 0 up to 1 for each call. @default Math.random */
    readonly random?: () => number
}

/** The options with every default in place. */
export type ColleagueSettings = Required<
    Pick<
        ColleagueOptions,
        | 'islandName'
        | 'colleagueId'
        | 'source'
        | 'outOfBandTimeout'
        | 'handoverAttempts'
        | 'handoverTimeout'
        | 'snapshotTimeout'
        | 'restoreTimeout'
        | 'snapshotSize'
        | 'chunkSize'
        | 'spoolFolder'
        | 'snapshotEvery'
        | 'questionsActive'
        | 'questionsWaiting'
        | 'random'
        | 'ping'
        | 'timeout'
        | 'parliamentSize'
    >
> & {
    readonly properties: Properties & object
    /** The options as they were read: those that were given, each usable. */
    readonly options: ColleagueOptions
}

/** What is where nobody says so. */
const DEFAULTS = {
    outOfBandTimeout: 10_000,
    handoverAttempts: 8,
    handoverTimeout: 30_000,
    snapshotTimeout: 10_000,
    restoreTimeout: 300_000,
    snapshotSize: 4 * 1024 * 1024 * 1024,
    chunkSize: 512 * 1024,
    spoolFolder: tmpdir(),
    questionsActive: 64,
    questionsWaiting: 1024,
    snapshotEvery: 64 * 1024 * 1024,
    ping: 250,
    timeout: 1000,
    parliamentSize: 5
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A state machine: three methods, and two that it may lack. */
function isApplication(value: unknown): boolean {
    const { apply, snapshot, restore, governed, outOfBand } = value as Partial<Application>
    return [apply, snapshot, restore].every((method) => typeof method === 'function')
        && [governed, outOfBand].every((method) =>
            method === undefined || typeof method === 'function')
}

/** The options of a Kibitzer that a Colleague hands on; the Colleague names its member itself. */
const { id: COLLEAGUE_ID, ...rest } = KIBITZER_OPTIONS
const PASSED_ON: OptionTable<Omit<KibitzerOptions, 'id'>> = rest

/** What each option of a Colleague may be. */
export const COLLEAGUE_OPTIONS: OptionTable<ColleagueOptions> = {
    ...PASSED_ON,
    ...TURNSTILE_OPTIONS,
    islandName: text(256),
    islandId: fitting('the name of a republic: 1 to 256 characters, or a whole number', isRepublic),
    colleagueId: COLLEAGUE_ID,
    properties: fitting('an object', isRecord),
    application: {
        expected: 'an object with the methods apply, snapshot and restore, and functions as ' +
            'governed and outOfBand if there are any',
        fits: isApplication
    },
    source: fitting(
        "'leader', 'any' or a function",
        (value) => typeof value === 'function' || value === 'leader' || value === 'any'
    ),
    outOfBandTimeout: milliseconds,
    handoverAttempts: count(1_000_000),
    handoverTimeout: milliseconds,
    snapshotTimeout: milliseconds,
    restoreTimeout: milliseconds,
    spoolFolder: text(4096),
    questionsActive: count(1_000_000),
    questionsWaiting: count(1_000_000),
    snapshotSize: count(2 ** 50),
    chunkSize: count(CHUNK_SIZE_MAX),
    snapshotEvery: count(2 ** 50),
    random: callable
}

/** A source of chance that may misbehave; then the language's own is asked. */
function checkedRandom(random: () => number): () => number {
    return () => {
        const drawn = valueOrUndefined(random)
        return typeof drawn === 'number' && drawn >= 0 && drawn < 1 ? drawn : Math.random()
    }
}

/** What a function returns; nothing if the function throws. */
function valueOrUndefined(call: () => unknown): unknown {
    try {
        return call()
    } catch {
        return undefined
    }
}

/** A choice of sources that may misbehave; then it names no source. */
function checkedSource(choice: SourceChoice): SourceChoice {
    return typeof choice === 'string'
        ? choice
        : (government) => {
              const chosen = valueOrUndefined(() => [...choice(government)])
              return Array.isArray(chosen) ? chosen.filter((id) => typeof id === 'string') : []
          }
}

/**
 * Checks every option, those of the Kibitzer too, and fills in the defaults.
 *
 * @throws KibitzError `invalid-argument` naming the option.
 */
export function readSettings<Result>(given: ColleagueOptions<Result>): ColleagueSettings {
    const options = readOptions<ColleagueOptions>(
        'a Colleague', given as ColleagueOptions, COLLEAGUE_OPTIONS,
        ['islandName', 'colleagueId', 'application']
    )
    const { islandName, colleagueId, properties = {}, source = 'any' } = options
    const { random = Math.random } = options
    const numbers = Object.entries(DEFAULTS).map(([name, value]) => {
        return [name, Reflect.get(options, name) ?? value]
    })
    return Object.freeze({
        ...(Object.fromEntries(numbers) as typeof DEFAULTS),
        islandName,
        colleagueId,
        // A copy: what the caller changes later changes nothing here.
        properties: admitProperties(properties) as Properties & object,
        source: checkedSource(source),
        random: checkedRandom(random),
        options
    })
}

/** By how many timeouts a member may stall, if it has no journal, before it loses its seat. */
const PATIENCE_TIMEOUTS = 10

/** What of the options is the Kibitzer's. */
export function kibitzerOptions(options: ColleagueOptions): KibitzerOptions {
    const { timeout = DEFAULTS.timeout, journal, colleagueId: id } = options
    const handedOn: Omit<KibitzerOptions, 'id'> = pickOptions(options, PASSED_ON)
    // A member that stalls while it makes a snapshot keeps its seat. With a journal, a Kibitzer is
    // more patient still.
    const usual = Math.min(timeout * PATIENCE_TIMEOUTS, DURATION_MS_MAX)
    const patience = options.patience ?? (journal === undefined ? usual : undefined)
    return { ...handedOn, ...(patience === undefined ? {} : { patience }), id }
}
