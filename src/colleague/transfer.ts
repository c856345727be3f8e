import { createHash } from 'node:crypto'
import { KibitzError } from '../base/errors.js'
import { RetryDelay } from './backoff.js'
import type { ColleagueSettings } from './options.js'
import { unpackJson, unpackBytes } from './chunk-encoding.js'
import { read, type Reply, type SnapshotOffer, type TotalAnswer } from './out-of-band-messages.js'
import type { Piece } from './disk-buffer.js'

/** How many chunks are on their way at a time, at most. */
const WINDOW_MAX = 4

/** After so many failed questions for one chunk the newcomer gives its source up. */
const ATTEMPTS_PER_CHUNK = 3

/** A source that broke off; another source, or the same one from the start, may do. */
export class TransferError extends Error {
    override readonly name: string = 'Broken'
}

/** The failure of a question, as a reason to give its source up. */
export function transferError(source: string, cause: unknown): TransferError {
    const { message } = cause instanceof Error ? cause : { message: String(cause) }
    return new TransferError(`${source}: ${message}`, { cause })
}

/** How the chunks of an offer are fetched. */
export interface TransferTerms {
    readonly source: string
    readonly offer: SnapshotOffer
    /** Whether answers may come as bytes. */
    readonly bytes: boolean
    /** Asks the source; rejects if it does not answer. */
    ask(post: unknown, signal: AbortSignal): Promise<Reply>
    /** Told how many bytes have come. */
    received(size: number): void
}

type Fetched = Piece | TotalAnswer

function isTotal(fetched: Fetched): fetched is TotalAnswer {
    return 'size' in fetched
}

/**
 * Fetches a state from one source.
 *
 * 1. A few chunks are on their way at a time; the next one is asked for when the application has
 *    taken one. So memory holds a few chunks, whatever the size of the state. After a failure one
 *    chunk at a time is asked for, and with each success one more: a slow line carries one.
 * 2. At the end, the number of chunks, their size and their checksum are compared with what the
 *    source made.
 * 3. However the fetching ends, no question stays behind.
 */
export class Transfer {
    readonly #terms: TransferTerms
    readonly #settings: ColleagueSettings
    readonly #ended = new AbortController()
    readonly #signal: AbortSignal
    /** How many chunks may be on their way now. */
    #windowSize = 2
    /** When the last chunk came, in milliseconds of some clock. */
    #progressAt = Date.now()

    constructor(terms: TransferTerms, settings: ColleagueSettings, signal: AbortSignal) {
        this.#terms = terms
        this.#settings = settings
        this.#signal = AbortSignal.any([signal, this.#ended.signal])
    }

    /** The bytes of the state, chunk by chunk. Throws `Broken`. */
    async *chunks(): AsyncGenerator<Uint8Array, void, void> {
        const { source } = this.#terms
        const whole = createHash('sha256')
        const pending: Promise<Fetched>[] = []
        let size = 0
        let asked = 0
        try {
            for (let index = 0; ; index++) {
                while (pending.length < this.#windowSize) {
                    pending.push(this.#startFetch(asked++))
                }
                const fetched = (await pending.shift()) as Fetched
                if (isTotal(fetched)) {
                    const digest = whole.digest('hex')
                    if (!isEqual(fetched, { chunks: index, size, digest })) {
                        throw new TransferError(`${source} sent something else than its state`)
                    }
                    return
                }
                this.#progressAt = Date.now()
                this.#windowSize = Math.min(this.#windowSize + 1, WINDOW_MAX)
                size += fetched.bytes.length
                if (size > Math.min(this.#settings.snapshotSize, sizeOf(this.#terms.offer))) {
                    throw new TransferError(`${source} sends more than it offered, or may`)
                }
                whole.update(fetched.digest)
                this.#terms.received(size)
                yield fetched.bytes
            }
        } finally {
            this.#ended.abort(new TransferError(`${source} is not asked any more`))
        }
    }

    #startFetch(index: number): Promise<Fetched> {
        const fetching = this.#fetch(index)
        fetching.catch(() => {})
        return fetching
    }

    /** Asks for one chunk until it comes, or until the source makes no progress for too long. */
    async #fetch(index: number): Promise<Fetched> {
        const { source, offer, bytes } = this.#terms
        const { ping, timeout, random, handoverTimeout } = this.#settings
        const backoff = new RetryDelay(ping, timeout, random)
        const post = Object.freeze({ snapshot: offer.snapshot, index, bytes })
        for (let tries = 1; ; ) {
            const reply = await this.#ask(post)
            this.#signal.throwIfAborted()
            const fetched = reply instanceof Error ? null : readFetched(reply)
            if (fetched !== null) {
                return fetched
            }
            const failure = reply instanceof Error ? reply : null
            const refusal = reply instanceof Error ? undefined : reply.refusal
            if (refusal === 'not-ready') {
                const silentMs = Date.now() - this.#progressAt
                if (silentMs > handoverTimeout) {
                    throw new TransferError(`${source} has made no chunk for ${silentMs} ms`)
                }
            } else if (refusal !== undefined && refusal !== 'overloaded') {
                throw new TransferError(`${source} breaks off: ${refusal}`)
            } else if (tries++ === ATTEMPTS_PER_CHUNK) {
                throw transferError(source, failure ?? `chunk ${index} was mangled on its way`)
            }
            this.#windowSize = 1
            await backoff.wait(this.#signal)
        }
    }

    async #ask(post: unknown): Promise<Reply | Error> {
        try {
            return await this.#terms.ask(post, this.#signal)
        } catch (error) {
            return error instanceof Error ? error : new KibitzError('unreachable', String(error))
        }
    }
}

function sizeOf({ size }: SnapshotOffer): number {
    return size ?? Number.POSITIVE_INFINITY
}

function isEqual(one: TotalAnswer, other: TotalAnswer): boolean {
    return one.chunks === other.chunks && one.size === other.size && one.digest === other.digest
}

function readFetched({ result }: Reply): Fetched | null {
    if (result instanceof Uint8Array) {
        return unpackBytes(result)
    }
    const answer = read.chunkAnswer(result)
    return answer === null ? read.totalAnswer(result) : unpackJson(answer)
}
