import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Peer, TurnedAway } from '../authenticated-peer.js'
import { RequestsInFlight } from '../call-limits.js'
import { openMessage, parseJson, wrap } from '../opaque.js'
import { Assembly } from '../parts.js'
import { parsedBodyOf, type ParsedRequest } from './parsed-body.js'
import { BYTES_TYPE, readBody } from './read-body.js'
import type { InboundBudget } from '../inbound-budget.js'
import type { KeyRing } from '../security/keys.js'
import { CHALLENGE, SignedCall } from './signature.js'
import type { Counting, RouteAnswer } from './route.js'

/** The settings of the handler of one path. */
export interface RequestHandlerTerms {
    readonly method: 'GET' | 'POST'
    readonly bytesMax: number
    /** Memory for incomplete bodies, shared by all connections of the listener. */
    readonly budget: InboundBudget
    /** The nonces of signed calls with incomplete bodies, shared like the budget. */
    readonly nonces: Set<string>
    /** Whether `host:port` is an address of this member. */
    readonly isOwn: (to: string, socket: Socket) => boolean
    /**
     * Whether the body names its addressee. If not, a signed call is valid only at the address that
     * the caller signed.
     */
    readonly isAddressed: boolean
    /** The limit of requests in flight on one connection. */
    readonly callsMax: number
    readonly keys: KeyRing | null
    /** The authenticated peer of a request; `undefined` without proof. */
    readonly peerOf: (request: IncomingMessage) => Peer | undefined
    /** Called when a connection has spoken as a member does. */
    readonly onProven: (socket: Socket) => void
    /** Answers a request, with the authenticated peer if there is one. */
    readonly answer: (body: unknown, peer: Peer | undefined) => Promise<RouteAnswer>
    /** Answers a GET without a signature, if keys protect the path. @default none */
    readonly answerUnsigned?: (() => RouteAnswer) | undefined
}

/** Why a request is refused: the HTTP status, and the code for the counters. */
class Refusal {
    readonly status: number
    /** `null` if the caller is not at fault. */
    readonly reason: TurnedAway | null

    constructor(status: number, reason: TurnedAway | null) {
        this.status = status
        this.reason = reason
    }
}

const JSON_TYPE = /^application\/json\s*(?:;|$)/i
const NOTHING = Buffer.alloc(0)

const OTHER_PATH = new Refusal(404, 'misdirected')
const OTHER_METHOD = new Refusal(405, 'misdirected')
const OTHER_TYPE = new Refusal(415, 'misdirected')
const NO_LENGTH = new Refusal(411, 'malformed')
const NO_JSON = new Refusal(400, 'malformed')
const TOO_LARGE = new Refusal(413, 'too-large')
const OTHER_MEMBER = new Refusal(421, 'misdirected')
const OTHER_BODY = new Refusal(401, 'bad-mac')
/** Unlike 413, this status does not invite smaller parts. */
const PARTS_TOO_LARGE = new Refusal(422, 'too-large')
const TOO_MANY = new Refusal(503, 'too-many')
const FAILED = new Refusal(500, null)

/** An accepted request. */
interface AcceptedRequest {
    readonly body: unknown
    /** The signature of the request; `null` without keys. */
    readonly signed: SignedCall | null
}

/**
 * The opaque form of an answer. Bytes stay as they are, because a filter finds no JSON values in
 * bytes.
 */
function wrapUnlessBytes(body: unknown): unknown {
    return body instanceof Uint8Array ? body : wrap(body)
}

/** The requests in flight of each connection, on all paths together. */
const inFlight = new RequestsInFlight<Socket>()

/** Refuses a request, perhaps with an unread body. The response contains only the status. */
function refuse(
    { status, reason }: Refusal,
    request: IncomingMessage,
    response: ServerResponse,
    { counting, allow }: { readonly counting: Counting; readonly allow: string }
): void {
    if (reason !== null) {
        counting.turnAway?.(reason, request.socket.remoteAddress ?? '')
    }
    const body = `${STATUS_CODES[status]}\n`
    response.writeHead(status, {
        // The rest of the body stays unread, so no other request can follow on this connection.
        connection: 'close',
        'content-type': 'text/plain',
        'content-length': body.length,
        ...(status === 401 ? { 'www-authenticate': CHALLENGE } : {}),
        ...(status === 405 ? { allow } : {})
    })
    response.end(body)
}

/** Writes an answer, signed if the request was signed. */
function write(
    response: ServerResponse,
    { status, body: content }: RouteAnswer,
    signed: SignedCall | null = null
): void {
    const isBytes = content instanceof Uint8Array
    const body = isBytes
        ? Buffer.from(content.buffer, content.byteOffset, content.length)
        : Buffer.from(JSON.stringify(content))
    const confirmation =
        signed === null ? {} : { 'authentication-info': signed.confirmation(status, body) }
    response.writeHead(status, {
        'content-type': isBytes ? BYTES_TYPE : 'application/json',
        'content-length': body.length,
        ...confirmation
    })
    response.end(body)
}

/** Refuses a request for an unknown path. */
export function refusePath(
    counting: Counting,
    request: IncomingMessage,
    response: ServerResponse
): void {
    refuse(OTHER_PATH, request, response, { counting, allow: '' })
}

/** Serves one path. Each request gets an answer or a refusal with an HTTP status. */
export class RequestHandler {
    readonly #counting: Counting
    readonly #terms: RequestHandlerTerms
    readonly #assembly: Assembly

    constructor(counting: Counting, terms: RequestHandlerTerms) {
        this.#counting = counting
        this.#terms = terms
        this.#assembly = new Assembly(terms.bytesMax)
    }

    /** Whether the path serves GET and HEAD. */
    get isReader(): boolean {
        return this.#terms.method === 'GET'
    }

    /** Serves one request. If the connection breaks, the response is destroyed. */
    async serve(request: ParsedRequest, response: ServerResponse): Promise<void> {
        const { socket } = request
        const hasRoom = inFlight.begin(socket, this.#terms.callsMax)
        try {
            const unsignedAnswer = hasRoom ? this.#answerUnsigned(request) : null
            if (unsignedAnswer !== null) {
                write(response, unsignedAnswer)
                return
            }
            const accepted = hasRoom ? await this.#accept(request) : TOO_MANY
            const refusal =
                accepted instanceof Refusal
                    ? accepted
                    : await this.#answer(accepted, request, response)
            if (refusal !== null) {
                const allow = this.isReader ? 'GET, HEAD' : 'POST'
                const about = { counting: this.#counting, allow }
                refuse(refusal, request, response, about)
            }
        } catch {
            response.destroy()
        } finally {
            inFlight.end(socket)
        }
    }

    #isMethod({ method }: ParsedRequest): boolean {
        return method === this.#terms.method || (this.isReader && method === 'HEAD')
    }

    /** The answer to an unsigned request; `null` if there is none. */
    #answerUnsigned(request: ParsedRequest): RouteAnswer | null {
        const { keys, answerUnsigned } = this.#terms
        const isOpen = keys !== null && request.headers.authorization === undefined
        return isOpen && this.#isMethod(request) ? (answerUnsigned?.() ?? null) : null
    }

    async #accept(request: ParsedRequest): Promise<AcceptedRequest | Refusal> {
        const { method } = this.#terms
        const signed = this.#checkSignature(request)
        if (signed instanceof Refusal) {
            return signed
        }
        if (!this.#isMethod(request)) {
            return OTHER_METHOD
        }
        if (method === 'POST' && !JSON_TYPE.test(request.headers['content-type'] ?? '')) {
            return OTHER_TYPE
        }
        const left = parsedBodyOf(request, signed !== null)
        if (left !== null && !Buffer.isBuffer(left)) {
            return { body: left.parsed, signed }
        }
        const bytes = left ?? (await this.#readBody(request, signed))
        if (bytes instanceof Refusal) {
            return bytes
        }
        if (signed?.covers(bytes) === false) {
            return OTHER_BODY
        }
        try {
            return { body: method === 'GET' ? undefined : parseJson(bytes), signed }
        } catch {
            return NO_JSON
        }
    }

    /**
     * Checks the signature in the head before any byte of the body is kept; `null` without keys.
     */
    #checkSignature(request: ParsedRequest): SignedCall | Refusal | null {
        const { keys, isAddressed, isOwn } = this.#terms
        if (keys === null) {
            return null
        }
        const { authorization, 'content-length': length = 0 } = request.headers
        const target = `${request.method} ${request.originalUrl ?? request.url ?? ''}`
        const call = SignedCall.read(keys, authorization, { target, length: Number(length) })
        if (typeof call === 'string') {
            return new Refusal(401, call)
        }
        return isAddressed || isOwn(call.to, request.socket) ? call : OTHER_MEMBER
    }

    /** Reads a body within the shared memory. */
    async #readBody(request: ParsedRequest, signed: SignedCall | null): Promise<Buffer | Refusal> {
        const { method, bytesMax, budget, nonces } = this.#terms
        const { 'content-length': announced } = request.headers
        if (method === 'GET') {
            return NOTHING
        }
        if (announced === undefined) {
            return NO_LENGTH
        }
        const length = Number(announced)
        const nonce = signed?.nonce ?? null
        if (length > bytesMax) {
            return TOO_LARGE
        }
        // A repeated head gets no memory while the repeated call has memory.
        if ((nonce !== null && nonces.has(nonce)) || !budget.take(length)) {
            return TOO_MANY
        }
        try {
            if (nonce !== null) {
                nonces.add(nonce)
            }
            return (await readBody(request, bytesMax)) ?? TOO_LARGE
        } finally {
            budget.release(length)
            if (nonce !== null) {
                nonces.delete(nonce)
            }
        }
    }

    async #answer(
        { body: message, signed }: AcceptedRequest,
        request: IncomingMessage,
        response: ServerResponse
    ): Promise<Refusal | null> {
        this.#terms.onProven(request.socket)
        const peer = this.#terms.peerOf(request)
        const opened = openMessage(message, this.#assembly, peer?.id ?? '')
        if (opened.form === 'broken' || opened.form === 'too-large') {
            return opened.form === 'broken' ? NO_JSON : PARTS_TOO_LARGE
        }
        const answer =
            opened.form === 'part'
                ? { status: 200, body: opened.value }
                : await this.#terms.answer(opened.value, peer).catch(() => null)
        if (answer === null) {
            return FAILED
        }
        const { status, afterwards } = answer
        const content = opened.form === 'opaque' ? wrapUnlessBytes(answer.body) : answer.body
        if (afterwards !== undefined) {
            response.once('close', afterwards)
        }
        write(response, { status, body: content }, signed)
        return null
    }
}
