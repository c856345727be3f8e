/** Texts up to this length are counted unit by unit: a call of the runtime costs more. */
const SHORT = 64

/** How many bytes a UTF-16 unit of a text takes as JSON in UTF-8, but for surrogates. */
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
 * How many bytes a text takes as JSON in UTF-8, quotes and escapes included: exactly as many as
 * `JSON.stringify` yields.
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

/**
 * The units that JSON may escape: all but these ranges. They are quotes, backslashes, control
 * characters, and surrogates, of which JSON escapes those without a partner.
 */
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/

function longTextSize(text: string): number {
    // A text without escapes needs no copy: a copy of each text costs the collector much.
    return ESCAPED.test(text)
        ? Buffer.byteLength(JSON.stringify(text))
        : Buffer.byteLength(text) + 2
}

/** How many bytes a finite number takes as JSON. */
export function numberSize(value: number): number {
    return value >= 0 && value < 10 && Number.isInteger(value) ? 1 : String(value).length
}
