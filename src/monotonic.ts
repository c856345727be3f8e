/** A number of one or more hexadecimal words joined by `/`, without upper bound: `1f/0`. */
export type Monotonic = string

/** The longest word, in hexadecimal digits, that fits a double without loss. */
const EXACT_DIGITS = 13

function compareWords(left: string, right: string): number {
    if (left.length !== right.length) {
        return left.length - right.length
    }
    return left < right ? -1 : left > right ? 1 : 0
}

function incrementWord(word: string): string {
    return word.length < EXACT_DIGITS
        ? (Number.parseInt(word, 16) + 1).toString(16)
        : (BigInt(`0x${word}`) + 1n).toString(16)
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
    const these = left.split('/')
    const those = right.split('/')
    const common = Math.min(these.length, those.length)
    for (let index = 0; index < common; index++) {
        const difference = compareWords(these[index] ?? '', those[index] ?? '')
        if (difference !== 0) {
            return difference
        }
    }
    return these.length - those.length
}

/** The next number: one word counted up, every word behind it zero. */
function increment(number: Monotonic, part: number): Monotonic {
    const words = number.split('/')
    return words
        .map((word, index) => {
            if (index < part) {
                return word
            }
            return index === part ? incrementWord(word) : '0'
        })
        .join('/')
}

/** Whether every word behind `part` is zero. Part 0 of a promise: is it a government? */
function isBoundary(number: Monotonic, part: number): boolean {
    const words = number.split('/')
    for (let index = part + 1; index < words.length; index++) {
        if (words[index] !== '0') {
            return false
        }
    }
    return true
}

/** The arithmetic of promises, ballots and cookies. Pure functions; nothing overflows. */
export const Monotonic: {
    readonly compare: typeof compare
    readonly increment: typeof increment
    readonly isBoundary: typeof isBoundary
} = Object.freeze({ compare, increment, isBoundary })
