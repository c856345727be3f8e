/** Every way in which what a wire brings can be wrong. */
export const REJECTION_CODES = [
    /** It is no identifier: `A-Z a-z 0-9 . _ : -`, 1 to 128 of them, and not `__proto__`. */
    'bad-id',
    /** It is no number of its kind, or not in its one spelling. */
    'bad-number',
    /** It is no well-formed Unicode. */
    'bad-text',
    /** Its entries do not continue each other, or do not rise. */
    'broken-chain',
    /** Looking at it threw. */
    'hostile',
    /** Two of its fields that must agree do not. */
    'mismatch',
    /** A field that every version sends is not there. */
    'missing-field',
    /** It should have fields and is something else. */
    'not-an-object',
    /** It nests deeper than a value may. */
    'too-deep',
    /** It weighs more than a value may. */
    'too-large',
    /** It is longer than a word or a name may be. */
    'too-long',
    /** It holds more than a list or a dictionary may. */
    'too-many',
    /** It says a method that nobody knows. */
    'unknown-method',
    /** It is addressed to another module. */
    'unknown-module',
    /** It is not of the type that stands there, or nothing that JSON could carry. */
    'wrong-type'
] as const

/** Why something was refused at the wire; one of a closed set, fit for a counter's label. */
export type RejectionCode = (typeof REJECTION_CODES)[number]

/** Why and where. Bounded, and safe to print: no more of the input than the bones of a key. */
export interface Rejection {
    readonly code: RejectionCode
    /** The path to what is wrong, as in `body.entries[3].cookie`; empty for the whole. */
    readonly at: string
}

/** What a guard says of a value: rebuilt, frozen and safe to use, or why it is not. */
export type Guarded<T> =
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly rejection: Rejection }

/** How much of a foreign key a path shows. */
const KEY_MAX = 32

/** A rejection on its way out: each shape that it passes adds where it was. Immutable. */
export class Fault {
    readonly code: RejectionCode
    readonly at: string

    constructor(code: RejectionCode, at: string = '') {
        this.code = code
        this.at = at
    }

    /** The same fault as seen from the holder of a field. The name is one of ours. */
    inField(name: string): Fault {
        return new Fault(this.code, `.${name}${this.at}`)
    }

    /** The same fault as seen from the holder of an item. A key may be anybody's. */
    inItem(key: string | number): Fault {
        const shown = String(key).slice(0, KEY_MAX).replace(/[^A-Za-z0-9._:/-]/g, '?')
        return new Fault(this.code, `[${shown}]${this.at}`)
    }

    /** The fault as those outside see it. */
    toRejection(): Rejection {
        return Object.freeze({ code: this.code, at: this.at.replace(/^\./, '') })
    }
}
