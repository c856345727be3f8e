import { randomBytes } from 'node:crypto'
import { KibitzError } from '../../base/errors.js'
import { spellPart } from '../parts.js'
import { PartSizes } from './part-sizes.js'
import { Turns } from './turns.js'

/** The status and the value of a response. */
export interface Exchange {
    readonly status: number
    readonly value: unknown
}

/** Posts a whole message or one part. */
export type PostBytes = (bytes: Buffer, part?: string) => Promise<Exchange>

/** Whether an answer only acknowledges one part of a message. */
function isAcknowledgement({ status, value }: Exchange): boolean {
    return status === 200 && typeof value === 'object' && value !== null && 'part' in value
}

/**
 * If a connection breaks during a request above this size in bytes, the server may have refused the
 * size.
 */
const LARGE = 64 * 1024

/**
 * Whether a route has refused a request for its size. Some servers close the connection during a
 * body that is too large, and the response is lost.
 */
function isTooLarge(error: unknown, bytes: number): boolean {
    const { status, code } = error as { readonly status?: unknown; readonly code?: unknown }
    return status === 413 || (bytes > LARGE && (code === 'EPIPE' || code === 'ECONNRESET'))
}

/**
 * Sends messages whole. If a route refuses a message for its size, the message follows in parts.
 *
 * One message in parts is under way to a route at a time. Each part costs a request, and a message
 * is of no use before its last part: with many such messages at once, each would arrive late, and
 * the sender would repeat calls that are only slow.
 */
export class SizedPosts {
    readonly #partSizes = new PartSizes()
    readonly #turns = new Turns()
    readonly #socketsMax: number

    /** @param socketsMax The number of parts that may be under way. */
    constructor(socketsMax: number) {
        this.#socketsMax = socketsMax
    }

    /** Sends a message, and resolves with the response to the last part. */
    async send(
        route: string, message: Buffer, post: PostBytes, signal: AbortSignal
    ): Promise<Exchange> {
        const known = this.#partSizes.of(route, performance.now())
        if (known === null || message.length <= known) {
            try {
                return await post(message)
            } catch (error) {
                this.#shrink(route, message.length, error)
            }
        }
        const sendInTurn = (): Promise<Exchange> => this.#sendShrinking(route, message, post)
        return await this.#turns.take(route, signal, sendInTurn)
    }

    /** Sends a message in parts, and again in smaller parts while the route refuses the size. */
    async #sendShrinking(route: string, message: Buffer, post: PostBytes): Promise<Exchange> {
        for (;;) {
            const known = this.#partSizes.of(route, performance.now())
            const partSize = Math.min(known ?? message.length, message.length)
            try {
                return await (partSize === message.length
                    ? post(message)
                    : this.#sendInParts(message, partSize, post))
            } catch (error) {
                this.#shrink(route, partSize, error)
            }
        }
    }

    /** Makes the parts smaller if the route has refused a size; else throws the error. */
    #shrink(route: string, sent: number, error: unknown): void {
        const isShrunk =
            isTooLarge(error, sent) && this.#partSizes.shrink(route, sent, performance.now())
        if (!isShrunk) {
            throw error
        }
    }

    /** Sends one part to test the size of the parts, and then the other parts. */
    async #sendInParts(message: Buffer, partSize: number, post: PostBytes): Promise<Exchange> {
        const name = randomBytes(12).toString('base64url')
        const count = Math.ceil(message.length / partSize)
        const postPart = async (index: number): Promise<Exchange> => {
            const part = { message: name, index, count, size: message.length }
            const bytes = message.subarray(index * partSize, (index + 1) * partSize)
            return await post(bytes, spellPart(part))
        }
        let answer: Exchange | null = null
        const postFrom = async (from: number, step: number): Promise<void> => {
            for (let index = from; index < count; index += step) {
                const exchange = await postPart(index)
                answer = isAcknowledgement(exchange) ? answer : exchange
            }
        }
        const socketsMax = this.#socketsMax
        await postFrom(0, count)
        const senders = Array.from({ length: socketsMax }, (_, at) => postFrom(at + 1, socketsMax))
        await Promise.all(senders)
        if (answer === null) {
            throw new KibitzError(
                'unreachable', 'The addressee has not joined the parts of a message.')
        }
        return answer
    }
}
