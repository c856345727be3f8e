import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { collect, parse } from './bytes.js'

/** A request of whatever framework: a parser before the route may have left a body. */
export interface RouteRequest extends IncomingMessage {
    readonly body?: unknown
}

/** Why a request is not taken, in the words of HTTP. */
type Refusal = 400 | 404 | 405 | 413 | 415 | 500

/** What a route says: a status of HTTP, and a body that goes as JSON. */
export interface RouteAnswer {
    readonly status: number
    readonly body: unknown
    /** What is done once the answer has left, or its asker has. */
    readonly afterwards?: () => void
}

/** One path of a listener. */
export interface Route {
    /** How it is asked. A GET brings no body. @default 'POST' */
    readonly method?: 'GET' | 'POST'
    /** Answers whatever was asked; where it rejects, the answer is 500 and says nothing. */
    answer(body: unknown): Promise<RouteAnswer>
}

type Arrival =
    | { readonly ok: true; readonly envelope: unknown }
    | { readonly ok: false; readonly refusal: Refusal }

const JSON_TYPE = /^application\/json\s*(?:;|$)/i

/** Refuses a request, of which something may be left unread. */
export function refuse(
    response: ServerResponse,
    refusal: Refusal,
    allow: Route['method'] = 'POST'
): void {
    const body = `${STATUS_CODES[refusal]}\n`
    response.writeHead(refusal, {
        // What is left is not worth reading, and nothing can follow what was not read.
        connection: 'close',
        'content-type': 'text/plain',
        'content-length': body.length,
        ...(refusal === 405 ? { allow } : {})
    })
    response.end(body)
}

async function arrive(
    request: RouteRequest,
    method: Route['method'],
    bytesMax: number
): Promise<Arrival> {
    if (request.method !== method) {
        return { ok: false, refusal: 405 }
    }
    if (method === 'GET') {
        return { ok: true, envelope: undefined }
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
    route: Route,
    request: RouteRequest,
    response: ServerResponse,
    bytesMax: number
): Promise<void> {
    const { method = 'POST' } = route
    const arrival = await arrive(request, method, bytesMax)
    if (!arrival.ok) {
        refuse(response, arrival.refusal, method)
        return
    }
    const answer = await route.answer(arrival.envelope).catch(() => null)
    if (answer === null) {
        refuse(response, 500)
        return
    }
    const body = Buffer.from(JSON.stringify(answer.body))
    const { afterwards } = answer
    if (afterwards !== undefined) {
        response.once('close', afterwards)
    }
    response.writeHead(answer.status, {
        'content-type': 'application/json',
        'content-length': body.length
    })
    response.end(body)
}
