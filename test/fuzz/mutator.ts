import { FAMILIAR } from '../guard/samples.js'
import type { Dice } from '../../src/testing/dice.js'

/** One of some. */
function one<T>(of: readonly T[], lots: Dice): T {
    return of[lots.below(of.length)] as T
}

/** Where something stands in a text, from and up to. */
type Span = readonly [from: number, to: number]

/** Something valid as JSON, and where its parts stand. */
export interface Specimen {
    readonly text: string
    /** Every value in it, the whole first. */
    readonly values: readonly Span[]
    /** Every key in it, with its quotation marks. */
    readonly keys: readonly Span[]
}

/** Writes a value as JSON, and remembers where its parts stand. */
export function specimen(value: unknown): Specimen {
    const values: Span[] = []
    const keys: Span[] = []
    let text = ''
    const write = (part: unknown): void => {
        const from = text.length
        const at = values.push([from, from]) - 1
        if (Array.isArray(part)) {
            text += '['
            for (const [index, item] of part.entries()) {
                text += index === 0 ? '' : ','
                write(item)
            }
            text += ']'
        } else if (typeof part === 'object' && part !== null) {
            text += '{'
            for (const [key, item] of Object.entries(part)) {
                text += text.endsWith('{') ? '' : ','
                const begin = text.length
                text += JSON.stringify(key)
                keys.push([begin, text.length])
                text += ':'
                write(item)
            }
            text += '}'
        } else {
            text += JSON.stringify(part) ?? 'null'
        }
        values[at] = [from, text.length]
    }
    write(value)
    return { text, values, keys }
}

const NAMES = [...FAMILIAR, '__proto__', 'valueOf', '__defineGetter__', 'method', 'entries', 'id']

/** What a field may hold that it should not. */
const JUNK: readonly string[] = [
    'null', 'true', 'false', '0', '-0', '-1', '0.5', '1e999', '-1e999', '5e-324', '1e308',
    '9007199254740992', '9007199254740993', '[]', '{}', '[null]', '[[]]', '""', '"a b"',
    '"0/0"', '"1/0"', '"1/0/0"', '"01"', '"A"', '"-1/0"', '"1/"', '"/"', '"1//0"', '"1/0 "',
    '"ffffffffffffffff/0"', '"ffffffffffffffff/ffffffffffffffff/ffffffffffffffff"',
    '"\\ud800"', '"\\u0000"', '"\\udfff\\ud800"', '"\u202e"', `"${'x'.repeat(300)}"`,
    `"${'f'.repeat(65)}/0"`, '{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{}}}',
    '{"toJSON":1}', '{"then":1}', '{"length":3}', `${'['.repeat(300)}${']'.repeat(300)}`,
    ...NAMES.map((name) => JSON.stringify(name))
]

/** What is put in the place of a few characters. */
const SCRATCHES = ['', '"', '{', '}', '[', ',', ':', '\\', '0', 'e', '\u0000', '\ud800']

/** What is large, and therefore rare. */
const LARGE: readonly string[] = [
    `${'['.repeat(5000)}${']'.repeat(5000)}`, `${'{"a":'.repeat(5000)}0${'}'.repeat(5000)}`,
    `[${'"1/0",'.repeat(3000)}"1/0"]`, `"${'f'.repeat(70_000)}"`,
    `{${Array.from({ length: 1500 }, (_, n) => `"${n.toString(16)}/0":"1/0"`).join(',')}}`
]

function splice(text: string, [from, to]: Span, other: string): string {
    return text.slice(0, from) + other + text.slice(to)
}

function part({ text, values }: Specimen, lots: Dice): string {
    const [from, to] = one(values, lots)
    return text.slice(from, to)
}

/** Spoils a few characters, wherever. What comes of it is rarely JSON. */
function scratch(text: string, lots: Dice): string {
    const from = lots.below(text.length)
    const span: Span = [from, from + lots.below(4)]
    const other = one(SCRATCHES, lots)
    return splice(text, span, other)
}

/** One specimen with one thing wrong with it, or several. What comes of it is a text. */
export function mutant(specimens: readonly Specimen[], lots: Dice): string {
    const whole = one(specimens, lots)
    const { values, keys } = whole
    let { text } = whole
    // From the end on, so that what stands before keeps its place.
    const count = 1 + lots.below(3)
    const spans = Array.from({ length: count }, () => one(values, lots))
        .sort((one, other) => other[0] - one[0])
    let limit = text.length + 1
    for (const span of spans) {
        if (span[1] > limit) {
            continue
        }
        limit = span[0]
        switch (lots.below(8)) {
            case 0:
                text = splice(text, span, part(one(specimens, lots), lots))
                break
            case 1: {
                const same = text.slice(span[0], span[1])
                text = splice(text, span, `[${same},${same}]`)
                break
            }
            case 2:
                // The value goes and its key stays, or a list has a hole: no JSON, mostly.
                text = splice(text, span, lots.below(4) === 0 ? '' : one(JUNK, lots))
                break
            case 3: {
                const before = keys.filter(([, to]) => to <= span[0])
                const key = before.at(-1 - lots.below(Math.min(3, before.length || 1)))
                if (key !== undefined) {
                    limit = key[0]
                    text = splice(text, key, JSON.stringify(one(NAMES, lots)))
                }
                break
            }
            case 4:
                text = splice(text, span, one(lots.below(100) === 0 ? LARGE : JUNK, lots))
                break
            default:
                text = splice(text, span, one(JUNK, lots))
        }
    }
    return lots.below(20) === 0 ? scratch(text, lots) : text
}
