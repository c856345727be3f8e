import type { Chunk, Chunks } from './application.js'

function isWhole(chunks: Chunks): chunks is Chunk {
    return typeof chunks === 'string' || chunks instanceof Uint8Array
}

/** Copies: what the application does with its bytes afterwards is its own affair. */
function bytesOf(chunk: Chunk): Buffer {
    return typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : Buffer.from(chunk)
}

/**
 * Reads a state to its end and cuts it into pieces of one size, the last one shorter.
 *
 * @returns The pieces; `null` as soon as there is more than the limit.
 */
export async function cut(
    chunks: Chunks,
    pieceSize: number,
    sizeMax: number
): Promise<readonly Buffer[] | null> {
    const pieces: Buffer[] = []
    let gathered: Buffer[] = []
    let weight = 0
    let size = 0
    for await (const chunk of isWhole(chunks) ? [chunks] : chunks) {
        const bytes = bytesOf(chunk)
        size += bytes.length
        if (size > sizeMax) {
            return null
        }
        gathered.push(bytes)
        weight += bytes.length
        if (weight >= pieceSize) {
            const whole = Buffer.concat(gathered)
            let from = 0
            for (; whole.length - from >= pieceSize; from += pieceSize) {
                pieces.push(whole.subarray(from, from + pieceSize))
            }
            gathered = from === whole.length ? [] : [whole.subarray(from)]
            weight = whole.length - from
        }
    }
    return weight === 0 ? pieces : [...pieces, Buffer.concat(gathered)]
}
