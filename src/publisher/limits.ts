import { KibitzError, misuse } from '../base/errors.js'
import { copyAsJson, isLargerThan, jsonSize, LIST_MAX } from '../base/json-value.js'

/**
 * Copies and freezes a value that the user publishes.
 *
 * @param sizeMax The option `publishSize`, in bytes of JSON in UTF-8.
 * @throws KibitzError `invalid-argument` if JSON cannot represent the value; `too-large`.
 */
export function admitEntry(entry: unknown, sizeMax: number): unknown {
    if (entry === null || entry === undefined) {
        misuse('invalid-argument', 'A publish takes a value, not null. Nothing was published.')
    }
    const admitted = copyAsJson(entry)
    if (isLargerThan(admitted, sizeMax)) {
        misuse(
            'too-large',
            `A value of ${jsonSize(admitted)} bytes (JSON in UTF-8) was not published; the limit ` +
                `is ${sizeMax} (option publishSize). Publish a reference to the value, or parts.`
        )
    }
    return admitted
}

/**
 * Copies and freezes a list of values that the user publishes.
 *
 * @param sizeMax The option `publishSize`, for each value.
 * @throws KibitzError `invalid-argument` or `too-large`, for the list or for any value.
 */
export function admitEntries(entries: readonly unknown[], sizeMax: number): readonly unknown[] {
    const length = lengthOf(entries)
    if (!(length > 0)) {
        misuse(
            'invalid-argument',
            'A call of publishAll takes a list of one value or more. Nothing was published; pass ' +
                'such a list.'
        )
    }
    if (length > LIST_MAX) {
        misuse('too-large', `A list of ${length} values was not published; the limit is ` +
            `${LIST_MAX}. Publish the values in several calls.`)
    }
    // A list may have its own `map` method or holes, so only its length and its items are read.
    return Object.freeze(
        Array.from({ length }, (_, index) => admitEntry(itemOf(entries, index), sizeMax))
    )
}

/** The length of a list; 0 if the value is not a list. */
function lengthOf(list: unknown): number {
    try {
        return Array.isArray(list) ? list.length : 0
    } catch (cause) {
        return unreadable(cause)
    }
}

function itemOf(list: readonly unknown[], index: number): unknown {
    try {
        return list[index]
    } catch (cause) {
        return unreadable(cause)
    }
}

function unreadable(cause: unknown): never {
    throw new KibitzError('invalid-argument',
        'The list cannot be read. Nothing was published; pass plain data.', { cause })
}

/** The options that limit the waiting publishes. */
export interface PublishLimits {
    readonly publishes: number
    readonly publishesSize: number
}

/** An amount of publishes or of entries. */
export interface Amount {
    readonly entries: number
    /** About the number of bytes. */
    readonly size: number
}

/** The error of a publish that would exceed the limit of waiting publishes. */
export function tooManyWait(waiting: Amount, limits: PublishLimits): KibitzError {
    const { publishes, publishesSize } = limits
    return new KibitzError(
        'overloaded',
        `${waiting.entries} publishes of ${waiting.size} bytes wait already. The limit is ` +
            `${publishes} of ${publishesSize} bytes (options publishes, publishesSize). Nothing ` +
            'was published; wait for some of the publishes, then try again.'
    )
}

/** The error of a publish while a reader of the log, or the application, is too far behind. */
export function readersBehind(
    waiting: Amount,
    backlog: Amount,
    { publishes, publishesSize }: PublishLimits
): KibitzError {
    return new KibitzError(
        'overloaded',
        `${waiting.entries} publishes of ${waiting.size} bytes wait for the log, and ` +
            `${backlog.entries} entries of about ${backlog.size} bytes wait for a reader of ` +
            'the log or for the application, which is slower than the log. The limit is ' +
            `${publishes} of ${publishesSize} bytes (options publishes, publishesSize). ` +
            'Nothing was published. Wait until the application has caught up, then try again.'
    )
}
