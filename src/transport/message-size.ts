import { KibitzError } from '../base/errors.js'
import type { WireCall } from '../guard/envelope.js'

/**
 * The default limit of a message in bytes of JSON. The engine sends about one mebibyte of values at
 * once, counted in characters, and JSON spells a character with up to six bytes. With the heads of
 * the entries, or with the properties of all citizens, the largest message stays below this limit.
 * If the limit is lower, no member accepts the largest messages.
 */
export const BYTES_MAX: number = 8 * 1024 * 1024

/** The same limit for a message in base64, which takes four bytes for three. */
export const OPAQUE_BYTES_MAX: number = 12 * 1024 * 1024

/** The largest `bytesMax` that may be set: a larger message does not fit a JavaScript string. */
export const BYTES_LIMIT: number = 256 * 1024 * 1024

/** The time for which a limit reported by an addressee counts, in milliseconds. */
const REPORT_VALID_MS = 60_000

function tooLarge(bytesMax: number): KibitzError {
    return new KibitzError(
        'too-large',
        `A call above ${bytesMax} bytes was not taken. Give each member the same bytesMax.`
    )
}

/**
 * The size limit of calls to one addressee: the limit of this member, or the smaller limit that the
 * addressee reported when it refused a call. For one minute after the report, a larger call is
 * refused locally and uses no connection.
 */
export class CallSize {
    readonly #bytesMax: number
    #reported: { readonly bytesMax: number; readonly at: number } | null = null

    constructor(bytesMax: number) {
        this.#bytesMax = bytesMax
    }

    get #max(): number {
        const { bytesMax, at } = this.#reported ?? { bytesMax: this.#bytesMax, at: 0 }
        const isCurrent = performance.now() - at < REPORT_VALID_MS
        return isCurrent ? Math.min(bytesMax, this.#bytesMax) : this.#bytesMax
    }

    /** The call as JSON. @throws KibitzError `too-large` */
    write(envelope: WireCall): string {
        const text = JSON.stringify(envelope)
        const max = this.#max
        if (text.length * 3 > max && Buffer.byteLength(text) > max) {
            throw tooLarge(max)
        }
        return text
    }

    /**
     * Stores the limit that the addressee reports with a refusal, in decimal bytes. Returns the
     * error of the call.
     */
    onRefused(payload: Buffer): KibitzError {
        const bytesMax = Number(payload.toString('latin1'))
        if (Number.isSafeInteger(bytesMax) && bytesMax > 0) {
            this.#reported = { bytesMax, at: performance.now() }
        }
        return tooLarge(this.#max)
    }
}
