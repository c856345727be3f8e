import { admit, weigh } from './body.js'
import type { DateLike } from './clock.js'
import { KibitzError, type KibitzErrorCode } from './error.js'
import { WIRE_LIMITS } from './guard/limits.js'
import { id as idGuard } from './guard/scalar.js'
import { judge } from './guard/shape.js'
import type { Journal } from './journal/journal.js'
import type { Properties } from './paxos/message.js'
import type { PaxosOptions } from './paxos/options.js'

/** How a Kibitzer behaves. Every member of a republic should be given the same but `id`. */
export interface KibitzerOptions extends PaxosOptions {
    /** This member's name, `[A-Za-z0-9._:-]`, up to 128 characters. Unique among the citizens. */
    readonly id: string
    /** Where the time comes from. @default a clock that follows no change of the system's */
    readonly Date?: DateLike
    /**
     * Where every input is written down before anything that follows from it leaves, so that the
     * member comes back as itself. `recover` comes first then, and `patience` is sixty times the
     * `timeout` where it is not given. @default none: it is in memory alone
     */
    readonly journal?: Journal
    /** How many publishes may wait; more are rejected as `overloaded`. @default 100000 */
    readonly publishes?: number
    /** About how many bytes these may take together. @default 67108864 */
    readonly publishesSize?: number
    /** About how large a published value may be, in bytes of its JSON. @default 262144 */
    readonly publishSize?: number
}

/** The options of the shell with every default in place. */
export type KibitzerSettings = KibitzerOptions &
    Required<Pick<KibitzerOptions, 'publishes' | 'publishesSize' | 'publishSize'>>

/** For how many timeouts a member that will come back from its journal keeps its seat. */
const PATIENCE = 60

/** How many publishes may wait where nobody says so. */
const PUBLISHES = 100_000
const PUBLISHES_SIZE = 64 * 1024 * 1024

/** What is no well-formed Unicode would not survive the way to another member. */
const LONE_SURROGATE = /\p{Surrogate}/u

const COUNTS = [
    'ping',
    'timeout',
    'patience',
    'parliamentSize',
    'parliamentFloor',
    'window',
    'batch',
    'proposals',
    'history',
    'citizens',
    'publishes',
    'publishesSize',
    'publishSize'
] as const

/** Whether a name can be a member's. */
export function isId(id: unknown): id is string {
    return judge(idGuard, id, WIRE_LIMITS).ok
}

function reject(what: string): never {
    throw new KibitzError(
        'invalid-argument',
        `The options of a Kibitzer are not usable: ${what}. Nothing was started; correct them.`
    )
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws KibitzError `invalid-argument` naming the option.
 */
export function settleOptions(options: KibitzerOptions): KibitzerSettings {
    if (typeof options !== 'object' || options === null) {
        reject('pass an object with at least an id')
    }
    if (!isId(options.id)) {
        reject('id must be 1 to 128 characters of A-Z, a-z, 0-9, dot, underscore, colon, hyphen')
    }
    for (const name of COUNTS) {
        const count = options[name]
        if (count !== undefined && (!Number.isSafeInteger(count) || count < 1)) {
            reject(`${name} must be a whole number above zero`)
        }
    }
    const { ping = 250, timeout = 1000 } = options
    if (timeout < 2 * ping) {
        reject(`timeout (${timeout} ms) must be at least twice the ping (${ping} ms)`)
    }
    const patience = options.patience ?? timeout * (options.journal === undefined ? 1 : PATIENCE)
    if (patience < timeout) {
        reject(`patience (${patience} ms) must be no less than the timeout (${timeout} ms)`)
    }
    const { publishes = PUBLISHES, publishesSize = PUBLISHES_SIZE } = options
    const { publishSize = WIRE_LIMITS.bodyWeightMax } = options
    if (publishSize > WIRE_LIMITS.bodyWeightMax) {
        reject(`publishSize must be no more than may travel, ${WIRE_LIMITS.bodyWeightMax}`)
    }
    if (options.Date !== undefined && typeof options.Date?.now !== 'function') {
        reject('Date must have a now() that returns milliseconds')
    }
    return Object.freeze({ ...options, patience, publishes, publishesSize, publishSize })
}

/**
 * Refuses what cannot be a member's name.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function checkId(id: unknown): void {
    if (!isId(id)) {
        misuse('invalid-argument', 'The id is no name of a member. Nothing was done; pass one.')
    }
}

/** Refuses what only a programmer can have got wrong. */
export function misuse(code: KibitzErrorCode, what: string): never {
    throw new KibitzError(code, what)
}

/**
 * Refuses what cannot name a republic.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function checkRepublic(republic: unknown): void {
    const isName =
        typeof republic === 'string'
            ? republic.length > 0 && republic.length <= 256 && !LONE_SURROGATE.test(republic)
            : Number.isSafeInteger(republic)
    if (!isName) {
        misuse(
            'invalid-argument',
            'A republic is named by 1 to 256 characters or by a whole number. Nothing was done; ' +
                'pass such a name.'
        )
    }
}

/**
 * Takes what a user publishes into custody.
 *
 * @throws KibitzError `invalid-argument` or `too-large` where the log could not carry it.
 */
export function admitEntry(entry: unknown, sizeMax: number): unknown {
    if (entry === null || entry === undefined) {
        misuse('invalid-argument', 'A publish takes a value, not null. Nothing was published.')
    }
    const admitted = admit(entry)
    const size = weigh(admitted)
    if (size > sizeMax) {
        misuse(
            'too-large',
            `A value of about ${size} bytes was not published; the limit is ${sizeMax} ` +
                '(option publishSize). Publish a reference to it, or parts of it.'
        )
    }
    return admitted
}

/**
 * Takes a list of what a user publishes into custody.
 *
 * @throws KibitzError `invalid-argument` or `too-large` where the log could not carry one of them.
 */
export function admitEntries(entries: readonly unknown[], sizeMax: number): readonly unknown[] {
    if (!Array.isArray(entries) || entries.length === 0) {
        misuse(
            'invalid-argument',
            'To publish all takes a list of one value or more. Nothing was published; pass one.'
        )
    }
    // A list may bring a `map` of its own, and holes: only its length and its items count.
    return Object.freeze(
        Array.from({ length: entries.length }, (_, index) => admitEntry(entries[index], sizeMax))
    )
}

/**
 * Takes a member's properties into custody; `null` where there are none.
 *
 * @throws KibitzError `invalid-argument` or `too-large` where no member could hand them on.
 */
export function admitProperties(properties: Properties): Properties {
    const admitted = admit(properties ?? null)
    const { propertiesWeightMax } = WIRE_LIMITS
    if (weigh(admitted) > propertiesWeightMax) {
        misuse(
            'too-large',
            `The properties of a member take about ${weigh(admitted)} bytes; the limit is ` +
                `${propertiesWeightMax}. Nothing was done; say no more than the others must know.`
        )
    }
    return admitted
}
