import { KibitzError } from '../base/errors.js'

/** The reason after `destroy`. */
export function destroyed(): KibitzError {
    return new KibitzError(
        'destroyed',
        'The Colleague was destroyed. The log may or may not contain the publishes without a ' +
            'result: look into the log. Create another Colleague to continue.'
    )
}

/** The reason after the exile of the member. */
export function exiled(): KibitzError {
    return new KibitzError(
        'exiled',
        'The republic has exiled this member, because the member did not answer for too long. ' +
            'The state of this member no longer follows the log; the republic has lost no entry. ' +
            'Create a new Colleague and join.'
    )
}

/** The reason after an error that no part of the Colleague expects. */
export function unexpected(cause: Error): KibitzError {
    return new KibitzError(
        'application-failed',
        'The Colleague has stopped because of an unexpected error; see cause. The log has lost ' +
            'no entry. Restart the member.',
        { cause }
    )
}
