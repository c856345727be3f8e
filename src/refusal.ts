import { KibitzError } from './error.js'

/**
 * In place of an answer: the addressee, or a proxy on the way, has refused the call. A call that
 * was lost may succeed at the next try. A call that was refused mostly is refused again.
 */
export class Refused {
    /** A status of HTTP such as `413`, or `too-large` if the transport itself has refused. */
    readonly status: string

    constructor(status: string) {
        this.status = status
    }
}

/** The error of a call that was refused with a status of HTTP. */
export function refusal(status: number): KibitzError {
    const error = new KibitzError('unreachable', `The call was refused with status ${status}.`)
    return Object.assign(error, { status })
}

/**
 * Tells a refusal from a loss by the error of a transport: a refusal has a `status`, as the errors
 * of most clients of HTTP have, or the code `too-large`.
 *
 * @returns `null` if the call was lost.
 */
export function refusedOf(error: unknown): Refused | null {
    try {
        if (typeof error !== 'object' || error === null) {
            return null
        }
        const { code, status } = error as { readonly code?: unknown; readonly status?: unknown }
        if (code === 'too-large') {
            return new Refused('too-large')
        }
        const isStatus = Number.isInteger(status) && Number(status) > 99 && Number(status) < 1000
        return isStatus ? new Refused(String(status)) : null
    } catch {
        // The error of a transport may throw from a getter.
        return null
    }
}
