import { KibitzError } from '../base/errors.js'

/** The scheme over TLS of each scheme without TLS. */
const OVER_TLS: Readonly<Record<string, string>> = { 'http:': 'https:', 'tcp:': 'tls:' }

/** Whether a value is an address over TLS: a text that begins with `https:` or `tls:`. */
export function isOverTls(address: unknown): address is string {
    return typeof address === 'string' && /^(?:https|tls):\/\//i.test(address)
}

/** The reason why a member without TLS cannot use an address over TLS, and what to do. */
function lackOfTls(address: string): string {
    const plain = address.replace(/^https:/i, 'http:').replace(/^tls:/i, 'tcp:')
    return (
        `The address ${address} needs TLS, but this member has no option tls: give ` +
        `tls: { key, cert, ca }, or write ${plain}.`
    )
}

/**
 * Refuses an address over TLS if the member has no TLS: a call could only fail.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function rejectOverTls(address: unknown): void {
    if (isOverTls(address)) {
        const what = `${lackOfTls(address)} Nothing was started; correct the call.`
        throw new KibitzError('invalid-argument', what)
    }
}

/** The error of a call to an address over TLS by a member without TLS. */
export class NeedsTls extends KibitzError {
    constructor(address: string) {
        super('unreachable', `${lackOfTls(address)} The call was not sent, and nothing was lost.`)
    }
}

/** Whether the scheme of an address is a scheme without TLS, plus TLS: `http:` and `https:`. */
export function isSameOverTls(address: unknown, scheme: string): address is string {
    return isOverTls(address) && address.toLowerCase().startsWith(`${OVER_TLS[scheme]}//`)
}
