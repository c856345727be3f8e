import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { collect, parse } from './bytes.js'

/** A request of whatever framework: a parser before the route may have left a body. */
export interface RouteRequest extends IncomingMessage {
    readonly body?: unknown
}

/** Why a request is not taken, in the words of HTTP. */
type Refusal = 400 | 404 | 405 | 413 | 415

type Arrival =
    | { readonly ok: true; readonly envelope: unknown }
    | { readonly ok: false; readonly refusal: Refusal }

const JSON_TYPE = /^application\/json\s*(?:;|$)/i

/** Refuses a request, of which something may be left unread. */
export function refuse(response: ServerResponse, refusal: Refusal): void {
    const body = `${STATUS_CODES[refusal]}\n`
    response.writeHead(refusal, {
        // What is left is not worth reading, and nothing can follow what was not read.
        connection: 'close',
        'content-type': 'text/plain',
        'content-length': body.length,
        ...(refusal === 405 ? { allow: 'POST' } : {})
    })
    response.end(body)
}

async function arrive(request: RouteRequest, bytesMax: number): Promise<Arrival> {
    if (request.method !== 'POST') {
        return { ok: false, refusal: 405 }
    }
    if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) {
        return { ok: false, refusal: 415 }
    }
    if (request.body !== undefined) {
        return { ok: true, envelope: request.body }
    }
    const bytes = await collect(request, bytesMax)
    if (bytes === null) {
        return { ok: false, refusal: 413 }
    }
    try {
        return { ok: true, envelope: parse(bytes) }
    } catch {
        return { ok: false, refusal: 400 }
    }
}

/** Serves one request. Rejects where it broke off, and then nobody is left to be answered. */
export async function serve(
    answer: (envelope: unknown) => Promise<unknown>,
    request: RouteRequest,
    response: ServerResponse,
    bytesMax: number
): Promise<void> {
    const arrival = await arrive(request, bytesMax)
    if (!arrival.ok) {
        refuse(response, arrival.refusal)
        return
    }
    const body = Buffer.from(JSON.stringify(await answer(arrival.envelope)))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
}
