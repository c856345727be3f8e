/** The time that parts wait for the rest of their message, in milliseconds. */
const WAIT_MS = 10_000

/** The limit of incomplete messages. */
const MESSAGES_MAX = 256

/** The minimum size of a part in bytes, except for the last part of a message. */
export const PART_BYTES_MIN = 1024

const PART = /^([\w-]{16,32}) (\d{1,6}) (\d{1,6}) (\d{1,10})$/

/** The position of some bytes in a message. */
export interface Part {
    /** The name of the message, drawn by the sender. */
    readonly message: string
    readonly index: number
    readonly count: number
    /** The size of the whole message in bytes. */
    readonly size: number
}

/** Writes the position of a part as text. */
export function spellPart({ message, index, count, size }: Part): string {
    return `${message} ${index} ${count} ${size}`
}

/** Reads the position of a part; `null` if the text is malformed. */
export function readPart(text: string): Part | null {
    const [, message, ...numbers] = PART.exec(text) ?? []
    const [index = 0, count = 0, size = 0] = numbers.map(Number)
    return message === undefined || index >= count ? null : { message, index, count, size }
}

/** A message with missing parts. */
interface Incomplete {
    readonly count: number
    readonly size: number
    readonly startedAt: number
    readonly parts: Map<number, Buffer>
    bytes: number
}

/**
 * Assembles messages from parts that arrive in any order.
 *
 * 1. Incomplete messages together hold at most `bytesMax` bytes, and there are at most 256. If a
 *    limit is exceeded, the oldest message is dropped.
 * 2. A message that is incomplete after ten seconds is dropped.
 */
export class Assembly {
    readonly #bytesMax: number
    readonly #incomplete = new Map<string, Incomplete>()
    #bytes = 0

    constructor(bytesMax: number) {
        this.#bytesMax = bytesMax
    }

    /** The number of bytes in incomplete messages. */
    get size(): number {
        return this.#bytes
    }

    /** Adds a part. Returns the whole message once all parts are there; `null` before. */
    add(part: Part, bytes: Buffer, from: string): Buffer | 'too-large' | null {
        const { index, count, size } = part
        if (size > this.#bytesMax || bytes.length > size) {
            return 'too-large'
        }
        if (bytes.length < PART_BYTES_MIN && index !== count - 1) {
            // Without this minimum, the bookkeeping of many tiny parts takes far more memory than
            // their bytes.
            return null
        }
        const name = `${part.message} ${from}`
        this.#expire(performance.now())
        const known = this.#incomplete.get(name)
        const isSame = known !== undefined && known.count === count && known.size === size
        if (known !== undefined && (!isSame || known.parts.has(index))) {
            return null
        }
        const message = known ?? this.#begin(name, part)
        message.parts.set(index, bytes)
        message.bytes += bytes.length
        this.#bytes += bytes.length
        if (message.parts.size === count) {
            this.#drop(name)
            return this.#join(message)
        }
        this.#makeRoom()
        return null
    }

    #begin(name: string, { count, size }: Part): Incomplete {
        const startedAt = performance.now()
        const message = { count, size, startedAt, parts: new Map<number, Buffer>(), bytes: 0 }
        this.#incomplete.set(name, message)
        return message
    }

    #join({ count, size, parts, bytes }: Incomplete): Buffer | null {
        if (bytes !== size) {
            return null
        }
        const none = Buffer.alloc(0)
        return Buffer.concat(Array.from({ length: count }, (_, index) => parts.get(index) ?? none))
    }

    #expire(now: number): void {
        for (const [name, { startedAt }] of this.#incomplete) {
            if (now - startedAt < WAIT_MS) {
                break
            }
            this.#drop(name)
        }
    }

    #makeRoom(): void {
        for (const name of this.#incomplete.keys()) {
            if (this.#bytes <= this.#bytesMax && this.#incomplete.size <= MESSAGES_MAX) {
                break
            }
            this.#drop(name)
        }
    }

    #drop(name: string): void {
        this.#bytes -= this.#incomplete.get(name)?.bytes ?? 0
        this.#incomplete.delete(name)
    }
}
