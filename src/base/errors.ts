/** Everything that can go wrong at kibitz's doors, as a closed set. */
export type KibitzErrorCode =
    | 'aborted'
    | 'address-in-use'
    | 'alone'
    | 'already-member'
    | 'application-failed'
    | 'destroyed'
    | 'exiled'
    | 'ineligible'
    | 'invalid-argument'
    | 'journal-damaged'
    | 'journal-failed'
    | 'journal-foreign'
    | 'journal-locked'
    | 'journal-version'
    | 'not-ceded'
    | 'not-leader'
    | 'overloaded'
    | 'refused'
    | 'stateless'
    | 'too-large'
    | 'trimmed'
    | 'undeliverable'
    | 'unreachable'
    | 'unsupported'

/** The one error class: `code` for programs, `message` for people, `cause` where there is one. */
export class KibitzError extends Error {
    override readonly name: string = 'KibitzError'
    /** What kind of thing went wrong. */
    readonly code: KibitzErrorCode

    /** The message says what happened, whether anything was lost, and what to do. */
    constructor(code: KibitzErrorCode, message: string, options?: ErrorOptions) {
        super(message, options)
        this.code = code
    }
}

/**
 * Refuses an argument of a call, before the call has changed anything.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function rejectArgument(what: string, cause?: unknown): never {
    throw new KibitzError(
        'invalid-argument',
        `${what} Nothing was done; correct the call.`,
        cause === undefined ? {} : { cause }
    )
}
