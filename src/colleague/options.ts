import { tmpdir } from 'node:os'
import { KibitzError } from '../error.js'
import type { KibitzerOptions } from '../options.js'
import type { Properties, Republic } from '../paxos/message.js'
import type { Government } from '../paxos/government.js'
import type { Application } from './application.js'
import { CHUNK_SIZE_MAX } from './post.js'
import type { TurnstileOptions } from './turnstile.js'

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
    readonly islandId?: Republic
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
> & { readonly properties: Properties & object }

const COUNTS = [
    'outOfBandTimeout',
    'handoverAttempts',
    'handoverTimeout',
    'snapshotTimeout',
    'restoreTimeout',
    'snapshotSize',
    'chunkSize',
    'snapshotEvery',
    'questionsActive',
    'questionsWaiting',
    'requestsActive',
    'requestsWaiting'
] as const

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
    random: Math.random,
    ping: 250,
    timeout: 1000,
    parliamentSize: 5
}

/** The methods without which an application is none. */
const METHODS = ['apply', 'snapshot', 'restore'] as const

function reject(what: string): never {
    throw new KibitzError(
        'invalid-argument',
        `The options of a Colleague are not usable: ${what}. Nothing was started; correct them.`
    )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Checks what a Kibitzer does not check itself, and fills in the defaults.
 *
 * @throws KibitzError `invalid-argument` naming the option.
 */
export function settle<Result>(options: ColleagueOptions<Result>): ColleagueSettings {
    if (!isRecord(options)) {
        reject('pass an object with at least islandName, colleagueId and application')
    }
    const { islandName, colleagueId, application, properties = {}, source = 'any' } = options
    if (typeof islandName !== 'string' || islandName === '' || islandName.length > 256) {
        reject('islandName must be 1 to 256 characters')
    }
    for (const method of METHODS) {
        if (typeof application?.[method] !== 'function') {
            reject(`application must have a method ${method}`)
        }
    }
    if (!isRecord(properties)) {
        reject('properties must be an object')
    }
    if (typeof source !== 'function' && source !== 'leader' && source !== 'any') {
        reject("source must be 'leader', 'any' or a function")
    }
    for (const name of COUNTS) {
        const count = options[name]
        if (count !== undefined && (!Number.isSafeInteger(count) || count < 1)) {
            reject(`${name} must be a whole number above zero`)
        }
    }
    if (options.spoolFolder !== undefined && typeof options.spoolFolder !== 'string') {
        reject('spoolFolder must be the path of a folder')
    }
    if ((options.chunkSize ?? 1) > CHUNK_SIZE_MAX) {
        reject(`chunkSize must be no more than ${CHUNK_SIZE_MAX}`)
    }
    const numbers = Object.entries(DEFAULTS).map(([name, value]) => {
        return [name, Reflect.get(options, name) ?? value]
    })
    return Object.freeze({
        ...(Object.fromEntries(numbers) as typeof DEFAULTS),
        islandName,
        colleagueId,
        properties,
        source
    })
}

/** By how many timeouts a member may stall, if it has no journal, before it loses its seat. */
const PATIENCE = 10

/** What of the options is the Kibitzer's. */
export function kibitzerOptions<Result>({
    islandName: _name,
    islandId: _run,
    colleagueId: id,
    properties: _properties,
    application: _application,
    source: _source,
    ...options
}: ColleagueOptions<Result>): KibitzerOptions {
    const { timeout = DEFAULTS.timeout, journal } = options
    // A member that stalls while it makes a snapshot keeps its seat. With a journal, a Kibitzer is
    // more patient still.
    const patience = options.patience ?? (journal === undefined ? timeout * PATIENCE : undefined)
    return { ...options, ...(patience === undefined ? {} : { patience }), id }
}
