import { KibitzError } from '../base/errors.js'
import type { Application } from './application.js'
import { isPending } from './application-calls.js'
import { messageOf } from './discovery.js'

function refuse(which: string, reason: string, cause?: unknown): never {
    throw new KibitzError(
        'invalid-argument',
        `The application refuses ${which}: ${reason}. Nothing was published; correct the value.`,
        cause === undefined ? {} : { cause }
    )
}

function validateOne(
    application: Pick<Application, 'validate'>, body: unknown, which: string
): void {
    let verdict: unknown
    try {
        verdict = application.validate?.(body)
    } catch (cause) {
        refuse(which, messageOf(cause), cause)
    }
    if (isPending(verdict)) {
        Promise.resolve(verdict).catch(() => {})
        refuse(which, 'validate returned a promise, but must decide at once')
    }
    if (verdict === false) {
        refuse(which, 'validate returned false')
    }
}

/**
 * Asks `validate` of the application about values, before any of them is published.
 *
 * @throws KibitzError `invalid-argument`, with the error of the application as its cause.
 */
export function validate(
    application: Pick<Application, 'validate'>,
    bodies: readonly unknown[]
): void {
    for (const [index, body] of bodies.entries()) {
        validateOne(application, body, bodies.length === 1 ? 'the value' : `values[${index}]`)
    }
}
