import { closeTable, openTable } from './fresh-table.js'
import {
    formOfBoth, isDictionary, type Keyed, type Form, sameOf
} from './json-shape.js'

/** A form of whole texts, and the number of texts that had the form. */
interface Shape {
    part: Form
    uses: number
    /** The shape of the text behind the last text of this shape; `null` if unknown. */
    next: Shape | null
}

/** The maximum number of shapes. */
const SHAPES_MAX = 16

/** The maximum length of a text from which a shape is learned. */
const LEARNED_MAX = 1024 * 1024

/** The number of texts without a shape from which each one is learned; then each `STRIDE`th is. */
const EAGER = 512
const STRIDE = 16

/** A number of more digits may be inexact. */
const DIGITS_MAX = 15

/**
 * A slice of at least this length refers to the whole text, and would keep the text in memory. So
 * such a value is decoded anew.
 */
const SLICE_MIN = 13

/** The result of a part that does not have the form. */
const MISMATCH = Symbol('mismatch')

/** Reads one text of a shape. The text has neither a backslash nor a character beyond ASCII. */
class ShapeReader {
    #bytes: Buffer = Buffer.alloc(0)
    #text = ''
    #at = 0

    /** Takes the next text, and its bytes. */
    take(bytes: Buffer, text: string): void {
        this.#bytes = bytes
        this.#text = text
    }

    /** The value of the whole text; `MISMATCH` if the text does not have the form. */
    readAll(part: Form): unknown {
        this.#at = 0
        const value = this.#read(part)
        return this.#at === this.#text.length ? value : MISMATCH
    }

    #read(part: Form): unknown {
        switch (part.kind) {
            case 'same':
                return this.#skip(part.raw) ? part.value : MISMATCH
            case 'text':
                return this.#readText()
            case 'count':
                return this.#readCount()
            case 'list':
                return this.#readList(part.item)
            case 'table':
                return this.#readTable(part.item)
            default:
                return this.#readKeyed(part)
        }
    }

    #skip(expected: string): boolean {
        const end = this.#at + expected.length
        if (this.#text.slice(this.#at, end) !== expected) {
            return false
        }
        this.#at = end
        return true
    }

    #readText(): string | typeof MISMATCH {
        const from = this.#at + 1
        const end = this.#skip('"') ? this.#text.indexOf('"', from) : -1
        if (end === -1) {
            return MISMATCH
        }
        this.#at = end + 1
        return end - from < SLICE_MIN
            ? this.#text.slice(from, end)
            : this.#bytes.toString('latin1', from, end)
    }

    #readCount(): number | typeof MISMATCH {
        const from = this.#at
        let value = 0
        let digit = this.#text.charCodeAt(from) - 48
        for (; digit >= 0 && digit <= 9; digit = this.#text.charCodeAt(this.#at) - 48) {
            value = value * 10 + digit
            this.#at++
        }
        const length = this.#at - from
        const isZeroFirst = length > 1 && this.#text.charCodeAt(from) === 48
        return length === 0 || length > DIGITS_MAX || isZeroFirst ? MISMATCH : value
    }

    #readList(item: Form): unknown {
        const list: unknown[] = []
        if (this.#skip('[]')) {
            return list
        }
        for (let isOpen = this.#skip('['); isOpen; isOpen = this.#skip(',')) {
            const value = this.#read(item)
            if (value === MISMATCH) {
                return MISMATCH
            }
            list.push(value)
        }
        return list.length !== 0 && this.#skip(']') ? list : MISMATCH
    }

    #readTable(item: Form): unknown {
        if (this.#skip('{}')) {
            return {}
        }
        const table = openTable<unknown>()
        let key: string | typeof MISMATCH = MISMATCH
        for (let isOpen = this.#skip('{'); isOpen; isOpen = this.#skip(',')) {
            key = this.#readText()
            const value = key !== MISMATCH && this.#skip(':') ? this.#read(item) : MISMATCH
            if (key === MISMATCH || key === '__proto__' || value === MISMATCH) {
                return MISMATCH
            }
            table[key] = value
        }
        return key !== MISMATCH && this.#skip('}') ? closeTable(table) : MISMATCH
    }

    #readKeyed({ pattern, members, after }: Keyed): unknown {
        const value = { ...pattern }
        for (const { before, key, part } of members) {
            const member = this.#skip(before) ? this.#read(part) : MISMATCH
            if (member === MISMATCH) {
                return MISMATCH
            }
            value[key] = member
        }
        return this.#skip(after) ? value : MISMATCH
    }
}

/**
 * Parses JSON texts of which most differ from earlier ones in a few values only, such as the
 * records of a journal. A run of entries takes a third of the time of `JSON.parse`, and a short
 * record takes a half to nine tenths.
 *
 * 1. The result equals the result of `JSON.parse`, for each text that `JSON.stringify` has written.
 * 2. Parts that were the same in all texts of a shape are frozen, and several results share them.
 * 3. A value does not keep the text in memory.
 */
export class RepeatingJson {
    /** The most used shapes first. */
    readonly #shapes: Shape[] = []
    /** The shape of the last text with a shape. */
    #last: Shape | null = null
    #misses = 0
    readonly #reader = new ShapeReader()

    /** @throws SyntaxError if the bytes are no JSON. */
    parse(bytes: Buffer): unknown {
        const text = bytes.toString()
        if (text.length !== bytes.length || text.includes('\\')) {
            return JSON.parse(text)
        }
        this.#reader.take(bytes, text)
        const read = this.#readShaped(this.#reader)
        if (read !== MISMATCH) {
            return read
        }
        const value: unknown = JSON.parse(text)
        if (this.#misses++ < EAGER || this.#misses % STRIDE === 0) {
            this.#learn(text, value)
        }
        return value
    }

    /**
     * Tries the shapes, the most likely one first: the shapes of the records of a journal often
     * come in the same order again.
     */
    #readShaped(reader: ShapeReader): unknown {
        const likely = this.#last?.next ?? null
        if (likely !== null) {
            const value = reader.readAll(likely.part)
            if (value !== MISMATCH) {
                likely.uses++
                this.#last = likely
                return value
            }
        }
        for (let index = 0; index < this.#shapes.length; index++) {
            const shape = this.#shapes[index] as Shape
            const value = shape === likely ? MISMATCH : reader.readAll(shape.part)
            if (value !== MISMATCH) {
                shape.uses++
                this.#moveForward(index)
                if (this.#last !== null) {
                    this.#last.next = shape
                }
                this.#last = shape
                return value
            }
        }
        return MISMATCH
    }

    /** Keeps the shapes in the order of their uses. */
    #moveForward(index: number): void {
        const shape = this.#shapes[index]
        const before = this.#shapes[index - 1]
        if (shape !== undefined && before !== undefined && shape.uses > before.uses) {
            this.#shapes[index - 1] = shape
            this.#shapes[index] = before
        }
    }

    #learn(text: string, value: unknown): void {
        if (text.length > LEARNED_MAX || !isDictionary(value) || JSON.stringify(value) !== text) {
            return
        }
        for (const shape of this.#shapes) {
            const part = formOfBoth(shape.part, value)
            if (part !== null) {
                shape.part = part
                return
            }
        }
        if (this.#shapes.length === SHAPES_MAX) {
            // The least used shape goes. The others lose uses, so that no shape stays for ever.
            const dropped = this.#shapes.pop()
            this.#last = this.#last === dropped ? null : this.#last
            for (const shape of this.#shapes) {
                shape.uses /= 2
                shape.next = shape.next === dropped ? null : shape.next
            }
        }
        this.#shapes.push({ part: sameOf(JSON.parse(text)), uses: 0, next: null })
    }
}
