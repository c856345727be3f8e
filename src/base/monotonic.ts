/** A number of one or more hexadecimal words joined by `/`, without upper bound: `1f/0`. */
export type Monotonic = string

/** The longest word, in hexadecimal digits, that fits a double without loss. */
const EXACT_DIGITS = 13

const ZERO = 0x30
const LETTER_A = 0x61
const SLASH = 0x2f

/** Where the word ends that begins at an index. */
function endOfWord(number: Monotonic, from: number): number {
    let end = from
    // Words are short: to have the text searched takes longer.
    while (end < number.length && number.charCodeAt(end) !== SLASH) {
        end++
    }
    return end
}

/** Where a word begins; past the end where there are fewer. */
function beginOfWord(number: Monotonic, part: number): number {
    let from = 0
    for (let word = 0; word < part; word++) {
        from = endOfWord(number, from) + 1
    }
    return from
}

/**
 * Orders two numbers word by word.
 *
 * @returns Less than zero, zero, or more than zero. Words are lower case without leading zeros.
 */
function compare(left: Monotonic, right: Monotonic): number {
    if (left === right) {
        return 0
    }
    const length = Math.min(left.length, right.length)
    let at = 0
    while (at < length && left.charCodeAt(at) === right.charCodeAt(at)) {
        at++
    }
    // What is equal so far is as many words of both: the longer word is the greater one.
    const leftEnd = endOfWord(left, at)
    const rightEnd = endOfWord(right, at)
    if (leftEnd !== rightEnd) {
        return leftEnd - rightEnd
    }
    return at === leftEnd
        ? left.length - right.length
        : left.charCodeAt(at) - right.charCodeAt(at)
}

/** The hexadecimal digit behind each of the first fifteen, by its code. */
const NEXT_DIGIT: readonly (string | undefined)[] = Array.from({ length: 0x66 }, (_, code) => {
    const digit = Number.parseInt(String.fromCharCode(code), 16)
    return Number.isNaN(digit) ? undefined : (digit + 1).toString(16)
})

/** The next number: one word counted up, every word behind it zero. */
function increment(number: Monotonic, part: number): Monotonic {
    const begin = beginOfWord(number, part)
    const end = endOfWord(number, begin)
    const counted = next(number.slice(0, end))
    return end === number.length ? counted : counted + zeros(number, end)
}

/** Counts the last word up once. Mostly that is one digit; all else takes six times as long. */
function next(number: Monotonic): Monotonic {
    const last = number.length - 1
    const digit = NEXT_DIGIT[number.charCodeAt(last)]
    return digit === undefined ? add(number, 1) : number.slice(0, last) + digit
}

/** Whether a number is another one with its last word counted up once. */
function isNext(number: Monotonic, other: Monotonic): boolean {
    const last = number.length - 1
    const digit = NEXT_DIGIT[number.charCodeAt(last)]
    if (digit === undefined) {
        return other === add(number, 1)
    }
    for (let at = 0; at < last; at++) {
        if (number.charCodeAt(at) !== other.charCodeAt(at)) {
            return false
        }
    }
    return other.length === number.length && other[last] === digit
}

/** The last two digits of a word, and words of no more, by what they are worth. */
const LOW: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16))
const LOW_DIGITS: readonly string[] = LOW.map((word) => word.padStart(2, '0'))

/** Numbers one after the other, the last word counted up; each costs one piece of text. */
export class Series {
    #number: Monotonic
    /** What precedes the last two digits, or the word where it has no more than two. */
    #head = ''
    #low = 0
    #digits: readonly string[] = LOW

    /** @param number The first of them. */
    constructor(number: Monotonic) {
        this.#number = number
        this.#begin()
    }

    #begin(): void {
        const begin = this.#number.lastIndexOf('/') + 1
        const isShort = this.#number.length - begin <= 2
        const end = isShort ? begin : this.#number.length - 2
        this.#head = this.#number.slice(0, end)
        this.#low = valueFrom(this.#number, end)
        this.#digits = isShort ? LOW : LOW_DIGITS
    }

    /** The next of them. */
    next(): Monotonic {
        const number = this.#number
        this.#low++
        if (this.#low < 256) {
            this.#number = this.#head + this.#digits[this.#low]
        } else {
            this.#number = add(number, 1)
            this.#begin()
        }
        return number
    }
}

/** As many zeros as there are words from an index on. */
function zeros(number: Monotonic, from: number): string {
    let words = ''
    for (let at = from; at < number.length; at = endOfWord(number, at + 1)) {
        words += '/0'
    }
    return words
}

/** Whether every word behind `part` is zero. Part 0 of a promise: is it a government? */
function isBoundary(number: Monotonic, part: number): boolean {
    for (let at = beginOfWord(number, part + 1); at < number.length; at += 2) {
        if (number[at] !== '0' || (at + 1 < number.length && number[at + 1] !== '/')) {
            return false
        }
    }
    return true
}

/** Counts the last word up so many times. */
function add(number: Monotonic, steps: number): Monotonic {
    const begin = number.lastIndexOf('/') + 1
    const sum =
        number.length - begin < EXACT_DIGITS
            ? (valueFrom(number, begin) + steps).toString(16)
            : (BigInt(`0x${number.slice(begin)}`) + BigInt(steps)).toString(16)
    return number.slice(0, begin) + sum
}

/** What the last word is worth, which begins at an index and fits a double. */
function valueFrom(number: Monotonic, begin: number): number {
    let value = 0
    for (let at = begin; at < number.length; at++) {
        const code = number.charCodeAt(at)
        value = value * 16 + (code < LETTER_A ? code - ZERO : code - LETTER_A + 10)
    }
    return value
}

/** How many times the last word of one number was counted up, where the others are equal. */
function distance(from: Monotonic, to: Monotonic): number {
    const begin = from.lastIndexOf('/') + 1
    const other = to.lastIndexOf('/') + 1
    return Math.max(from.length - begin, to.length - other) < EXACT_DIGITS
        ? valueFrom(to, other) - valueFrom(from, begin)
        : Number(BigInt(`0x${to.slice(other)}`) - BigInt(`0x${from.slice(begin)}`))
}

/** The arithmetic of promises, ballots and cookies. Pure functions; nothing overflows. */
export const Monotonic: {
    readonly compare: typeof compare
    readonly increment: typeof increment
    readonly isBoundary: typeof isBoundary
    readonly add: typeof add
    readonly distance: typeof distance
    readonly isNext: typeof isNext
} = Object.freeze({ compare, increment, isBoundary, add, distance, isNext })
