/** The number of microtask turns after which the gathered values are published. */
const TURNS = 8

/**
 * Gathers values that callers publish right after earlier publishes have settled. If many publishes
 * settle together and each caller publishes again, the gathered values form one batch. Without the
 * gathering, the first value would travel alone and all others would wait for its round trip.
 */
export class Coalescer {
    readonly #enter: (values: readonly unknown[]) => void
    /** The gathered values; `null` while values are published at once. */
    #gathered: unknown[] | null = null

    /** @param enter Publishes values, in their order. */
    constructor(enter: (values: readonly unknown[]) => void) {
        this.#enter = enter
    }

    /** The number of gathered values. */
    get size(): number {
        return this.#gathered?.length ?? 0
    }

    /**
     * Starts to gather. Ends after eight microtask turns, when the callers of the promises that
     * settled now have run.
     */
    begin(): void {
        if (this.#gathered === null) {
            this.#gathered = []
            this.#waitTurns(TURNS)
        }
    }

    /** Publishes values at once, or adds the values to the gathered ones. */
    add(values: readonly unknown[]): void {
        if (this.#gathered === null) {
            this.#enter(values)
        } else {
            for (const value of values) {
                this.#gathered.push(value)
            }
        }
    }

    /** Publishes the gathered values and stops gathering. */
    end(): void {
        const gathered = this.#gathered
        this.#gathered = null
        if (gathered !== null && gathered.length !== 0) {
            this.#enter(gathered)
        }
    }

    #waitTurns(left: number): void {
        queueMicrotask(() => {
            if (left === 0) {
                this.end()
            } else {
                this.#waitTurns(left - 1)
            }
        })
    }
}
