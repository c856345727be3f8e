/** One or more hexadecimal words joined by `/`, such as `1f/0`. A word has no upper bound. */
export type Monotonic = string

/** Words of fewer than 13 hexadecimal digits fit a double without loss. */
const EXACT_DIGITS = 13

const ZERO = 0x30
const LETTER_A = 0x61
const SLASH = 0x2f

/** The index behind the word that begins at `from`. */
function endOfWord(number: Monotonic, from: number): number {
    let end = from
    // Words are short, so this loop is faster than `indexOf`.
    while (end < number.length && number.charCodeAt(end) !== SLASH) {
        end++
    }
    return end
}

/** The index at which word number `part` begins; past the end if the number has fewer words. */
function beginOfWord(number: Monotonic, part: number): number {
    let from = 0
    for (let word = 0; word < part; word++) {
        from = endOfWord(number, from) + 1
    }
    return from
}

/**
 * Orders two numbers word by word. Words are lower case and have no leading zeros.
 *
 * @returns Less than zero, zero, or more than zero.
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
    // Both numbers have the same digits before `at`, so the longer word is the greater word.
    const leftEnd = endOfWord(left, at)
    const rightEnd = endOfWord(right, at)
    if (leftEnd !== rightEnd) {
        return leftEnd - rightEnd
    }
    return at === leftEnd
        ? left.length - right.length
        : left.charCodeAt(at) - right.charCodeAt(at)
}

/** The successor of each hexadecimal digit from `0` to `e`, by character code. */
const NEXT_DIGIT: readonly (string | undefined)[] = Array.from({ length: 0x66 }, (_, code) => {
    const digit = Number.parseInt(String.fromCharCode(code), 16)
    return Number.isNaN(digit) ? undefined : (digit + 1).toString(16)
})

/** Adds one to word number `part` and sets every later word to zero. */
function increment(number: Monotonic, part: number): Monotonic {
    const begin = beginOfWord(number, part)
    const end = endOfWord(number, begin)
    const counted = next(number.slice(0, end))
    return end === number.length ? counted : counted + zeros(number, end)
}

/**
 * Adds one to the last word. Usually only the last digit changes; the general way takes six times
 * as long.
 */
function next(number: Monotonic): Monotonic {
    const last = number.length - 1
    const digit = NEXT_DIGIT[number.charCodeAt(last)]
    return digit === undefined ? sum(number, 1) : number.slice(0, last) + digit
}

/** Whether `other` is `number` with one added to the last word. */
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

/**
 * The texts of the values 0 to 255: as a whole word, and as the last two digits of a longer word.
 */
const LOW: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16))
const LOW_DIGITS: readonly string[] = LOW.map((word) => word.padStart(2, '0'))

/** Successive numbers: the last word counts up by one. A step makes one new string. */
export class Series {
    #number: Monotonic
    /**
     * The text before the last two digits; the text before the last word if the word is that short.
     */
    #head = ''
    #low = 0
    #digits: readonly string[] = LOW

    /** @param number The first result of `next`. */
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

    /** Returns the current number and moves on to the next one. */
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

/** `/0` for each word from an index on. */
function zeros(number: Monotonic, from: number): string {
    let words = ''
    for (let at = from; at < number.length; at = endOfWord(number, at + 1)) {
        words += '/0'
    }
    return words
}

/**
 * Whether every word after word `part` is zero. For a promise and part 0: whether it is a
 * government.
 */
function isBoundary(number: Monotonic, part: number): boolean {
    for (let at = beginOfWord(number, part + 1); at < number.length; at += 2) {
        if (number[at] !== '0' || (at + 1 < number.length && number[at + 1] !== '/')) {
            return false
        }
    }
    return true
}

/** Adds `steps` to the last word. */
function add(number: Monotonic, steps: number): Monotonic {
    return steps === 1 ? next(number) : sum(number, steps)
}

function sum(number: Monotonic, steps: number): Monotonic {
    const begin = number.lastIndexOf('/') + 1
    const word =
        number.length - begin < EXACT_DIGITS
            ? (valueFrom(number, begin) + steps).toString(16)
            : (BigInt(`0x${number.slice(begin)}`) + BigInt(steps)).toString(16)
    return number.slice(0, begin) + word
}

/** The value of the last word, which begins at `begin` and fits a double. */
function valueFrom(number: Monotonic, begin: number): number {
    let value = 0
    for (let at = begin; at < number.length; at++) {
        const code = number.charCodeAt(at)
        value = value * 16 + (code < LETTER_A ? code - ZERO : code - LETTER_A + 10)
    }
    return value
}

/** The difference of the last words. The other words must be equal. */
function distance(from: Monotonic, to: Monotonic): number {
    const begin = from.lastIndexOf('/') + 1
    const other = to.lastIndexOf('/') + 1
    return Math.max(from.length - begin, to.length - other) < EXACT_DIGITS
        ? valueFrom(to, other) - valueFrom(from, begin)
        : Number(BigInt(`0x${to.slice(other)}`) - BigInt(`0x${from.slice(begin)}`))
}

/** Arithmetic on promises, ballots and cookies: pure functions without overflow. */
export const Monotonic: {
    readonly compare: typeof compare
    readonly increment: typeof increment
    readonly isBoundary: typeof isBoundary
    readonly add: typeof add
    readonly distance: typeof distance
    readonly isNext: typeof isNext
} = Object.freeze({ compare, increment, isBoundary, add, distance, isNext })
