import { copyAndFreeze, isLargerThan } from '../base/json-value.js'
import { KibitzError } from '../base/errors.js'
import { FIRST_VERSION, HIGHEST_VERSION } from '../paxos/membership/versions.js'
import type { Ballot, Republic } from '../paxos/messages/messages.js'
import type { Monotonic } from '../base/monotonic.js'
import { isIdentity } from '../base/publish-identity.js'
import type { WireLimits } from './limits.js'
import { Fault, type RejectionCode } from './rejection.js'
import type { Guard } from './combinators.js'

const ID_LENGTH_MAX = 128
const ID = /^[A-Za-z0-9._:-]+$/
const LONE_SURROGATE = /\p{Surrogate}/u
const TOO_DEEP = /nests deeper/

const BAD_ID = new Fault('bad-id')
const BAD_NUMBER = new Fault('bad-number')
const BAD_TEXT = new Fault('bad-text')
const TOO_LARGE = new Fault('too-large')
const TOO_LONG = new Fault('too-long')
const UNKNOWN_VERSION = new Fault('unknown-version')
const WRONG_TYPE = new Fault('wrong-type')

/** A boolean. */
export const flag: Guard<boolean> = (value) => (typeof value === 'boolean' ? value : WRONG_TYPE)

/** A string in well-formed Unicode, up to `nameMax` characters. */
export const text: Guard<string> = (value, { nameMax }) => {
    if (typeof value !== 'string') {
        return WRONG_TYPE
    }
    if (value.length > nameMax) {
        return TOO_LONG
    }
    return LONE_SURROGATE.test(value) ? BAD_TEXT : value
}

/** A string or a safe integer: the name of a republic or of an incarnation. */
export const name: Guard<Republic> = (value, limits) => {
    if (typeof value !== 'number') {
        return text(value, limits)
    }
    // Adding zero turns -0 into 0: JSON has one zero.
    return Number.isSafeInteger(value) ? value + 0 : BAD_NUMBER
}

/** The id of a member. The id is safe as a key of any object. */
export const id: Guard<string> = (value) => {
    if (typeof value !== 'string') {
        return WRONG_TYPE
    }
    if (value.length > ID_LENGTH_MAX) {
        return TOO_LONG
    }
    return ID.test(value) && value !== '__proto__' ? value : BAD_ID
}

/** A position in a list: a safe integer of 0 or more. */
export const index: Guard<number> = (value) => {
    if (typeof value !== 'number') {
        return WRONG_TYPE
    }
    return Number.isSafeInteger(value) && value >= 0 ? value + 0 : BAD_NUMBER
}

/** A protocol version that this package understands, in a government. */
export const version: Guard<number> = (value) => {
    if (typeof value !== 'number') {
        return WRONG_TYPE
    }
    const isKnown = Number.isInteger(value) && value > FIRST_VERSION && value <= HIGHEST_VERSION
    return isKnown ? value : UNKNOWN_VERSION
}

/** The number of times that a message was passed on: 0 or 1. */
export const hops: Guard<0 | 1> = (value) => {
    if (typeof value !== 'number') {
        return WRONG_TYPE
    }
    if (value === 0) {
        return 0
    }
    return value === 1 ? 1 : BAD_NUMBER
}

/** A duration in milliseconds: finite, 0 or more. */
export const duration: Guard<number> = (value) => {
    if (typeof value !== 'number') {
        return WRONG_TYPE
    }
    return Number.isFinite(value) && value >= 0 ? value + 0 : BAD_NUMBER
}

/** The last instant that a `Date` can represent, in milliseconds since the epoch. */
const INSTANT_MAX = 8_640_000_000_000_000

/** An instant in milliseconds since the epoch. */
export const instant: Guard<number> = (value) => {
    if (typeof value !== 'number') {
        return WRONG_TYPE
    }
    return Math.abs(value) <= INSTANT_MAX ? value + 0 : BAD_NUMBER
}

/** A number of `words` hexadecimal words, each of bounded length and in its only valid spelling. */
function monotonic(words: number): Guard<Monotonic> {
    return (value, { wordMax }) => {
        if (typeof value !== 'string') {
            return WRONG_TYPE
        }
        if (value.length > words * (wordMax + 1)) {
            return TOO_LONG
        }
        let longest = 0
        let at = 0
        for (let word = 0; word < words; word++) {
            const end = endOfWord(value, at)
            const isLast = word === words - 1
            if (end === -1 || isLast !== (end === value.length)) {
                return BAD_NUMBER
            }
            longest = Math.max(longest, end - at)
            at = end + 1
        }
        return longest <= wordMax ? value : TOO_LONG
    }
}

const ZERO = 0x30
const NINE = 0x39
const LETTER_A = 0x61
const LETTER_F = 0x66
const SLASH = 0x2f

/**
 * The end of the word that begins at `from`; -1 if no valid word begins there. Each arriving entry
 * is checked several times, and a regular expression would dominate the cost of the guard.
 */
function endOfWord(number: string, from: number): number {
    let at = from
    for (; at < number.length; at++) {
        const code = number.charCodeAt(at)
        if (code === SLASH) {
            break
        }
        const isDigit = code >= ZERO && code <= NINE
        if (!isDigit && (code < LETTER_A || code > LETTER_F)) {
            return -1
        }
    }
    const isPadded = at > from + 1 && number.charCodeAt(from) === ZERO
    return at === from || isPadded ? -1 : at
}

/** The number of a call: one word. */
export const callNumber: Guard<string> = monotonic(1)
const twoWords = monotonic(2)

/** The identity `life/n` of a publish. Both words count from 1. */
const identity: Guard<string> = (value, limits) => {
    const number = twoWords(value, limits)
    const isZero = typeof number === 'string' && (number.startsWith('0/') || number.endsWith('/0'))
    return isZero ? BAD_NUMBER : number
}

/** The cookie of a published value: one word, or an identity of two words. */
export const cookie: Guard<string> = (value, limits) =>
    (typeof value === 'string' && isIdentity(value) ? identity : callNumber)(value, limits)

/** The promise (number) of an entry: two words. */
export const promise: Guard<Monotonic> = monotonic(2)

/** The ballot of a proposer: three words. */
export const ballot: Guard<Ballot> = monotonic(3)

/** One of a closed set of words. Any other word is rejected with `code`. */
export function oneOf<T extends string>(words: readonly T[], code: RejectionCode): Guard<T> {
    const fault = new Fault(code)
    return (value) => {
        if (typeof value !== 'string') {
            return WRONG_TYPE
        }
        return words.find((word) => word === value) ?? fault
    }
}

/**
 * Any JSON value, up to the limit of bytes. A value that `copyAndFreeze` has already accepted
 * passes by identity and is not traversed again.
 */
export function jsonUpTo(limit: keyof WireLimits): Guard<unknown> {
    return (value, limits) => {
        try {
            const copy = copyAndFreeze(value)
            return isLargerThan(copy, limits[limit]) ? TOO_LARGE : copy
        } catch (error) {
            if (!(error instanceof KibitzError)) {
                throw error
            }
            return TOO_DEEP.test(error.message) ? new Fault('too-deep') : WRONG_TYPE
        }
    }
}
