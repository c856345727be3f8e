import { KibitzError } from './errors.js'

/** What an option may be. */
export interface OptionKind {
    /** What a usable value is, in the words of the error: `a whole number from 1 to 8`. */
    readonly expected: string
    /** Whether a value is usable. A value that throws here is not. */
    readonly fits: (value: unknown) => boolean
    /** Whether `null` means that the option is absent, as `undefined` always does. */
    readonly takesNull?: boolean
}

/** Every option of an options object. The compiler refuses a table that lacks an option. */
export type OptionTable<Options> = { readonly [Name in keyof Required<Options>]: OptionKind }

/** The longest time that a timer of Node takes, in milliseconds: about 24.8 days. */
export const DURATION_MS_MAX: number = 2 ** 31 - 1

/** A whole number within bounds. */
export function count(max: number, min: number = 1): OptionKind {
    return {
        expected: `a whole number from ${min} to ${max}`,
        fits: (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
    }
}

/** A time in milliseconds, no longer than a timer takes. */
export const milliseconds: OptionKind = {
    ...count(DURATION_MS_MAX),
    expected: `a whole number of milliseconds from 1 to ${DURATION_MS_MAX}`
}

/** A port, or 0 for any free port. */
export const port: OptionKind = count(65_535, 0)

/** True or false. */
export const flag: OptionKind = {
    expected: 'true or false',
    fits: (value) => typeof value === 'boolean'
}

/** A text of at least one character. */
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

/** An object or a function with methods of these names. */
export function having(expected: string, ...methods: readonly string[]): OptionKind {
    return {
        expected,
        fits: (value) => isHolder(value)
            && methods.every((method) => typeof Reflect.get(value, method) === 'function'),
        takesNull: true
    }
}

/** A value that a predicate accepts; `null` means that there is none. */
export function fitting(expected: string, fits: (value: unknown) => boolean): OptionKind {
    return { expected, fits, takesNull: true }
}

function isHolder(value: unknown): value is object {
    return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/**
 * An AbortSignal, of this realm or of another. An AbortController is none, though its users often
 * pass the controller by mistake.
 */
export const abortSignal: OptionKind = fitting(
    'an AbortSignal, such as controller.signal',
    (value) => isHolder(value)
        && typeof Reflect.get(value, 'aborted') === 'boolean'
        && typeof Reflect.get(value, 'addEventListener') === 'function'
        && typeof Reflect.get(value, 'removeEventListener') === 'function'
)

/** The kind of a value in words. A text is not shown: the text may be a secret. */
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

/** How many letters differ between two names, in the sense of Levenshtein. */
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

/** How unlike two names are. A name that contains the other differs only by its rest. */
function unlikeness(given: string, known: string): number {
    const [left, right] = [given.toLowerCase().slice(0, 64), known.toLowerCase()]
    const isPart = left.length > 2 && (left.includes(right) || right.includes(left))
    return isPart ? Math.abs(left.length - right.length) / 2 : distance(left, right)
}

/** The known name that is most like a given one. */
function closest(given: string, known: readonly string[]): string {
    const ranked = known.map((name) => ({ name, rank: unlikeness(given, name) }))
    return ranked.reduce((best, next) => (next.rank < best.rank ? next : best)).name
}

/** Refuses an options object. */
export function rejectOptions(subject: string, what: string, cause?: unknown): never {
    throw new KibitzError(
        'invalid-argument',
        `The options of ${subject} are not usable: ${what}. Nothing was done; correct them.`,
        cause === undefined ? {} : { cause }
    )
}

/** What is wrong with the value of an option, or `null`. */
function fault({ expected, fits, takesNull }: OptionKind, value: unknown): string | null {
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
            const what = fault(kind as OptionKind, value)
            if (what !== null) {
                rejectOptions(subject, `${name} ${what}`)
            }
            if (value !== undefined && value !== null) {
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
 * Reads an options object, once, into an object that only this library holds. An option that is
 * `undefined` is absent; so is an option that is `null`, if its kind takes `null`.
 *
 * @param subject What the options are of, for the error: `a Kibitzer`.
 * @param required The options without which there is nothing to do.
 * @param ignored Options that mean nothing here, and are no mistake either.
 * @throws KibitzError `invalid-argument` that names the option, or the closest known option.
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

/** Those of checked options that a table knows: for a part that takes only some of them. */
export function pickOptions<Options extends object>(
    options: object,
    table: OptionTable<Options>
): Options {
    const picked = Object.entries(options).filter(([name]) => Object.hasOwn(table, name))
    return Object.fromEntries(picked) as Options
}
