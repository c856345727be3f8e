import { fold } from './fold-encoding.js'

/** When quiet inputs are written. Tests pass their own. */
export interface QuietLimits {
    /** The time between the first and the last input of a fold, in milliseconds. */
    readonly ms: number
    readonly inputs: number
    /** The size of the inputs as JSON, in characters. */
    readonly size: number
}

/** The time is half of `UNRECORDED_MS`: a synchronization may take as long again. */
export const QUIET_LIMITS: QuietLimits = { ms: 30_000, inputs: 1024, size: 512 * 1024 }

/** So many inputs are written as single records: a fold would not be much smaller. */
const SINGLE_MAX = 3

/**
 * The quiet inputs that no record holds yet. An input is quiet if it changed no claim of the member
 * (`paxos/claims.ts`). A crash loses these inputs, as if their messages had been lost on the way.
 */
export class QuietInputs {
    readonly #limits: QuietLimits
    #texts: string[] = []
    #size = 0
    #since = 0
    /** The instant of the last input. */
    lastAt = 0
    /** The sum of the differences between the sizes of folded inputs and of their folds. */
    saved = 0

    constructor(limits: QuietLimits = QUIET_LIMITS) {
        this.#limits = limits
    }

    /** The number of inputs without a record. */
    get count(): number {
        return this.#texts.length
    }

    /** Adds an input, as JSON. Returns whether the inputs must be written now. */
    add(when: number, text: string): boolean {
        if (this.#texts.length === 0) {
            this.#since = when
        }
        this.lastAt = when
        this.#texts.push(text)
        this.#size += text.length
        const { ms, inputs, size } = this.#limits
        return when - this.#since >= ms || this.#texts.length >= inputs || this.#size >= size
    }

    /** Removes all inputs, and returns their records. */
    takeRecords(): readonly Uint8Array[] {
        const texts = this.#texts
        if (texts.length === 0) {
            return []
        }
        const size = this.#size
        this.#texts = []
        this.#size = 0
        if (texts.length <= SINGLE_MAX) {
            return texts.map((text) => Buffer.from(text))
        }
        const record = fold(texts)
        this.saved += size - record.length
        return [record]
    }
}
