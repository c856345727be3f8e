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
    readonly #ends: Uint32Array

    constructor(texts: readonly string[]) {
        const joined = texts.join('')
        this.#isAscii = Buffer.byteLength(joined) === joined.length
        // A buffer from the pool would keep the memory of other buffers.
        this.#bytes = Buffer.allocUnsafeSlow(joined.length * (this.#isAscii ? 1 : UNIT_BYTES))
        this.#bytes.write(joined, this.#isAscii ? 'latin1' : 'utf16le')
        this.#ends = new Uint32Array(texts.length)
        let end = 0
        for (let at = 0; at < texts.length; at++) {
            end += texts[at]?.length ?? 0
            this.#ends[at] = end
        }
    }

    /** Makes the texts again. */
    split(): string[] {
        const unitBytes = this.#isAscii ? 1 : UNIT_BYTES
        let start = 0
        return Array.from(this.#ends, (end) => {
            const [from, to] = [start * unitBytes, end * unitBytes]
            start = end
            return this.#bytes.toString(this.#isAscii ? 'latin1' : 'utf16le', from, to)
        })
    }
}
