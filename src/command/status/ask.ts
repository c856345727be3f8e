import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { Certificates } from '../../transport/security/certificates.js'
import { isOverTls } from '../../transport/tls-address.js'

/** A member that does not answer within this time counts as silent, in milliseconds. */
const ANSWER_MS = 3_000

/** An answer is at most this long, in bytes. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024

/** The codes of an address that answers and ends the start of TLS. */
const TLS_FAULTS = /CERT|SSL|TLS|SIGNATURE|EPROTO|ECONNRESET|UND_ERR_SOCKET/

/** The reason for the silence of a member that demands a certificate. */
function needsCertificate(url: string, reason: string, isShown: boolean): string {
    const remedy = isShown ? 'pass another certificate' : 'pass a certificate of the republic'
    return `the address ${url} needs TLS (${reason}): ${remedy} by --ca, --cert and --key, or name `
        + 'the folder of the journal'
}

/** The fields of an answer. */
export type AnswerFields = Readonly<Record<string, unknown>>

/** The fields of an object; none if the value is no object. */
export function fieldsOf(value: unknown): AnswerFields {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? value as AnswerFields
        : {}
}

/** Reads a body; `null` if the body is longer than the limit. Then the rest stays unread. */
async function readWithin(
    body: AsyncIterable<Uint8Array> | null, bytesMax: number
): Promise<string | null> {
    const pieces: Uint8Array[] = []
    let size = 0
    for await (const piece of body ?? []) {
        size += piece.length
        if (size > bytesMax) {
            return null
        }
        pieces.push(piece)
    }
    return Buffer.concat(pieces).toString()
}

/** The answer of a server, whose body has not been read. */
interface Answer {
    readonly status: number
    readonly body: AsyncIterable<Uint8Array> | null
}

/** Asks a server over TLS. `fetch` shows no certificate. */
async function getOverTls(
    url: string, certificates: Certificates, signal: AbortSignal
): Promise<Answer> {
    const asking = request(url, { ...certificates.forClient(), agent: false, signal }).end()
    // After the response, an error reaches the reader of the body.
    asking.on('error', () => {})
    const [response] = await once(asking, 'response') as [IncomingMessage]
    return { status: response.statusCode ?? 0, body: response }
}

/** Asks for the health at an address. Never rejects. */
export async function ask(
    url: string | null, certificates: Certificates | null
): Promise<AnswerFields | string> {
    if (url === null) {
        return 'no address'
    }
    try {
        const signal = AbortSignal.timeout(ANSWER_MS)
        const response = certificates !== null && isOverTls(url)
            ? await getOverTls(url, certificates, signal)
            : await fetch(url, { signal })
        const text = await readWithin(response.body, ANSWER_BYTES_MAX)
        if (text === null) {
            return 'the answer is too long'
        }
        const health = fieldsOf(JSON.parse(text))
        return 'government' in health ? health : `status ${response.status} without a health`
    } catch (error) {
        const { name, cause, message } = error as Error
        const reason = String(fieldsOf(cause)['code'] ?? fieldsOf(error)['code'] ?? message)
        if ([name, fieldsOf(cause)['name']].includes('TimeoutError')) {
            return `no answer within ${ANSWER_MS} ms`
        }
        return isOverTls(url) && TLS_FAULTS.test(reason)
            ? needsCertificate(url, reason, certificates !== null)
            : reason
    }
}
