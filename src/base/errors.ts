/** The error codes of kibitz. The set is closed. */
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
    | 'timed-out'
    | 'too-large'
    | 'too-stale'
    | 'trimmed'
    | 'undeliverable'
    | 'unreachable'
    | 'unsupported'

/**
 * The only error class of kibitz. Programs read `code`, people read `message`, and `cause` holds
 * the original error if there is one.
 */
export class KibitzError extends Error {
    override readonly name: string = 'KibitzError'
    /** The kind of the error. */
    readonly code: KibitzErrorCode

    /** @param message States what happened, whether anything was lost, and what to do. */
    constructor(code: KibitzErrorCode, message: string, options?: ErrorOptions) {
        super(message, options)
        this.code = code
    }
}

/**
 * Rejects an argument of a call. The call has not changed anything yet.
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

/** Throws an error for a mistake of the calling program. */
export function misuse(code: KibitzErrorCode, what: string): never {
    throw new KibitzError(code, what)
}
