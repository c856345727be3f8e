/** How long parts wait for the rest of their message, in milliseconds. */
const WAIT_MS = 10_000

/** How many messages may be incomplete at once. */
const MESSAGES_MAX = 256

/** How many bytes a part takes at least, except the last part of a message. */
export const PART_BYTES_MIN = 1024

const PART = /^([\w-]{16,32}) (\d{1,6}) (\d{1,6}) (\d{1,10})$/

/** Which part of which message some bytes are. */
export interface Part {
    /** Names the message. The sender draws the name. */
    readonly message: string
    readonly index: number
    readonly count: number
    /** How many bytes the message takes, all parts together. */
    readonly size: number
}

/** Spells a part. */
export function spellPart({ message, index, count, size }: Part): string {
    return `${message} ${index} ${count} ${size}`
}

/** Reads a part; `null` if the text spells none. */
export function readPart(text: string): Part | null {
    const [, message, ...numbers] = PART.exec(text) ?? []
    const [index = 0, count = 0, size = 0] = numbers.map(Number)
    return message === undefined || index >= count ? null : { message, index, count, size }
}

/** A message of which some parts have arrived. */
interface Incomplete {
    readonly count: number
    readonly size: number
    readonly startedAt: number
    readonly parts: Map<number, Buffer>
    bytes: number
}

/**
 * Puts messages together whose parts arrived one by one, in any order.
 *
 * 1. All incomplete messages together hold at most `bytesMax` bytes, and there are at most 256: the
 *    oldest makes room.
 * 2. If a message is still incomplete after ten seconds, its parts are dropped.
 */
export class Assembly {
    readonly #bytesMax: number
    readonly #incomplete = new Map<string, Incomplete>()
    #bytes = 0

    constructor(bytesMax: number) {
        this.#bytesMax = bytesMax
    }

    /** How many bytes wait for the rest of their messages. */
    get size(): number {
        return this.#bytes
    }

    /** Adds a part, and yields the message once all parts are there; `null` before. */
    add(part: Part, bytes: Buffer, from: string): Buffer | 'too-large' | null {
        const { index, count, size } = part
        if (size > this.#bytesMax || bytes.length > size) {
            return 'too-large'
        }
        if (bytes.length < PART_BYTES_MIN && index !== count - 1) {
            // The records of many tiny parts would take far more memory than the bytes.
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
