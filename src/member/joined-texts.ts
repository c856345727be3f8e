import type { MemoryBlocks } from './memory-blocks.js'

/** The bytes of a UTF-16 unit in `utf16le`. */
const UNIT_BYTES = 2

/** The bytes of the end of a text. */
const END_BYTES = 4

/** The ends at the begin of a block. The block has memory of its own, so the begin is aligned. */
function endsIn({ buffer, byteOffset }: Buffer, length: number): Uint32Array {
    return new Uint32Array(buffer, byteOffset, length)
}

/**
 * Texts that are kept as bytes, outside the heap of the runtime. The garbage collector visits and
 * moves no text. ASCII texts take one byte for each letter.
 *
 * The block has the end of each text, in UTF-16 units, and then all texts without a gap.
 */
export class JoinedTexts {
    #block: Buffer | null
    readonly #isAscii: boolean
    readonly #length: number

    /** @param blocks The source of the block. */
    constructor(texts: readonly string[], blocks: MemoryBlocks) {
        const joined = texts.join('')
        this.#isAscii = Buffer.byteLength(joined) === joined.length
        this.#length = texts.length
        const size = joined.length * (this.#isAscii ? 1 : UNIT_BYTES)
        const block = blocks.take(this.#length * END_BYTES + size)
        block.write(joined, this.#length * END_BYTES, this.#isAscii ? 'latin1' : 'utf16le')
        const ends = endsIn(block, this.#length)
        let end = 0
        for (let index = 0; index < texts.length; index++) {
            end += texts[index]?.length ?? 0
            ends[index] = end
        }
        this.#block = block
    }

    /** Makes the texts again; none after `release`. */
    split(): string[] {
        const block = this.#block
        if (block === null) {
            return []
        }
        const encoding = this.#isAscii ? 'latin1' : 'utf16le'
        const unitBytes = this.#isAscii ? 1 : UNIT_BYTES
        const textsAt = this.#length * END_BYTES
        let from = textsAt
        return Array.from(endsIn(block, this.#length), (end) => {
            const start = from
            from = textsAt + end * unitBytes
            return block.toString(encoding, start, from)
        })
    }

    /** Gives the block back. */
    release(blocks: MemoryBlocks): void {
        if (this.#block !== null) {
            blocks.give(this.#block)
            this.#block = null
        }
    }
}
