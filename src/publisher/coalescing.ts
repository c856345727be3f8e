/** So many turns of the queue of promises pass before what was gathered goes in. */
const TURNS = 8

/**
 * Who sees its publish settled may publish again at once. Where many were settled together, what
 * they publish then is gathered and goes in together; else the first would go out alone, and all
 * others would wait for it.
 */
export class Coalescer {
    readonly #enter: (values: readonly unknown[]) => void
    /** What was gathered; `null` while values go in as they come. */
    #gathered: unknown[] | null = null

    /** @param enter Takes values, in their order. */
    constructor(enter: (values: readonly unknown[]) => void) {
        this.#enter = enter
    }

    /** How many values wait to go in. */
    get size(): number {
        return this.#gathered?.length ?? 0
    }

    /** Begins to gather, until all who wait for a promise that is settled now have gone on. */
    begin(): void {
        if (this.#gathered === null) {
            this.#gathered = []
            this.#turn(TURNS)
        }
    }

    /** Takes values: at once, or with the others. */
    add(values: readonly unknown[]): void {
        if (this.#gathered === null) {
            this.#enter(values)
        } else {
            for (const value of values) {
                this.#gathered.push(value)
            }
        }
    }

    /** Lets in what was gathered. */
    end(): void {
        const gathered = this.#gathered
        this.#gathered = null
        if (gathered !== null && gathered.length !== 0) {
            this.#enter(gathered)
        }
    }

    #turn(left: number): void {
        queueMicrotask(() => {
            if (left === 0) {
                this.end()
            } else {
                this.#turn(left - 1)
            }
        })
    }
}
