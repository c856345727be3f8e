import { createHash } from 'node:crypto'
import { KibitzError } from '../base/errors.js'
import { RetryDelay } from './backoff.js'
import type { ColleagueSettings } from './options.js'
import { unpackJson, unpackBytes } from './chunk-encoding.js'
import { read, type Reply, type SnapshotOffer, type TotalAnswer } from './out-of-band-messages.js'
import type { Piece } from './disk-buffer.js'

/** The maximum number of chunks that are requested at the same time. */
const WINDOW_MAX = 4

/** After this number of failed requests for one chunk, the newcomer gives up the source. */
const ATTEMPTS_PER_CHUNK = 3

/**
 * The transfer from one source has failed. A transfer from another source, or a new transfer from
 * the same source, may succeed.
 */
export class TransferError extends Error {
    override readonly name: string = 'Broken'
}

/** Wraps the failure of a request to a source. */
export function transferError(source: string, cause: unknown): TransferError {
    const { message } = cause instanceof Error ? cause : { message: String(cause) }
    return new TransferError(`${source}: ${message}`, { cause })
}

/** The source of a transfer, and the way to its chunks. */
export interface TransferTerms {
    readonly source: string
    readonly offer: SnapshotOffer
    /** Whether the transport delivers answers as bytes. */
    readonly bytes: boolean
    /** Asks the source. Rejects if the source does not answer. */
    ask(post: unknown, signal: AbortSignal): Promise<Reply>
    /** Called after each chunk with the number of received bytes. */
    received(size: number): void
}

type Fetched = Piece | TotalAnswer

function isTotal(fetched: Fetched): fetched is TotalAnswer {
    return 'size' in fetched
}

/**
 * Fetches a state from one source.
 *
 * 1. At most four chunk requests are under way. The next request begins after the application has
 *    taken a chunk. So memory holds at most four chunks, for a state of any size. After a failure
 *    the window shrinks to one request, and grows by one with each received chunk.
 * 2. At the end, the transfer compares the number of chunks, the size and the checksum with the
 *    totals of the source.
 * 3. When the transfer ends or fails, it aborts every open request.
 */
export class Transfer {
    readonly #terms: TransferTerms
    readonly #settings: ColleagueSettings
    readonly #ended = new AbortController()
    readonly #signal: AbortSignal
    /** The number of requests that may be under way now. */
    #windowSize = 2
    /** The arrival of the last chunk, in milliseconds since the epoch. */
    #progressAt = Date.now()

    constructor(terms: TransferTerms, settings: ColleagueSettings, signal: AbortSignal) {
        this.#terms = terms
        this.#settings = settings
        this.#signal = AbortSignal.any([signal, this.#ended.signal])
    }

    /** The bytes of the state, chunk by chunk. Throws `TransferError`. */
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
                        throw new TransferError(`the chunks of ${source} differ from its totals`)
                    }
                    return
                }
                this.#progressAt = Date.now()
                this.#windowSize = Math.min(this.#windowSize + 1, WINDOW_MAX)
                size += fetched.bytes.length
                if (size > Math.min(this.#settings.snapshotSize, sizeOf(this.#terms.offer))) {
                    throw new TransferError(
                        `${source} sends more bytes than its offer or snapshotSize allows`
                    )
                }
                whole.update(fetched.digest)
                this.#terms.received(size)
                yield fetched.bytes
            }
        } finally {
            this.#ended.abort(new TransferError(`the transfer from ${source} has ended`))
        }
    }

    #startFetch(index: number): Promise<Fetched> {
        const fetching = this.#fetch(index)
        fetching.catch(() => {})
        return fetching
    }

    /** Requests one chunk until it arrives, or until the source gives no chunk for too long. */
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
                    throw new TransferError(`${source} has sent no chunk for ${silentMs} ms`)
                }
            } else if (refusal !== undefined && refusal !== 'overloaded') {
                throw new TransferError(`${source} refuses a chunk: ${refusal}`)
            } else if (tries++ === ATTEMPTS_PER_CHUNK) {
                throw transferError(source, failure ?? `chunk ${index} arrived damaged`)
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
