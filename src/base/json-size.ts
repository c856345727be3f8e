/**
 * Texts of at most 64 UTF-16 units are counted in a loop, which costs less than a call of the
 * runtime.
 */
const SHORT = 64

/** The bytes of a UTF-16 unit as JSON in UTF-8. The unit must not be a surrogate. */
function unitSize(unit: number): number {
    if (unit >= 0x20 && unit < 0x80) {
        return unit === 0x22 || unit === 0x5c ? 2 : 1
    }
    if (unit >= 0x80) {
        return unit < 0x800 ? 2 : 3
    }
    // JSON has two-letter escapes for \b, \t, \n, \f and \r, and six-letter escapes for the rest.
    return unit >= 8 && unit <= 13 && unit !== 11 ? 2 : 6
}

/**
 * The bytes of a text as JSON in UTF-8, quotes and escapes included: the exact length of the output
 * of `JSON.stringify`.
 */
export function textSize(text: string): number {
    const { length } = text
    if (length <= SHORT) {
        let size = 2
        for (let at = 0; at < length; at++) {
            const unit = text.charCodeAt(at)
            if (unit >= 0xd800 && unit < 0xe000) {
                return longTextSize(text)
            }
            size += unitSize(unit)
        }
        return size
    }
    return longTextSize(text)
}

/** Matches every unit that takes more than one byte: JSON may escape the unit, or is no ASCII. */
const LONGER = /[^ !#-[\]-~]/

/** Matches every unit that JSON may escape: of the surrogates, JSON escapes the unpaired ones. */
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/

function longTextSize(text: string): number {
    if (!LONGER.test(text)) {
        return text.length + 2
    }
    // A text without escapes needs no copy. Copies cost much garbage collection.
    return ESCAPED.test(text)
        ? Buffer.byteLength(JSON.stringify(text))
        : Buffer.byteLength(text) + 2
}

/** The maximum number of bytes of a UTF-16 unit as JSON in UTF-8: an escape such as `\u0000`. */
export const UNIT_BYTES_MAX = 6

/** The bytes of a finite number as JSON. */
export function numberSize(value: number): number {
    return value >= 0 && value < 10 && Number.isInteger(value) ? 1 : String(value).length
}
