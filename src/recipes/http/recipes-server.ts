import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { aborted } from '../../base/abort-signal.js'
import { callSafely } from '../../base/callbacks.js'
import type { KibitzError } from '../../base/errors.js'
import type { Composition, PartsByName } from '../compose.js'
import { failure, failureOf } from './error-answers.js'
import { bodyOf } from './incoming-body.js'
import { routeOf, summaryOf } from './parts.js'
import { ok, type RecipeAnswer } from './recipe-call.js'
import { RemoteLeases } from './remote-leases.js'
import { type RecipesStatus, statusPage } from './status-page.js'

/** A request, for the decision whether the client may make the request. */
export interface RecipesAction {
    /** The name of the part; empty for the status. */
    readonly part: string
    /** The decoded segments of the path after the name of the part. */
    readonly path: readonly string[]
    /** Whether the request may change the state. */
    readonly isWrite: boolean
}

/** The options of the service, with defaults. */
export interface RecipesServerTerms {
    readonly authorize: (
        request: IncomingMessage, action: RecipesAction
    ) => boolean | Promise<boolean>
    readonly prefix: string
    readonly bodyMax: number
    readonly requestsMax: number
    readonly leasesMax: number
}

const WRITES = ['POST', 'PUT', 'DELETE']
const WITH_BODY = ['POST', 'PUT']

/** The headers of each answer. */
const HEADERS = {
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'x-content-type-options': 'nosniff'
}

/** The path of a url, without the prefix, as decoded segments; `null` for another path. */
function segmentsOf(path: string, prefix: string): readonly string[] | null {
    if (!path.startsWith(prefix)) {
        return null
    }
    try {
        return path.slice(prefix.length).split('/').slice(1).map(decodeURIComponent)
    } catch {
        return null
    }
}

function hasUnreadBody({ headers, readableEnded }: IncomingMessage): boolean {
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers
    return !readableEnded && (length !== '0' || encoding !== undefined)
}

/** Serves the recipes of a composition over HTTP. */
export class RecipesServer {
    readonly #composition: Composition<PartsByName>
    readonly #terms: RecipesServerTerms
    readonly #leases: RemoteLeases
    #requests = 0

    constructor(composition: Composition<PartsByName>, terms: RecipesServerTerms) {
        this.#composition = composition
        this.#terms = terms
        this.#leases = new RemoteLeases(terms.leasesMax)
    }

    /** Answers a request. Never rejects. */
    async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const leaving = new AbortController()
        let undo: () => void = () => {}
        response.once('close', () => {
            if (!response.writableFinished) {
                leaving.abort(aborted('The request', null))
                callSafely(undo)
            }
        })
        // The answer to a client that has left has no reader.
        response.on('error', () => {})
        this.#requests++
        const answer = await this.#answer(request, leaving.signal).catch(failureOf)
        this.#requests--
        undo = answer.undo ?? undo
        if (leaving.signal.aborted) {
            callSafely(undo)
            return
        }
        this.#send(request, response, answer)
    }

    async #answer(request: IncomingMessage, signal: AbortSignal): Promise<RecipeAnswer> {
        const { prefix, bodyMax, requestsMax } = this.#terms
        const [path = '', query = ''] = (request.url ?? '').split('?', 2)
        const segments = segmentsOf(path, prefix)
        const method = request.method === 'HEAD' ? 'GET' : request.method ?? 'GET'
        if (segments === null) {
            return failure(404, 'invalid-argument', 'This path is no path of the recipes. Nothing '
                + 'was done; correct the url.')
        }
        if (this.#requests > requestsMax) {
            return failure(503, 'overloaded', `This member answers ${requestsMax} requests (option `
                + 'requestsMax). Nothing was done; try again later, or ask another member.')
        }
        const [part = '', ...rest] = segments
        const refusal = await this.#rejectUnauthorized(request,
            { part, path: rest, isWrite: WRITES.includes(method) })
        if (refusal !== null) {
            return refusal
        }
        if (part === '' && method === 'GET') {
            return ok(this.#status())
        }
        const { parts } = this.#composition
        const route = Object.hasOwn(parts, part) ? routeOf(parts[part]) : null
        if (route === null) {
            return failure(404, 'invalid-argument', 'This name is no name of a recipe. Nothing was '
                + 'done; the path without a name shows all names.')
        }
        const type = request.headers['content-type'] ?? ''
        if (WITH_BODY.includes(method) && !/^application\/json\s*(?:;|$)/i.test(type)) {
            return failure(415, 'invalid-argument', `The request ${method} needs the header `
                + 'content-type: application/json. Nothing was done; send JSON.')
        }
        const body = WITH_BODY.includes(method) ? await bodyOf(request, bodyMax) : {}
        const call = {
            method, path: rest, query: new URLSearchParams(query), body, signal,
            leases: this.#leases
        }
        return await route(call) ?? failure(405, 'invalid-argument', `The recipe has no call `
            + `${method} with this path. Nothing was done; see the README of the recipes.`)
    }

    /** Refuses a client without permission, and every client while this member does not run. */
    async #rejectUnauthorized(request: IncomingMessage, action: RecipesAction):
        Promise<RecipeAnswer | null> {
        let isAllowed: boolean
        try {
            isAllowed = await this.#terms.authorize(request, action) === true
        } catch {
            return failure(500, 'refused', 'The check of the permission has failed. Nothing was '
                + 'done; the operator of the service finds the cause in the option authorize.')
        }
        if (!isAllowed) {
            return failure(403, 'refused', 'The service does not permit this request. Nothing was '
                + 'done; ask the operator of the service.')
        }
        const closed = this.#composition.colleague?.requests.closed
        return closed === undefined
            ? failure(503, 'unreachable', 'This member has not started. Nothing was done; try '
                + 'again later, or ask another member.')
            : closed.aborted ? failureOf(closed.reason as KibitzError) : null
    }

    #status(): RecipesStatus {
        const { colleague, parts } = this.#composition
        const status = colleague?.kibitzer.status()
        return {
            id: colleague?.kibitzer.id ?? '',
            role: status?.role ?? '',
            leader: status?.leader ?? null,
            parts: Object.fromEntries(
                Object.entries(parts).map(([name, part]) => [name, summaryOf(part)]))
        }
    }

    #send(
        request: IncomingMessage, response: ServerResponse, answer: RecipeAnswer
    ): void {
        const { status, body, retryAfter } = answer
        const isPage = 'parts' in body && /text\/html/.test(request.headers.accept ?? '')
        const text = isPage ? statusPage(body as RecipesStatus) : JSON.stringify(body)
        const headers: OutgoingHttpHeaders = {
            ...HEADERS,
            'content-type': isPage ? 'text/html; charset=utf-8' : 'application/json',
            'content-length': Buffer.byteLength(text),
            ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) }),
            // An unread body would be the begin of the next request.
            ...(hasUnreadBody(request) ? { connection: 'close' } : {})
        }
        response.writeHead(status, headers)
        response.end(text)
    }
}
