/** The multiplier and the modulus of Park and Miller's minimal standard generator. */
const MULTIPLIER = 16807
const MODULUS = 2147483647

/**
 * Pseudo-random numbers, a function of the seed alone: retries of several members spread, and
 * replays are equal. After admission the seed is the immigration promise, so no two members of a
 * republic draw the same numbers.
 */
export class SeededRandom {
    #state: number

    constructor(seed: string) {
        let hash = 1
        for (const character of seed) {
            hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % MODULUS
        }
        this.#state = Math.max(1, hash)
        // Similar seeds begin with similar numbers. A few steps separate the sequences.
        for (let step = 0; step < 4; step++) {
            this.below(MODULUS)
        }
    }

    /** The written form. */
    state(): number {
        return this.#state
    }

    /** Restores a written form. */
    static restore(state: number): SeededRandom {
        const random = new SeededRandom('')
        random.#state = state
        return random
    }

    /** A whole number from zero up to `limit`, `limit` excluded. */
    below(limit: number): number {
        this.#state = (this.#state * MULTIPLIER) % MODULUS
        return this.#state % Math.max(1, Math.ceil(limit))
    }
}
