import { copyAndFreeze, jsonSize } from '../base/json-value.js'
import type { DateLike } from '../base/clock.js'
import { misuse } from '../base/errors.js'
import { WIRE_LIMITS } from '../guard/limits.js'
import { id as idGuard, promise as promiseGuard } from '../guard/scalars.js'
import { applyGuard } from '../guard/combinators.js'
import {
    count,
    DURATION_MS_MAX,
    having,
    type OptionTable,
    pickOptions,
    readOptions,
    rejectOptions
} from '../base/option-table.js'
import type { Journal } from '../journal/journal.js'
import type { Properties, Republic } from '../paxos/messages/messages.js'
import type { Monotonic } from '../base/monotonic.js'
import { PAXOS_OPTIONS, type PaxosOptions } from '../paxos/options.js'

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
    readonly journal?: Journal | null
    /** How many publishes may wait; more are rejected as `overloaded`. @default 100000 */
    readonly publishes?: number
    /** How many bytes of JSON in UTF-8 these may take together. @default 67108864 */
    readonly publishesSize?: number
    /**
     * How large a published value may be, in bytes of its JSON in UTF-8. TCP sends as many bytes;
     * HTTP, whose messages are base64, sends four bytes for three. @default 262144
     */
    readonly publishSize?: number
}

/** The options of the shell with every default in place. */
export type KibitzerSettings = Omit<KibitzerOptions, 'journal'> & { readonly journal?: Journal } &
    Required<Pick<KibitzerOptions, 'publishes' | 'publishesSize' | 'publishSize'>>

/** For how many timeouts a member that will come back from its journal keeps its seat. */
const PATIENCE = 60

/** How many publishes may wait where nobody says so. */
const PUBLISHES = 100_000
const PUBLISHES_SIZE = 64 * 1024 * 1024

/** What is no well-formed Unicode would not survive the way to another member. */
const LONE_SURROGATE = /\p{Surrogate}/u

/** Whether a value is the number of an entry, in its only spelling. */
export function isPromise(promise: unknown): promise is Monotonic {
    return applyGuard(promiseGuard, promise, WIRE_LIMITS).ok
}

/**
 * Refuses what is no promise of an entry.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function checkPromise(promise: unknown): void {
    if (!isPromise(promise)) {
        misuse(
            'invalid-argument',
            'The promise names no entry. Nothing was done; pass the promise of an entry, such as ' +
                '1/1.'
        )
    }
}

/** What a journal is known by. */
const JOURNAL = having(
    'a journal, such as new FileJournal(folder)',
    'open', 'readSnapshot', 'read', 'append', 'flush', 'snapshot', 'stat', 'close'
)

const CLOCK = having('an object with a now() that returns milliseconds', 'now')

/** What each option of a Kibitzer may be. */
export const KIBITZER_OPTIONS: OptionTable<KibitzerOptions> = {
    ...PAXOS_OPTIONS,
    id: {
        expected: '1 to 128 characters of A-Z, a-z, 0-9, dot, underscore, colon, hyphen',
        fits: isId
    },
    Date: { ...CLOCK, takesNull: false },
    journal: JOURNAL,
    publishes: count(1_000_000_000),
    publishesSize: count(2 ** 40),
    publishSize: count(WIRE_LIMITS.bodyBytesMax)
}

/** Whether a name can be a member's. */
export function isId(id: unknown): id is string {
    return applyGuard(idGuard, id, WIRE_LIMITS).ok
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws KibitzError `invalid-argument` naming the option.
 */
export function settleOptions(given: KibitzerOptions): KibitzerSettings {
    const subject = 'a Kibitzer'
    const options = readOptions(subject, given, KIBITZER_OPTIONS, ['id'])
    const { ping = 250, timeout = 1000, parliamentSize = 5, parliamentFloor = 1 } = options
    if (timeout < 2 * ping) {
        rejectOptions(
            subject,
            `timeout (${timeout} ms) must be at least twice the ping (${ping} ms)`
        )
    }
    const usual = timeout * (options.journal === undefined ? 1 : PATIENCE)
    const patience = options.patience ?? Math.min(usual, DURATION_MS_MAX)
    if (patience < timeout) {
        rejectOptions(
            subject,
            `patience (${patience} ms) must be no less than the timeout (${timeout} ms)`
        )
    }
    if (parliamentFloor > parliamentSize) {
        rejectOptions(
            subject,
            `parliamentFloor (${parliamentFloor}) must be no more than parliamentSize ` +
                `(${parliamentSize})`
        )
    }
    const { publishes = PUBLISHES, publishesSize = PUBLISHES_SIZE } = options
    const { publishSize = WIRE_LIMITS.bodyBytesMax } = options
    const settings = { ...options, patience, publishes, publishesSize, publishSize }
    // No option is `null` once it is read.
    return Object.freeze(settings as KibitzerSettings)
}

/** What of the options is the engine's. */
export function paxosOptions(options: KibitzerOptions): PaxosOptions {
    return pickOptions(options, PAXOS_OPTIONS)
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

/** Whether a value can name a republic. */
export function isRepublic(republic: unknown): republic is Republic {
    return typeof republic === 'string'
        ? republic.length > 0 && republic.length <= 256 && !LONE_SURROGATE.test(republic)
        : Number.isSafeInteger(republic)
}

/**
 * Refuses what cannot name a republic.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function checkRepublic(republic: unknown): void {
    if (!isRepublic(republic)) {
        misuse(
            'invalid-argument',
            'A republic is named by 1 to 256 characters or by a whole number. Nothing was done; ' +
                'pass such a name.'
        )
    }
}

/**
 * Takes a member's properties into custody; `null` where there are none.
 *
 * @throws KibitzError `invalid-argument` or `too-large` where no member could hand them on.
 */
export function admitProperties(properties: Properties): Properties {
    const admitted = copyAndFreeze(properties ?? null)
    const { propertiesBytesMax } = WIRE_LIMITS
    if (jsonSize(admitted) > propertiesBytesMax) {
        misuse(
            'too-large',
            `The properties of a member take ${jsonSize(admitted)} bytes; the limit is ` +
                `${propertiesBytesMax}. Nothing was done; say no more than the others must know.`
        )
    }
    return admitted
}
