import { randomBytes } from 'node:crypto'
import { type Agent, type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { KibitzError } from '../../base/errors.js'
import type { Properties } from '../../paxos/messages/messages.js'
import type { TurnedAway } from '../authenticated-peer.js'
import { authorityOf, urlOf } from '../address.js'
import { encodeOpaque, opaqueSize, open, parseJson, spellOpaque } from '../opaque.js'
import { Assembly, spellPart } from '../parts.js'
import { refusal } from '../refusals.js'
import { BYTES_TYPE, collect } from './read-body.js'
import { peerOf, reasonOf } from '../security/certificates.js'
import { type AgentTerms, makeAgent, noteAddress } from './client-agent.js'
import type { KeyRing } from '../security/keys.js'
import { SignedCall } from './signature.js'
import { PartSizes } from './part-sizes.js'
import type { Send } from '../connect.js'

const JSON_TYPE = /^application\/json\b/i

/** What a response says, whatever its status. */
export interface Exchange {
    readonly status: number
    readonly value: unknown
}

/** What a client over HTTP is told. */
export interface HttpClientTerms extends AgentTerms {
    readonly bytesMax: number
    readonly keys: KeyRing | null
    /** Tells that an answer, or who would have given it, was turned away, and where it is. */
    readonly failed: (reason: TurnedAway, from: string) => void
}

/** Posts bytes of a message: all of them, or a part. */
type Ask = (bytes: Buffer, part?: string) => Promise<Exchange>

/** Opens an answer of JSON, in whichever form it came. */
function openAnswer(bytes: Buffer): { readonly isOpaque: boolean; readonly value: unknown } {
    // Some frameworks send nothing for null.
    const opened = open(bytes.length === 0 ? null : parseJson(bytes), NO_PARTS, '')
    if (opened.form === 'broken' || opened.form === 'too-large') {
        throw unreachable('The answer is broken.')
    }
    return { isOpaque: opened.form === 'opaque', value: opened.value }
}

function unreachable(what: string): KibitzError {
    return new KibitzError('unreachable', what)
}

/** Opens answers, none of which comes in parts. */
const NO_PARTS = new Assembly(0)

/** Whether an answer only acknowledges a part of a message. */
function isAcknowledgement({ status, value }: Exchange): boolean {
    return status === 200 && typeof value === 'object' && value !== null && 'part' in value
}

/** Above this size, a connection that breaks off during a request may mean a refusal. */
const LARGE = 64 * 1024

/**
 * Whether a route has refused a request for its size. Some servers hang up in the middle of a body
 * that is too large, and the response is lost.
 */
function isTooLarge(error: unknown, bytes: number): boolean {
    const { status, code } = error as { readonly status?: unknown; readonly code?: unknown }
    return status === 413 || (bytes > LARGE && (code === 'EPIPE' || code === 'ECONNRESET'))
}

/**
 * Posts messages in their opaque form over sockets that are kept. Follows no redirect, asks no
 * proxy. If a route refuses a message for its size, the message goes in parts.
 */
export class HttpClient {
    readonly #terms: HttpClientTerms
    readonly #partSizes = new PartSizes()
    readonly #closed = new AbortController()
    readonly #unwatch: () => void
    #agent: Agent

    constructor(terms: HttpClientTerms) {
        this.#terms = terms
        this.#agent = makeAgent(this.#terms)
        this.#unwatch = terms.certificates?.watch(() => this.#renew()) ?? (() => {})
    }

    /** Posts an envelope to the `url` in the properties; resolves with what is answered. */
    readonly send: Send = async (to, envelope, signal) => {
        const meant = envelope.method === 'receive' ? envelope.body.to.id : null
        const { status, value } = await this.exchange(to, envelope, signal, meant)
        if (status !== 200) {
            throw refusal(status)
        }
        return value
    }

    /**
     * Posts a value to the `url` in the properties, and resolves with the response, read whole.
     *
     * @param meant Who alone may answer, where certificates tell; anybody where it is `null`.
     */
    async exchange(
        to: Properties,
        value: unknown,
        signal: AbortSignal,
        meant: string | null = null
    ): Promise<Exchange> {
        this.#closed.signal.throwIfAborted()
        const { bytesMax, certificates } = this.#terms
        // Where certificates are asked for, nothing goes where nobody shows one.
        const url = urlOf(to, [certificates === null ? 'http:' : 'https:'])
        const message = Buffer.from(JSON.stringify(value))
        const size = opaqueSize(message.length)
        if (size > bytesMax) {
            throw new KibitzError('too-large', `A call of ${size} bytes was not sent.`)
        }
        const ask: Ask = (bytes, part) => {
            const kibitz = encodeOpaque(bytes)
            const opaque = part === undefined ? { kibitz } : { kibitz, part }
            return this.#ask(url, Buffer.from(spellOpaque(opaque)), signal, meant)
        }
        for (;;) {
            const partSize = this.#partSizes.of(url.href, performance.now())
            const isWhole = partSize === null || message.length <= partSize
            try {
                return await (isWhole ? ask(message) : this.#askInParts(message, partSize, ask))
            } catch (error) {
                const sent = isWhole ? message.length : partSize
                const isShrunk =
                    isTooLarge(error, sent) &&
                    this.#partSizes.shrink(url.href, sent, performance.now())
                if (!isShrunk) {
                    throw error
                }
                this.#closed.signal.throwIfAborted()
                signal.throwIfAborted()
            }
        }
    }

    /** Sends one part, to learn whether parts of this size are taken, and then all others. */
    async #askInParts(message: Buffer, partSize: number, ask: Ask): Promise<Exchange> {
        const name = randomBytes(12).toString('base64url')
        const count = Math.ceil(message.length / partSize)
        const askPart = async (index: number): Promise<Exchange> => {
            const part = { message: name, index, count, size: message.length }
            const bytes = message.subarray(index * partSize, (index + 1) * partSize)
            return await ask(bytes, spellPart(part))
        }
        let answer: Exchange | null = null
        const askFrom = async (from: number, step: number): Promise<void> => {
            for (let index = from; index < count; index += step) {
                const exchange = await askPart(index)
                answer = isAcknowledgement(exchange) ? answer : exchange
            }
        }
        const { socketsMax } = this.#terms
        await askFrom(0, count)
        const senders = Array.from({ length: socketsMax }, (_, at) => askFrom(at + 1, socketsMax))
        await Promise.all(senders)
        if (answer === null) {
            throw unreachable('The addressee has not put the parts of a message together.')
        }
        return answer
    }

    /** Posts a body, and reads the response. */
    async #ask(
        url: URL,
        body: Buffer,
        signal: AbortSignal,
        meant: string | null
    ): Promise<Exchange> {
        const { bytesMax, keys, certificates, failed } = this.#terms
        const signed = keys === null ? null : SignedCall.begin(keys, authorityOf(url), body)
        const response = await this.#head(url, body, signed, signal)
        const status = response.statusCode ?? 0
        const isMeant =
            certificates === null || meant === null || peerOf(response.socket)?.id === meant
        const { 'content-type': type = '', 'authentication-info': confirmation } = response.headers
        // Under keys, an answer that carries no code is none of a member: a proxy has refused.
        const isSigned = signed === null || confirmation !== undefined
        const isGood = isMeant && (status === 200 || (JSON_TYPE.test(type) && isSigned))
        if (!isGood) {
            response.destroy()
            throw isMeant ? refusal(status) : unreachable('Another member is at the address.')
        }
        const bytes = await collect(response, bytesMax)
        if (bytes === null) {
            response.destroy()
            throw unreachable(`The answer takes more than ${bytesMax} bytes.`)
        }
        if (signed?.verifiesAnswer(status, bytes, confirmation) === false) {
            failed('bad-mac', url.host)
            throw unreachable('The answer is not of who has the key.')
        }
        if (type === BYTES_TYPE) {
            return { status, value: bytes }
        }
        const { isOpaque, value } = openAnswer(bytes)
        if (status === 413 && !isOpaque) {
            // A framework has refused the size. A member answers in the form of the question.
            throw refusal(status)
        }
        return { status, value }
    }

    /** Closes the sockets; calls under way reject, and so do later ones. */
    close(): void {
        this.#closed.abort(unreachable('The client is closed.'))
        this.#unwatch()
        this.#agent.destroy()
    }

    /** Sends a request and waits for the head of the response. */
    #head(
        url: URL,
        body: Buffer,
        signed: SignedCall | null,
        signal: AbortSignal
    ): Promise<IncomingMessage> {
        const target = `POST ${url.pathname}${url.search}`
        const headers = {
            'content-type': 'application/json',
            'content-length': body.length,
            ...(signed === null
                ? {}
                : { authorization: signed.credentials({ target, length: body.length }) })
        }
        const options = { method: 'POST', agent: this.#agent, headers, signal }
        return new Promise((resolve, reject) => {
            let hasAnswered = false
            const answered = (response: IncomingMessage): void => {
                hasAnswered = true
                resolve(response)
            }
            const make = url.protocol === 'https:' ? httpsRequest : httpRequest
            const request = make(url, options, answered)
            noteAddress(request, url.hostname, this.#terms.names)
            request.on('error', (error) => {
                const reason =
                    request.socket === null ? null : reasonOf(error, request.socket)
                if (reason !== null) {
                    this.#terms.failed(reason, url.host)
                }
                reject(error)
            })
            request.on('close', () => {
                if (!hasAnswered) {
                    reject(unreachable('The connection was closed.'))
                }
            })
            request.end(body)
        })
    }

    /** What is under way ends as it began; its sockets are not kept. */
    #renew(): void {
        const old = this.#agent
        this.#agent = makeAgent(this.#terms)
        old.maxFreeSockets = 0
        for (const socket of Object.values(old.freeSockets).flatMap((sockets) => sockets ?? [])) {
            socket.destroy()
        }
    }
}
