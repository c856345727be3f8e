import type { MemoryBlocks } from './memory-blocks.js'

/** The bytes of a UTF-16 unit in `utf16le`. */
const UNIT_BYTES = 2

/** The bytes of the end of a text. */
const END_BYTES = 4

/**
 * Texts that are kept as bytes, outside the heap of the runtime. The garbage collector visits and
 * moves no text. ASCII texts take one byte for each letter.
 *
 * The block has all texts without a gap, and then the end of each text, in UTF-16 units.
 */
export class JoinedTexts {
    #block: Buffer | null
    readonly #isAscii: boolean
    readonly #length: number
    /** The place of the first end in the block. */
    readonly #endsAt: number

    /** @param blocks The source of the block. */
    constructor(texts: readonly string[], blocks: MemoryBlocks) {
        const joined = texts.join('')
        this.#isAscii = Buffer.byteLength(joined) === joined.length
        this.#length = texts.length
        this.#endsAt = joined.length * (this.#isAscii ? 1 : UNIT_BYTES)
        const block = blocks.take(this.#endsAt + this.#length * END_BYTES)
        block.write(joined, this.#isAscii ? 'latin1' : 'utf16le')
        let [end, at] = [0, this.#endsAt]
        for (const text of texts) {
            end += text.length
            at = block.writeUInt32LE(end, at)
        }
        this.#block = block
    }

    /** Makes the texts again; none after `release`. */
    split(): string[] {
        const block = this.#block
        if (block === null) {
            return []
        }
        const unitBytes = this.#isAscii ? 1 : UNIT_BYTES
        let start = 0
        return Array.from({ length: this.#length }, (_, index) => {
            const end = block.readUInt32LE(this.#endsAt + index * END_BYTES)
            const [from, to] = [start * unitBytes, end * unitBytes]
            start = end
            return block.toString(this.#isAscii ? 'latin1' : 'utf16le', from, to)
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
