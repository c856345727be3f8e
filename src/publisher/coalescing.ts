/** The sum of gathered values. */
export interface Gathered {
    /** The number of the values. */
    readonly count: number
    /** About the size of the values, in bytes of JSON. */
    readonly weight: number
}

/** The conditions under which gathered values are published. */
export interface CoalescingRules {
    /** Publishes values, in their order, as one input if possible. */
    readonly enter: (values: readonly unknown[]) => void
    /** Whether gathered values must wait, because an earlier batch is in flight. */
    readonly isHeld: (gathered: Gathered) => boolean
    /** Runs a function at the end of the present turn of the event loop. */
    readonly atTurnEnd: (run: () => void) => void
}

/**
 * Gathers the publishes of one turn of the event loop, so that they form one batch. If callers
 * settle together, each of them publishes its next value in the same turn; without the gathering,
 * the first value would travel alone and all others would wait for its round.
 *
 * 1. Values are published in the order in which they came, and each once.
 * 2. While values wait and `isHeld` is false, the end of the turn is requested. If `isHeld` was
 *    true at the end of the turn, the owner calls `requestEnd` when that may have changed.
 */
export class Coalescer {
    readonly #rules: CoalescingRules
    #gathered: unknown[] = []
    #weight = 0
    /** Whether the end of the turn is requested. */
    #isRequested = false

    constructor(rules: CoalescingRules) {
        this.#rules = rules
    }

    /** The number of gathered values. */
    get size(): number {
        return this.#gathered.length
    }

    /**
     * Adds values behind all others.
     *
     * @param weight About the size of the values, in bytes of JSON.
     */
    add(values: readonly unknown[], weight: number): void {
        this.#weight += weight
        for (const value of values) {
            this.#gathered.push(value)
        }
        this.requestEnd()
    }

    /** Requests the end of the turn, if values wait. */
    requestEnd(): void {
        if (this.#gathered.length !== 0 && !this.#isRequested) {
            this.#isRequested = true
            this.#rules.atTurnEnd(() => {
                this.#isRequested = false
                if (!this.#rules.isHeld({ count: this.size, weight: this.#weight })) {
                    this.flush()
                }
            })
        }
    }

    /** Publishes the gathered values now. */
    flush(): void {
        const gathered = this.#gathered
        if (gathered.length !== 0) {
            this.#gathered = []
            this.#weight = 0
            this.#rules.enter(gathered)
        }
    }
}
