import { tmpdir } from 'node:os'
import {
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
import { checkedRandom, type DrawHex, hexSource } from '../base/random-hex.js'
import { TURNSTILE_OPTIONS, type TurnstileOptions } from './request-limiter.js'

/**
 * The members that a newcomer asks for the state, in order: `leader` for the leader only; `any` for
 * every member that may hold a seat, first the members without a seat, the leader last; or a
 * function that chooses ids from the government. Each round evaluates the choice again. If a member
 * fails or is not ready, the newcomer asks the next member.
 */
export type SourceChoice = 'leader' | 'any' | ((government: Government) => readonly string[])

/**
 * The options of a Colleague, and all options of a Kibitzer except `id`. Without a journal, the
 * default of `patience` is ten times `timeout`: then a stall during a snapshot does not cost the
 * member its seat.
 */
export interface ColleagueOptions<Body = unknown, Result = unknown>
    extends Omit<KibitzerOptions, 'id'>,
        TurnstileOptions {
    /** The name of the service. The Colleague neither joins nor answers another service. */
    readonly islandName: string
    /**
     * The run of the service: its republic. If a newcomer gives no run, the newcomer joins the run
     * of the member that accepts it. @default the time of `bootstrap`
     */
    readonly islandId?: Republic | null
    /** The id of this member, `[A-Za-z0-9._:-]`, 1 to 128 characters. Unique among citizens. */
    readonly colleagueId: string
    /** Facts about this member for other members. The Colleague adds the address. @default none */
    readonly properties?: Readonly<Record<string, unknown>>
    /** The state machine. */
    readonly application: Application<Body, Result>
    /** The members that a newcomer asks for the state. @default 'any' */
    readonly source?: SourceChoice
    /** The longest wait for an out-of-band answer, in milliseconds. @default 10000 */
    readonly outOfBandTimeout?: number
    /** The number of attempts of a newcomer to take over a state. @default 8 */
    readonly handoverAttempts?: number
    /**
     * After this time without a ready source, or without a further chunk, an attempt of a newcomer
     * fails. A source removes an unread snapshot after the same time. In milliseconds.
     * @default 30000
     */
    readonly handoverTimeout?: number
    /**
     * The longest time without a piece from `snapshot()` of the application, in milliseconds. After
     * that the Colleague gives up the snapshot, `health()` shows the failure, and the application
     * continues. @default 10000
     */
    readonly snapshotTimeout?: number
    /**
     * The longest time in which `restore()` of the application neither asks for a piece nor ends,
     * in milliseconds. After that the member stops with `application-failed`. @default 300000
     */
    readonly restoreTimeout?: number
    /** The largest state that a newcomer receives, in bytes. @default 4294967296 */
    readonly snapshotSize?: number
    /** The size of a chunk of the state, in bytes. @default 524288 */
    readonly chunkSize?: number
    /**
     * The folder for a state of more than 4 MiB while newcomers read the state. The folder needs
     * space for two states. The files have no name and end with the process. @default the system's
     * folder for temporary files
     */
    readonly spoolFolder?: string
    /** The number of questions that `outOfBand` answers at the same time. @default 64 */
    readonly questionsActive?: number
    /** The number of questions that may wait; a further one is `overloaded`. @default 1024 */
    readonly questionsWaiting?: number
    /**
     * The growth of the journal, in bytes, after which a snapshot of the state replaces the
     * records. Has no effect without the option `journal`. @default 67108864
     */
    readonly snapshotEvery?: number
    /**
     * The longest wait of publish, publishAll and barrier that have no `timeout` of their own, in
     * milliseconds. After that the call rejects with `timed-out`. @default 30000
     */
    readonly publishTimeout?: number
}

/** The options, with defaults for all missing options. */
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
        | 'publishTimeout'
        | 'random'
        | 'ping'
        | 'timeout'
        | 'parliamentSize'
    >
> & {
    readonly properties: Properties & object
    readonly drawHex: DrawHex
    /** The options that the user has given, after the check. */
    readonly options: ColleagueOptions
}

/** The defaults. Times are in milliseconds, sizes in bytes. */
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
    publishTimeout: 30_000,
    ping: 250,
    timeout: 1000,
    parliamentSize: 5
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The methods of a state machine, inherited methods included. */
function methodsOf(application: Partial<Application>): Readonly<Record<string, unknown>> {
    const { apply, snapshot, restore, governed, outOfBand, validate } = application
    return { apply, snapshot, restore, governed, outOfBand, validate }
}

/** Whether a value has the three methods of a state machine, and may have the optional three. */
function isApplication(value: unknown): boolean {
    const { apply, snapshot, restore, ...rest } = methodsOf(value as Partial<Application>)
    return [apply, snapshot, restore].every((method) => typeof method === 'function')
        && Object.values(rest).every((method) =>
            method === undefined || typeof method === 'function')
}

/** The options that a Colleague passes on to its Kibitzer. The id comes from `colleagueId`. */
const { id: COLLEAGUE_ID, ...rest } = KIBITZER_OPTIONS
const PASSED_ON: OptionTable<Omit<KibitzerOptions, 'id'>> = rest

/** The allowed values of each option. */
export const COLLEAGUE_OPTIONS: OptionTable<ColleagueOptions> = {
    ...PASSED_ON,
    ...TURNSTILE_OPTIONS,
    islandName: text(256),
    islandId: fitting('the name of a republic: 1 to 256 characters, or a whole number', isRepublic),
    colleagueId: COLLEAGUE_ID,
    properties: fitting('an object', isRecord),
    application: {
        expected: 'an object with the methods apply, snapshot and restore, and functions as ' +
            'governed, outOfBand and validate if there are any',
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
    publishTimeout: milliseconds
}

/** The result of a function; `undefined` if the function throws. */
function valueOrUndefined(call: () => unknown): unknown {
    try {
        return call()
    } catch {
        return undefined
    }
}

/** The user's choice of sources; no source if the user's function throws. */
function checkedSource(choice: SourceChoice): SourceChoice {
    return typeof choice === 'string'
        ? choice
        : (government) => {
              const chosen = valueOrUndefined(() => [...choice(government)])
              return Array.isArray(chosen) ? chosen.filter((id) => typeof id === 'string') : []
          }
}

/**
 * Checks every option, including the options of the Kibitzer, and adds the defaults.
 *
 * @throws KibitzError `invalid-argument`. The message names the option.
 */
export function readSettings<Result>(given: ColleagueOptions<unknown, Result>): ColleagueSettings {
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
        // The copy protects the properties from later changes by the caller.
        properties: admitProperties(properties) as Properties & object,
        source: checkedSource(source),
        random: checkedRandom(random),
        drawHex: hexSource(options.random),
        options
    })
}

/** The default of `patience` without a journal, in timeouts. */
const PATIENCE_TIMEOUTS = 10

/** The options of the Kibitzer of a Colleague. */
export function kibitzerOptions(options: ColleagueOptions): KibitzerOptions {
    const { timeout = DEFAULTS.timeout, journal, colleagueId: id } = options
    const handedOn: Omit<KibitzerOptions, 'id'> = pickOptions(options, PASSED_ON)
    // A stall during a snapshot must not cost the member its seat. With a journal, the default of
    // the Kibitzer is longer.
    const usual = Math.min(timeout * PATIENCE_TIMEOUTS, DURATION_MS_MAX)
    const patience = options.patience ?? (journal === undefined ? usual : undefined)
    return { ...handedOn, ...(patience === undefined ? {} : { patience }), id }
}
