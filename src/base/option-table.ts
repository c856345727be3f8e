import { KibitzError } from './errors.js'

/** The set of usable values of an option. */
export interface OptionKind {
    /** A usable value in words, for the error text: `a whole number from 1 to 8`. */
    readonly expected: string
    /** Whether a value is usable. If this function throws, the value is not usable. */
    readonly fits: (value: unknown) => boolean
    /** Whether `null` means that the option is absent. `undefined` always does. */
    readonly takesNull?: boolean
    /** Whether `null` is a value of its own, which the read options keep. */
    readonly keepsNull?: boolean
}

/** One kind for each option of an options object. A table that lacks an option does not compile. */
export type OptionTable<Options> = { readonly [Name in keyof Required<Options>]: OptionKind }

/** The longest delay of a Node timer, in milliseconds: about 24.8 days. */
export const DURATION_MS_MAX: number = 2 ** 31 - 1

/** A whole number from `min` (default 1) to `max`. */
export function count(max: number, min: number = 1): OptionKind {
    return {
        expected: `a whole number from ${min} to ${max}`,
        fits: (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
    }
}

/** A whole number of milliseconds, at least 1 and at most the longest delay of a Node timer. */
export const milliseconds: OptionKind = {
    ...count(DURATION_MS_MAX),
    expected: `a whole number of milliseconds from 1 to ${DURATION_MS_MAX}`
}

/** A port number; 0 means any free port. */
export const port: OptionKind = count(65_535, 0)

/** True or false. */
export const flag: OptionKind = {
    expected: 'true or false',
    fits: (value) => typeof value === 'boolean'
}

/** A text of 1 to `lengthMax` characters. */
export function text(lengthMax: number): OptionKind {
    return {
        expected: `a text of 1 to ${lengthMax} characters`,
        fits: (value) => typeof value === 'string' && value !== '' && value.length <= lengthMax
    }
}

/** A function. */
export const callable: OptionKind = {
    expected: 'a function',
    fits: (value) => typeof value === 'function',
    takesNull: true
}

/** An object or a function that has all of the named methods. */
export function having(expected: string, ...methods: readonly string[]): OptionKind {
    return {
        expected,
        fits: (value) => isHolder(value)
            && methods.every((method) => typeof Reflect.get(value, method) === 'function'),
        takesNull: true
    }
}

/** A value accepted by a predicate. `null` means that the option is absent. */
export function fitting(expected: string, fits: (value: unknown) => boolean): OptionKind {
    return { expected, fits, takesNull: true }
}

function isHolder(value: unknown): value is object {
    return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/**
 * An AbortSignal, of any realm. An AbortController, a common mistake, is
 * rejected.
 */
export const abortSignal: OptionKind = fitting(
    'an AbortSignal, such as controller.signal',
    (value) => isHolder(value)
        && typeof Reflect.get(value, 'aborted') === 'boolean'
        && typeof Reflect.get(value, 'addEventListener') === 'function'
        && typeof Reflect.get(value, 'removeEventListener') === 'function'
)

/** Describes a value by its kind. A text is not quoted, because the text may be a secret. */
function describe(value: unknown): string {
    switch (typeof value) {
        case 'number':
        case 'boolean':
            return String(value)
        case 'object':
            return value === null ? 'null' : 'an object of another kind'
        default:
            return `a ${typeof value}`
    }
}

/** The Levenshtein distance of two names. */
function distance(left: string, right: string): number {
    let before = Array.from({ length: right.length + 1 }, (_, index) => index)
    for (const [row, letter] of [...left].entries()) {
        const next = [row + 1]
        for (const [column, other] of [...right].entries()) {
            const replaced = (before[column] ?? 0) + (letter === other ? 0 : 1)
            next.push(Math.min(replaced, (before[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
        }
        before = next
    }
    return before[right.length] ?? 0
}

/**
 * How different two names are. If one name contains the other, half the difference of the lengths.
 */
function unlikeness(given: string, known: string): number {
    const [left, right] = [given.toLowerCase().slice(0, 64), known.toLowerCase()]
    const isPart = left.length > 2 && (left.includes(right) || right.includes(left))
    return isPart ? Math.abs(left.length - right.length) / 2 : distance(left, right)
}

/** The known name that is the most similar to a given name. */
function closest(given: string, known: readonly string[]): string {
    const ranked = known.map((name) => ({ name, rank: unlikeness(given, name) }))
    return ranked.reduce((best, next) => (next.rank < best.rank ? next : best)).name
}

/**
 * Rejects an options object.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function rejectOptions(subject: string, what: string, cause?: unknown): never {
    throw new KibitzError(
        'invalid-argument',
        `The options of ${subject} are not usable: ${what}. Nothing was done; correct them.`,
        cause === undefined ? {} : { cause }
    )
}

/** Describes the fault of a value; `null` if the value is usable or absent. */
function faultOf({ expected, fits, takesNull }: OptionKind, value: unknown): string | null {
    if (value === undefined || (value === null && takesNull === true) || fits(value)) {
        return null
    }
    return `must be ${expected}, not ${describe(value)}`
}

function readAll(
    subject: string,
    given: object,
    table: object,
    ignored: readonly string[]
): Record<string, unknown> {
    const options: Record<string, unknown> = {}
    let name = 'an option'
    try {
        if (Array.isArray(given)) {
            rejectOptions(subject, 'pass an object, not a list')
        }
        for (name of Object.keys(given)) {
            const isKnown = Object.hasOwn(table, name) || ignored.includes(name)
            if (!isKnown && Reflect.get(given, name) !== undefined) {
                const known = closest(name, Object.keys(table))
                rejectOptions(subject, `there is no option ${name.slice(0, 64)}; the closest ` +
                    `option is ${known}`)
            }
        }
        for (const [known, kind] of Object.entries(table)) {
            name = known
            const value: unknown = Reflect.get(given, name)
            const what = faultOf(kind as OptionKind, value)
            if (what !== null) {
                rejectOptions(subject, `${name} ${what}`)
            }
            const isKept = value !== null || (kind as OptionKind).keepsNull === true
            if (value !== undefined && isKept) {
                options[name] = value
            }
        }
    } catch (cause) {
        if (cause instanceof KibitzError) {
            throw cause
        }
        rejectOptions(subject, `${name.slice(0, 64)} cannot be read`, cause)
    }
    return options
}

/**
 * Copies an options object and reads each option once. An option that is `undefined` is absent. An
 * option that is `null` is absent if its kind takes `null`.
 *
 * @param subject The owner of the options, for the error text: `a Kibitzer`.
 * @param required The options that must be present.
 * @param ignored Names of options that are accepted and not read.
 * @throws KibitzError `invalid-argument`. The message names the option; for an unknown option, also
 * the most similar known option.
 */
export function readOptions<Options extends object>(
    subject: string,
    given: Options | null | undefined,
    table: OptionTable<Options>,
    required: readonly (keyof Options & string)[] = [],
    ignored: readonly string[] = []
): Options {
    const isThere = given !== undefined && given !== null
    if (isThere && typeof given !== 'object') {
        rejectOptions(subject, `pass an object, not ${describe(given)}`)
    }
    const options = isThere ? readAll(subject, given, table, ignored) : {}
    for (const name of required) {
        if (!(name in options)) {
            rejectOptions(subject, `${name} is missing; ${name} must be ${table[name].expected}`)
        }
    }
    return options as Options
}

/** Selects the options of one table from checked options. */
export function pickOptions<Options extends object>(
    options: object,
    table: OptionTable<Options>
): Options {
    const picked = Object.entries(options).filter(([name]) => Object.hasOwn(table, name))
    return Object.fromEntries(picked) as Options
}
