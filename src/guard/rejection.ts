/** Every defect that the guard reports. */
export const REJECTION_CODES = [
    /** Not an identifier: 1 to 128 of `A-Z a-z 0-9 . _ : -`, and not `__proto__`. */
    'bad-id',
    /** Not a number of this kind, or not in the only valid spelling. */
    'bad-number',
    /** Not well-formed Unicode. */
    'bad-text',
    /** The entries do not continue each other, or their promises do not rise. */
    'broken-chain',
    /** Reading the value threw an exception. */
    'hostile',
    /** Two fields that must agree differ. */
    'mismatch',
    /** A required field is missing. */
    'missing-field',
    /** Not an object where an object is required. */
    'not-an-object',
    /** The value nests deeper than the limit. */
    'too-deep',
    /** The value takes more bytes than the limit. */
    'too-large',
    /** A word or a name is longer than the limit. */
    'too-long',
    /** A list or a dictionary holds more items than the limit. */
    'too-many',
    /** The method is unknown. */
    'unknown-method',
    /** The module is unknown: the message is not for kibitz. */
    'unknown-module',
    /** A government has a protocol version that this package does not understand. */
    'unknown-version',
    /** The value has the wrong type, or JSON cannot carry the value. */
    'wrong-type'
] as const

/** The code of a rejection, from a closed set that suits the label of a counter. */
export type RejectionCode = (typeof REJECTION_CODES)[number]

/**
 * The code and the path of a defect. Bounded, and safe to print: of a foreign key, the path shows
 * at most 32 characters, and `?` for each unsafe character.
 */
export interface Rejection {
    readonly code: RejectionCode
    /**
     * The path of the defect, for example `body.entries[3].cookie`; empty if the whole value is
     * wrong.
     */
    readonly at: string
}

/** The rebuilt, frozen value, or the rejection. */
export type Guarded<T> =
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly rejection: Rejection }

/** The number of characters of a foreign key that a path shows. */
const KEY_MAX = 32

/** A rejection under construction: each enclosing shape adds its part of the path. Immutable. */
export class Fault {
    readonly code: RejectionCode
    readonly at: string

    constructor(code: RejectionCode, at: string = '') {
        this.code = code
        this.at = at
    }

    /**
     * The same fault as seen from the object with the field. The name comes from a table of this
     * library.
     */
    inField(name: string): Fault {
        return new Fault(this.code, `.${name}${this.at}`)
    }

    /** The same fault as seen from the list or dictionary with the item. The key may be foreign. */
    inItem(key: string | number): Fault {
        const shown = String(key).slice(0, KEY_MAX).replace(/[^A-Za-z0-9._:/-]/g, '?')
        return new Fault(this.code, `[${shown}]${this.at}`)
    }

    /** The fault as public data. */
    toRejection(): Rejection {
        return Object.freeze({ code: this.code, at: this.at.replace(/^\./, '') })
    }
}
