import { type Agent, type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { onAbort } from '../../base/abort-signal.js'
import { KibitzError } from '../../base/errors.js'
import type { Properties } from '../../paxos/messages/messages.js'
import type { TurnedAway } from '../authenticated-peer.js'
import { authorityOf, urlOf } from '../address.js'
import { encodeOpaque, opaqueSize, openMessage, parseJson, spellOpaque } from '../opaque.js'
import { Assembly } from '../parts.js'
import { refusal } from '../refusals.js'
import { BYTES_TYPE, readBody } from './read-body.js'
import { peerOf, reasonOf } from '../security/certificates.js'
import { type AgentTerms, makeAgent, recordAddress } from './client-agent.js'
import type { KeyRing } from '../security/keys.js'
import { SignedCall } from './signature.js'
import { type Exchange, type PostBytes, SizedPosts } from './sized-posts.js'
import type { Send } from '../connect.js'

const JSON_TYPE = /^application\/json\b/i

/** The settings of a client over HTTP. */
export interface HttpClientTerms extends AgentTerms {
    readonly bytesMax: number
    readonly keys: KeyRing | null
    /** Called if an answer or its sender is turned away, with the reason and the `host:port`. */
    readonly onTurnedAway: (reason: TurnedAway, from: string) => void
}

/** Opens an answer in JSON of either form. */
function openAnswer(bytes: Buffer): { readonly isOpaque: boolean; readonly value: unknown } {
    // Some frameworks send an empty body for `null`.
    const opened = openMessage(bytes.length === 0 ? null : parseJson(bytes), NO_PARTS, '')
    if (opened.form === 'broken' || opened.form === 'too-large') {
        throw unreachable('The answer cannot be decoded.')
    }
    return { isOpaque: opened.form === 'opaque', value: opened.value }
}

function unreachable(what: string): KibitzError {
    return new KibitzError('unreachable', what)
}

/** Answers never come in parts. */
const NO_PARTS = new Assembly(0)

/**
 * Posts messages in the opaque form over kept sockets. Follows no redirect and uses no proxy. If a
 * route refuses a message for its size, the client sends the message in parts.
 */
export class HttpClient {
    readonly #terms: HttpClientTerms
    readonly #posts: SizedPosts
    readonly #closed = new AbortController()
    readonly #unwatch: () => void
    #agent: Agent

    constructor(terms: HttpClientTerms) {
        this.#terms = terms
        this.#posts = new SizedPosts(terms.socketsMax)
        this.#agent = makeAgent(this.#terms)
        this.#unwatch = terms.certificates?.watch(() => this.#renew()) ?? (() => {})
    }

    /** Posts an envelope to the `url` in the properties, and resolves with the answer. */
    readonly send: Send = async (to, envelope, signal) => {
        const meant = envelope.method === 'receive' ? envelope.body.to.id : null
        const { status, value } = await this.exchange(to, envelope, signal, meant)
        if (status !== 200) {
            throw refusal(status)
        }
        return value
    }

    /**
     * Posts a value to the `url` in the properties, and resolves with the complete response.
     *
     * @param to The properties of the addressee.
     * @param meant With certificates, the id of the only member whose answer counts; `null` accepts
     * the answer of any member.
     */
    async exchange(
        to: Properties,
        value: unknown,
        signal: AbortSignal,
        meant: string | null = null
    ): Promise<Exchange> {
        this.#closed.signal.throwIfAborted()
        const { bytesMax, certificates } = this.#terms
        // With certificates, a call never goes to a server without a certificate.
        const url = urlOf(to, certificates === null ? 'http:' : 'https:')
        const message = Buffer.from(JSON.stringify(value))
        const size = opaqueSize(message.length)
        if (size > bytesMax) {
            const what = `A call of ${size} bytes exceeds bytesMax. The call was not sent.`
            throw new KibitzError('too-large', what)
        }
        const post: PostBytes = (bytes, part) => {
            this.#closed.signal.throwIfAborted()
            const kibitz = encodeOpaque(bytes)
            const opaque = part === undefined ? { kibitz } : { kibitz, part }
            return this.#post(url, Buffer.from(spellOpaque(opaque)), signal, meant)
        }
        return await this.#posts.send(url.href, message, post, signal)
    }

    /** Posts a body and reads the response. */
    async #post(
        url: URL,
        body: Buffer,
        signal: AbortSignal,
        meant: string | null
    ): Promise<Exchange> {
        const { bytesMax, keys, certificates, onTurnedAway } = this.#terms
        const signed = keys === null ? null : SignedCall.begin(keys, authorityOf(url), body)
        const response = await this.#requestHead(url, body, signed, signal)
        const status = response.statusCode ?? 0
        const isMeant =
            certificates === null || meant === null || peerOf(response.socket)?.id === meant
        const { 'content-type': type = '', 'authentication-info': confirmation } = response.headers
        // With keys, an unsigned refusal comes from a proxy, not from a member.
        const isSigned = signed === null || confirmation !== undefined
        const isTrusted = isMeant && (status === 200 || (JSON_TYPE.test(type) && isSigned))
        if (!isTrusted) {
            response.destroy()
            throw isMeant ? refusal(status) : unreachable('Another member answers at this address.')
        }
        const bytes = await readBody(response, bytesMax)
        if (bytes === null) {
            response.destroy()
            throw unreachable(`The answer takes more than ${bytesMax} bytes.`)
        }
        if (signed?.verifiesAnswer(status, bytes, confirmation) === false) {
            onTurnedAway('bad-mac', url.host)
            throw unreachable('The code of the answer does not fit the key.')
        }
        if (type === BYTES_TYPE) {
            return { status, value: bytes }
        }
        const { isOpaque, value } = openAnswer(bytes)
        if (status === 413 && !isOpaque) {
            // A framework has refused the size. A member would answer in the opaque form.
            throw refusal(status)
        }
        return { status, value }
    }

    /** Closes the sockets. Calls in flight and later calls reject. */
    close(): void {
        this.#closed.abort(unreachable('The client is closed.'))
        this.#unwatch()
        this.#agent.destroy()
    }

    /** Sends a request and resolves with the head of the response. */
    #requestHead(
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
        const options = { method: 'POST', agent: this.#agent, headers }
        return new Promise((resolve, reject) => {
            signal.throwIfAborted()
            let hasResponse = false
            const onResponse = (response: IncomingMessage): void => {
                hasResponse = true
                resolve(response)
            }
            const make = url.protocol === 'https:' ? httpsRequest : httpRequest
            const request = make(url, options, onResponse)
            // The option `signal` of Node would add a listener for each request.
            const forget = onAbort(signal, () => {
                reject(signal.reason)
                request.destroy()
            })
            recordAddress(request, url.hostname, this.#terms.names)
            request.on('error', (error) => {
                const reason =
                    request.socket === null ? null : reasonOf(error, request.socket)
                if (reason !== null) {
                    this.#terms.onTurnedAway(reason, url.host)
                }
                reject(error)
            })
            request.on('close', () => {
                forget()
                if (!hasResponse) {
                    reject(unreachable('The connection was closed.'))
                }
            })
            request.end(body)
        })
    }

    /**
     * New requests use the new certificates. Requests in flight end on their sockets, which are
     * closed afterwards.
     */
    #renew(): void {
        const old = this.#agent
        this.#agent = makeAgent(this.#terms)
        old.maxFreeSockets = 0
        for (const socket of Object.values(old.freeSockets).flatMap((sockets) => sockets ?? [])) {
            socket.destroy()
        }
    }
}
