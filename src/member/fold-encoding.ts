import { deflateRawSync, inflateRawSync } from 'node:zlib'

// Several inputs in one record. Inputs of an idle member differ in a few numbers only: instants and
// counts. So a fold holds the *shape* of an input once, the text with gaps in place of the numbers,
// and for each input the number of its shape and the differences to the numbers of the last input
// of the shape. A text in quotation marks that is a hexadecimal number, such as a cookie, is a
// number too. All inputs of a fold together are compressed. `unfold` returns the same texts.

/** The first byte of a fold. A record with one input begins with `{`. */
const FOLD = 0

/** The gaps in a shape, for decimal and for hexadecimal numbers. No JSON contains them. */
const DECIMAL = '\u0001'
const HEXADECIMAL = '\u0002'
const GAPS = new RegExp(`[${DECIMAL}${HEXADECIMAL}]`)

/**
 * Hexadecimal numbers of up to 12 digits in quotation marks, and decimal numbers of up to 15
 * digits; so the difference of two numbers is exact.
 */
const NUMBERS = /"(?:[1-9a-f][0-9a-f]{0,11}|0)"|(?<![0-9])(?:[1-9][0-9]{0,14}|0)(?![0-9])/g

/** The part of a window in which zlib finds no repetition, in bytes. */
const WINDOW_MARGIN = 262

/** The maximum size of the lines of a fold, in bytes. */
const LINES_MAX = 16 * 1024 * 1024

/** The last numbers of a shape. */
interface Shape {
    readonly number: number
    last: readonly number[]
}

/**
 * Compresses a text. Memory for a short text: the usual 256 KiB cost more time than a short text
 * itself, and the bytes are the same.
 */
function deflate(text: string): Buffer {
    const bytes = Buffer.from(text)
    const bits = 32 - Math.clz32(bytes.length + WINDOW_MARGIN)
    return deflateRawSync(bytes, {
        level: 9, windowBits: Math.min(bits, 15), memLevel: Math.min(bits - 6, 8)
    })
}

/** Encodes texts of JSON objects. */
export function fold(texts: readonly string[]): Uint8Array {
    const shapes = new Map<string, Shape>()
    const lines: string[] = []
    for (const text of texts) {
        const numbers: number[] = []
        const shape = text.replace(NUMBERS, (found) => {
            const isQuoted = found.startsWith('"')
            numbers.push(isQuoted ? Number.parseInt(found.slice(1), 16) : Number(found))
            return isQuoted ? HEXADECIMAL : DECIMAL
        })
        const known = shapes.get(shape)
        const { number, last } = known ?? { number: shapes.size, last: [] }
        if (known === undefined) {
            lines.push(shape)
        }
        shapes.set(shape, { number, last: numbers })
        lines.push([number, ...numbers.map((each, at) => each - (last[at] ?? 0))].join())
    }
    return Buffer.concat([Buffer.of(FOLD), deflate(lines.join('\n'))])
}

/** Whether a record is a fold. */
export function isFold(record: Uint8Array): boolean {
    return record[0] === FOLD
}

/** A shape while its inputs are read. */
interface ReadShape {
    /** The text between the gaps. */
    readonly pieces: readonly string[]
    readonly gaps: readonly string[]
    last: readonly number[]
}

function readShape(line: string): ReadShape {
    const gaps = [...line].filter((character) => GAPS.test(character))
    return { pieces: line.split(GAPS), gaps, last: [] }
}

function fill({ pieces, gaps, last }: ReadShape): string {
    return pieces.map((piece, at) => {
        const number = last[at] ?? 0
        const gap = gaps[at]
        return gap === undefined ? piece
            : gap === DECIMAL ? `${piece}${number}` : `${piece}"${number.toString(16)}"`
    }).join('')
}

/**
 * The texts of a fold.
 *
 * @throws Error if the record is no fold.
 */
export function unfold(record: Uint8Array): readonly string[] {
    const bytes = inflateRawSync(record.subarray(1), { maxOutputLength: LINES_MAX })
    const shapes: ReadShape[] = []
    const texts: string[] = []
    for (const line of bytes.toString().split('\n')) {
        if (line.startsWith('{')) {
            shapes.push(readShape(line))
            continue
        }
        const [number = -1, ...differences] = line.split(',').map(Number)
        const shape = shapes[number]
        if (shape === undefined || differences.length !== shape.gaps.length) {
            throw new Error(`a line has no shape: ${line.slice(0, 40)}`)
        }
        const { last } = shape
        shape.last = differences.map((each, at) => each + (last[at] ?? 0))
        texts.push(fill(shape))
    }
    return texts
}

/**
 * The inputs of records, each as a record of its own.
 *
 * @throws Error if a record begins like a fold and is none.
 */
export function* singles(records: Iterable<Uint8Array>): Generator<Uint8Array, void, undefined> {
    for (const record of records) {
        if (isFold(record)) {
            for (const text of unfold(record)) {
                yield Buffer.from(text)
            }
        } else {
            yield record
        }
    }
}
