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
        'The republic has exiled this member: the member did not answer for too long, or no ' +
            'other member held the entries that it lacked. The state of this member no longer ' +
            'follows the log; the republic has lost no entry. ' +
            'Start again: start joins with an empty journal. With join, clear the journal, and ' +
            'create a new Colleague.'
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

/** The error of a founding at whose addresses a member of a republic answers. */
export function alreadyFounded(id: string, republic: string): KibitzError {
    return new KibitzError(
        'refused',
        `${id} answers as a member of the republic ${republic} of this island. Nothing was ` +
            'founded; call join, or start.'
    )
}

/** The error of a call of a Colleague that has not started. */
export function notStarted(call: string): KibitzError {
    return new KibitzError(
        'invalid-argument',
        `${call} was called before start, so this Colleague belongs to no republic. Nothing was ` +
            'published; first await colleague.start({ port, through, founders }), or listen and ' +
            'then join.'
    )
}
