import { copyAsJson, jsonSize } from '../base/json-value.js'
import type { DateLike } from '../base/clock.js'
import type { LineLogger } from '../base/line-log.js'
import { misuse } from '../base/errors.js'
import { WIRE_LIMITS } from '../guard/limits.js'
import { id as idGuard, promise as promiseGuard } from '../guard/scalars.js'
import { applyGuard } from '../guard/combinators.js'
import {
    callable,
    count,
    having,
    type OptionTable,
    pickOptions,
    readOptions,
    rejectOptions
} from '../base/option-table.js'
import type { Journal } from '../journal/journal.js'
import type { Properties, Republic } from '../paxos/messages/messages.js'
import type { Monotonic } from '../base/monotonic.js'
import { HIGHEST_VERSION } from '../paxos/membership/versions.js'
import { PAXOS_OPTIONS, type PaxosOptions } from '../paxos/options.js'

/** The options of a Kibitzer. Give all members of a republic the same options, except `id`. */
export interface KibitzerOptions extends PaxosOptions {
    /**
     * The id of this member: 1 to 128 characters of `[A-Za-z0-9._:-]`, unique among the citizens.
     */
    readonly id: string
    /** The source of time. @default a clock that ignores changes of the system clock */
    readonly Date?: DateLike
    /**
     * Returns a random number in [0, 1): all randomness of the member, for reproducible tests.
     * @default the generator of the system
     */
    readonly random?: () => number
    /**
     * Records every input before its effects leave the member, so that the member can continue
     * after a restart. With a journal, call `recover` first; `patience` defaults to a week and
     * `parliamentFloor` to 3.
     * @default none: the member exists in memory only
     */
    readonly journal?: Journal | null
    /**
     * Takes the log lines of this member, each a readable text: `console`, a pino or a winston
     * logger. `false` or `null` silences the member. @default warnings, errors and changes of the
     * government on standard error
     */
    readonly logger?: LineLogger | false | null
    /**
     * The maximum number of waiting publishes. Further publishes reject with `overloaded`.
     * @default 100000
     */
    readonly publishes?: number
    /** The maximum total size of waiting publishes, in bytes of JSON in UTF-8. @default 67108864 */
    readonly publishesSize?: number
    /**
     * The maximum size of a published value, in bytes of JSON in UTF-8. TCP sends the same number
     * of bytes; HTTP sends base64, four bytes for three. @default 262144
     */
    readonly publishSize?: number
}

/** The options with all defaults of the shell. */
export type KibitzerSettings = Omit<KibitzerOptions, 'journal'> & { readonly journal?: Journal } &
    Required<Pick<KibitzerOptions, 'publishes' | 'publishesSize' | 'publishSize'>>

/**
 * The default of `patience` for a member with a journal, in milliseconds: a week. The member comes
 * back with its log, so a weekend without the member is no reason to exile it.
 */
const PATIENCE_MS = 7 * 24 * 3_600_000

/**
 * The default of `parliamentFloor` for a member with a journal: after three members have seats,
 * every acknowledged entry is on two disks.
 */
const PARLIAMENT_FLOOR = 3

/** The defaults of `publishes` and `publishesSize`. */
const PUBLISHES = 100_000
const PUBLISHES_SIZE = 64 * 1024 * 1024

/** A lone surrogate has no UTF-8 form and would not reach another member unchanged. */
const LONE_SURROGATE = /\p{Surrogate}/u

/** Whether a value is the promise of an entry in canonical form. */
export function isPromise(promise: unknown): promise is Monotonic {
    return applyGuard(promiseGuard, promise, WIRE_LIMITS).ok
}

/**
 * Rejects a value that is not the promise of an entry.
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

/** The methods that a journal must have. */
const JOURNAL = having(
    'a journal, such as new FileJournal(folder)',
    'open', 'readSnapshot', 'read', 'append', 'flush', 'snapshot', 'stat', 'close'
)

/** The methods of a logger. */
const LOGGER = having(
    'false, null, or an object with the methods info, warn and error, such as console',
    'info', 'warn', 'error'
)

const CLOCK = having('an object with a now() that returns milliseconds', 'now')

/** The kinds of all options of a Kibitzer. */
export const KIBITZER_OPTIONS: OptionTable<KibitzerOptions> = {
    ...PAXOS_OPTIONS,
    id: {
        expected: '1 to 128 characters of A-Z, a-z, 0-9, dot, underscore, colon, hyphen',
        fits: isId
    },
    Date: { ...CLOCK, takesNull: false },
    random: callable,
    journal: JOURNAL,
    logger: {
        ...LOGGER,
        fits: (value) => value === false || value === null || LOGGER.fits(value),
        keepsNull: true
    },
    publishes: count(1_000_000_000),
    publishesSize: count(2 ** 40),
    publishSize: count(WIRE_LIMITS.bodyBytesMax)
}

/** Whether a value can be the id of a member. */
export function isId(id: unknown): id is string {
    return applyGuard(idGuard, id, WIRE_LIMITS).ok
}

/**
 * Checks the options and adds the defaults.
 *
 * @throws KibitzError `invalid-argument`. The message names the option.
 */
export function settleOptions(given: KibitzerOptions): KibitzerSettings {
    const subject = 'a Kibitzer'
    const options = readOptions(subject, given, KIBITZER_OPTIONS, ['id'])
    const { ping = 250, timeout = 1000, parliamentSize = 5, journal } = options
    const usualFloor = journal === undefined ? 1 : Math.min(PARLIAMENT_FLOOR, parliamentSize)
    const { parliamentFloor = usualFloor } = options
    if (timeout < 2 * ping) {
        rejectOptions(
            subject,
            `timeout (${timeout} ms) must be at least twice the ping (${ping} ms)`
        )
    }
    const usual = journal === undefined ? timeout : Math.max(timeout, PATIENCE_MS)
    const patience = options.patience ?? usual
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
    const { highestVersion = HIGHEST_VERSION } = options
    const shell = { publishes, publishesSize, publishSize }
    const floor = journal === undefined ? {} : { parliamentFloor }
    const settings = { ...options, ...floor, patience, highestVersion, ...shell }
    // `readOptions` has removed every `null`.
    return Object.freeze(settings as KibitzerSettings)
}

/** Selects the options of the engine. */
export function paxosOptions(options: KibitzerOptions): PaxosOptions {
    return pickOptions(options, PAXOS_OPTIONS)
}

/**
 * Rejects a value that cannot be the id of a member.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function checkId(id: unknown): void {
    if (!isId(id)) {
        misuse('invalid-argument', 'The id is no name of a member. Nothing was done; pass one.')
    }
}

/** Whether a value can be the name of a republic: 1 to 256 characters, or a safe integer. */
export function isRepublic(republic: unknown): republic is Republic {
    return typeof republic === 'string'
        ? republic.length > 0 && republic.length <= 256 && !LONE_SURROGATE.test(republic)
        : Number.isSafeInteger(republic)
}

/**
 * Rejects a value that cannot be the name of a republic.
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
 * Copies and freezes a member's properties; `null` if there are none.
 *
 * @throws KibitzError `invalid-argument` if JSON cannot represent the properties; `too-large`.
 */
export function admitProperties(properties: Properties): Properties {
    const admitted = copyAsJson(properties ?? null)
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
