import type { MemoryBlocks } from './memory-blocks.js'

/** The bytes of a UTF-16 unit in `utf16le`. */
const UNIT_BYTES = 2

/**
 * Texts that are kept as bytes, outside the heap of the runtime. The garbage collector visits and
 * moves no text. ASCII texts take one byte for each letter.
 */
export class JoinedTexts {
    readonly #bytes: Buffer
    readonly #isAscii: boolean
    /** The end of each text within all texts, in UTF-16 units. */
    #ends: readonly number[]

    /** @param blocks The source of the memory of the texts. */
    constructor(texts: readonly string[], blocks: MemoryBlocks) {
        const joined = texts.join('')
        this.#isAscii = Buffer.byteLength(joined) === joined.length
        this.#bytes = blocks.take(joined.length * (this.#isAscii ? 1 : UNIT_BYTES))
        this.#bytes.write(joined, this.#isAscii ? 'latin1' : 'utf16le')
        let end = 0
        this.#ends = texts.map((text) => {
            end += text.length
            return end
        })
    }

    /** Gives the memory of the texts back. Afterwards there are no texts. */
    release(blocks: MemoryBlocks): void {
        if (this.#ends.length !== 0) {
            this.#ends = []
            blocks.give(this.#bytes)
        }
    }

    /** Makes the texts again. */
    split(): string[] {
        const unitBytes = this.#isAscii ? 1 : UNIT_BYTES
        let start = 0
        return this.#ends.map((end) => {
            const [from, to] = [start * unitBytes, end * unitBytes]
            start = end
            return this.#bytes.toString(this.#isAscii ? 'latin1' : 'utf16le', from, to)
        })
    }
}
