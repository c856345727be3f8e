import { KibitzError, type KibitzErrorCode } from '../../base/errors.js'
import type { RecipeAnswer } from './recipe-call.js'

/** The HTTP status of each error code. */
const STATUS_BY_CODE: Readonly<Record<KibitzErrorCode, number>> = {
    'aborted': 503,
    'address-in-use': 500,
    'alone': 503,
    'already-member': 500,
    'application-failed': 500,
    'destroyed': 503,
    'exiled': 503,
    'ineligible': 503,
    'invalid-argument': 400,
    'journal-damaged': 500,
    'journal-failed': 500,
    'journal-foreign': 500,
    'journal-locked': 500,
    'journal-version': 500,
    'not-ceded': 503,
    'not-leader': 503,
    'overloaded': 503,
    'refused': 409,
    'stateless': 503,
    'timed-out': 504,
    'too-large': 413,
    'too-stale': 503,
    'trimmed': 410,
    'undeliverable': 503,
    'unreachable': 503,
    'unsupported': 501
}

/** The pause before another attempt after a status of 503, in seconds. */
const RETRY_AFTER = 1

/** An answer with an error. */
export function failure(status: number, code: KibitzErrorCode, message: string): RecipeAnswer {
    const body = { error: { code, message } }
    return status === 503 ? { status, body, retryAfter: RETRY_AFTER } : { status, body }
}

/** The answer after an exception. The text of a foreign error stays in this process. */
export function failureOf(error: unknown): RecipeAnswer {
    return error instanceof KibitzError
        ? failure(STATUS_BY_CODE[error.code], error.code, error.message)
        : failure(500, 'application-failed',
            'The service has failed. A write may have taken effect; read the state.')
}
