import { KibitzError } from '../base/errors.js'

/** The size of a piece of a snapshot, in characters. */
const PIECE_SIZE = 64 * 1024

/**
 * Writes JSON values as lines, in pieces of about 64 KiB. So a snapshot of any size needs the
 * memory of one piece.
 */
export function* toLines(values: Iterable<unknown>): Generator<string> {
    let piece = ''
    for (const value of values) {
        piece += `${JSON.stringify(value)}\n`
        if (piece.length >= PIECE_SIZE) {
            yield piece
            piece = ''
        }
    }
    if (piece !== '') {
        yield piece
    }
}

/** Reads the values of `toLines` from chunks of any size. */
export async function* fromLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of chunks) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
            yield JSON.parse(line)
        }
    }
    if (rest !== '') {
        throw new KibitzError(
            'invalid-argument',
            'A snapshot ends within a line. The state was not replaced completely; the Colleague '
                + 'asks another member.'
        )
    }
}
