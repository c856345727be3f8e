import { KibitzError } from '../base/errors.js'
import type { WireCall } from '../guard/envelope.js'

/** How long the limit that an addressee has told is believed, in milliseconds. */
const BELIEVED_MS = 60_000

function tooLarge(bytesMax: number): KibitzError {
    return new KibitzError(
        'too-large',
        `A call above ${bytesMax} bytes was not taken. Give each member the same bytesMax.`
    )
}

/**
 * The size that a call to one addressee may have: the limit of this member, or the limit that the
 * addressee has told with a refusal. A larger call is refused here and uses no connection, until
 * the told limit is a minute old.
 */
export class CallSize {
    readonly #bytesMax: number
    #told: { readonly bytesMax: number; readonly at: number } | null = null

    constructor(bytesMax: number) {
        this.#bytesMax = bytesMax
    }

    get #max(): number {
        const { bytesMax, at } = this.#told ?? { bytesMax: this.#bytesMax, at: 0 }
        const isBelieved = performance.now() - at < BELIEVED_MS
        return isBelieved ? Math.min(bytesMax, this.#bytesMax) : this.#bytesMax
    }

    /** A call as JSON. @throws KibitzError `too-large` */
    write(envelope: WireCall): string {
        const text = JSON.stringify(envelope)
        const max = this.#max
        if (text.length * 3 > max && Buffer.byteLength(text) > max) {
            throw tooLarge(max)
        }
        return text
    }

    /** The addressee has refused a call. Returns the error of the call. */
    onRefused(payload: Buffer): KibitzError {
        const bytesMax = Number(payload.toString('latin1'))
        if (Number.isSafeInteger(bytesMax) && bytesMax > 0) {
            this.#told = { bytesMax, at: performance.now() }
        }
        return tooLarge(this.#max)
    }
}
