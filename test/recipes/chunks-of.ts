import { Readable } from 'node:stream'
import { toLines } from '../../src/recipes/lines.js'

/** The chunks of a snapshot that consists of JSON values. */
export function chunksOf(values: Iterable<unknown>): AsyncIterable<Uint8Array> {
    return Readable.from([...toLines(values)].map((piece) => Buffer.from(piece)))
}
