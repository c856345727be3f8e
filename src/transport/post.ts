import { Agent, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as TlsAgent, request as httpsRequest } from 'node:https'
import { KibitzError } from '../error.js'
import type { Properties } from '../paxos/message.js'
import type { TurnedAway } from '../peer.js'
import { authorityOf, urlOf } from './address.js'
import { BYTES_TYPE, collect, parse } from './bytes.js'
import { type Certificates, peerOf, reasonOf } from './certificates.js'
import type { KeyRing } from './keys.js'
import { SignedCall } from './mac.js'
import type { Send } from './transport.js'

/** How long the client keeps a socket that nobody uses, in milliseconds; less than the server. */
const IDLE_MS = 15_000

const JSON_TYPE = /^application\/json\b/i

/** What a response says, whatever its status. */
export interface Exchange {
    readonly status: number
    readonly value: unknown
}

/** What a client over HTTP is told. */
export interface PostTerms {
    readonly bytesMax: number
    /** How many sockets there may be to one addressee. */
    readonly socketsMax: number
    readonly keys: KeyRing | null
    readonly certificates: Certificates | null
    /** Tells that an answer, or who would have given it, was turned away, and where it is. */
    readonly failed: (reason: TurnedAway, from: string) => void
}

function unreachable(what: string): KibitzError {
    return new KibitzError('unreachable', what)
}

/** Posts envelopes over sockets that are kept. Follows no redirect, asks no proxy. */
export class Post {
    readonly #terms: PostTerms
    readonly #closed = new AbortController()
    readonly #unwatch: () => void
    #agent: Agent

    constructor(terms: PostTerms) {
        this.#terms = terms
        this.#agent = this.#makeAgent()
        this.#unwatch = terms.certificates?.watch(() => this.#renew()) ?? (() => {})
    }

    /** Posts an envelope to the `url` in the properties; resolves with what is answered. */
    readonly send: Send = async (to, envelope, signal) => {
        const meant = envelope.method === 'receive' ? envelope.body.to.id : null
        const { status, value } = await this.exchange(to, envelope, signal, meant)
        if (status !== 200) {
            throw unreachable(`The answer was ${status}.`)
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
        const { bytesMax, keys, certificates, failed } = this.#terms
        // Where certificates are asked for, nothing goes where nobody shows one.
        const url = urlOf(to, [certificates === null ? 'http:' : 'https:'])
        const body = Buffer.from(JSON.stringify(value))
        if (body.length > bytesMax) {
            throw new KibitzError('too-large', `A call of ${body.length} bytes was not sent.`)
        }
        const signed = keys === null ? null : SignedCall.begin(keys, authorityOf(url), body)
        const response = await this.#head(url, body, signed, signal)
        const status = response.statusCode ?? 0
        const isMeant =
            certificates === null || meant === null || peerOf(response.socket)?.id === meant
        const isJson = JSON_TYPE.test(response.headers['content-type'] ?? '')
        const isGood = isMeant && (status === 200 || isJson)
        const bytes = isGood ? await collect(response, bytesMax) : null
        if (bytes === null) {
            response.destroy()
            const what = isMeant ? 'or too long' : 'and of somebody else'
            throw unreachable(`The answer was ${status}, ${what}.`)
        }
        const confirmation = response.headers['authentication-info']
        if (signed?.verifiesAnswer(status, bytes, confirmation) === false) {
            failed('bad-mac', url.host)
            throw unreachable('The answer is not of who has the key.')
        }
        if (response.headers['content-type'] === BYTES_TYPE) {
            return { status, value: bytes }
        }
        // Some frameworks send nothing for null.
        return { status, value: bytes.length === 0 ? null : parse(bytes) }
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

    #makeAgent(): Agent {
        const { socketsMax: maxSockets, certificates } = this.#terms
        const options = { keepAlive: true, maxSockets, timeout: IDLE_MS }
        // A session that is resumed is not checked again.
        return certificates === null
            ? new Agent(options)
            : new TlsAgent({ ...options, ...certificates.forClient(), maxCachedSessions: 0 })
    }

    /** What is under way ends as it began; its sockets are not kept. */
    #renew(): void {
        const old = this.#agent
        this.#agent = this.#makeAgent()
        old.maxFreeSockets = 0
        for (const socket of Object.values(old.freeSockets).flatMap((sockets) => sockets ?? [])) {
            socket.destroy()
        }
    }
}
