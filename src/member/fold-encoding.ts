import { deflateRawSync, inflateRawSync } from 'node:zlib'

// Several inputs in one record. Inputs of an idle member differ in a few numbers only: instants and
// counts. So a fold holds the *shape* of an input once, the text with gaps in place of the numbers,
// and for each input the number of its shape and the differences to the numbers of the last input
// of the shape. All inputs of a fold together are compressed. `unfold` returns the same texts.

/** The first byte of a fold. A record with one input begins with `{`. */
const FOLD = 0

/** The gap in a shape. No JSON contains the character. */
const GAP = '\u0001'

/** Numbers of up to 15 digits; so the difference of two numbers is exact. */
const NUMBERS = /(?<![0-9])(?:[1-9][0-9]{0,14}|0)(?![0-9])/g

/** The maximum size of the lines of a fold, in bytes. */
const LINES_MAX = 16 * 1024 * 1024

/** The last numbers of a shape. */
interface Shape {
    readonly number: number
    last: readonly number[]
}

/** Encodes texts of JSON objects. */
export function fold(texts: readonly string[]): Uint8Array {
    const shapes = new Map<string, Shape>()
    const lines: string[] = []
    for (const text of texts) {
        const numbers: number[] = []
        const shape = text.replace(NUMBERS, (digits) => {
            numbers.push(Number(digits))
            return GAP
        })
        const known = shapes.get(shape)
        const { number, last } = known ?? { number: shapes.size, last: [] }
        if (known === undefined) {
            lines.push(shape)
        }
        shapes.set(shape, { number, last: numbers })
        lines.push([number, ...numbers.map((each, at) => each - (last[at] ?? 0))].join())
    }
    return Buffer.concat([Buffer.of(FOLD), deflateRawSync(lines.join('\n'))])
}

/** Whether a record is a fold. */
export function isFold(record: Uint8Array): boolean {
    return record[0] === FOLD
}

/**
 * The texts of a fold.
 *
 * @throws Error if the record is no fold.
 */
export function unfold(record: Uint8Array): readonly string[] {
    const bytes = inflateRawSync(record.subarray(1), { maxOutputLength: LINES_MAX })
    const shapes: { readonly pieces: readonly string[], last: readonly number[] }[] = []
    const texts: string[] = []
    for (const line of bytes.toString().split('\n')) {
        if (line.startsWith('{')) {
            shapes.push({ pieces: line.split(GAP), last: [] })
            continue
        }
        const [number = -1, ...differences] = line.split(',').map(Number)
        const shape = shapes[number]
        if (shape === undefined || differences.length !== shape.pieces.length - 1) {
            throw new Error(`a line has no shape: ${line.slice(0, 40)}`)
        }
        const { last } = shape
        const numbers = differences.map((each, at) => each + (last[at] ?? 0))
        shape.last = numbers
        texts.push(shape.pieces.map((piece, at) => `${piece}${numbers[at] ?? ''}`).join(''))
    }
    return texts
}
