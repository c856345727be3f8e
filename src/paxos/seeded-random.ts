/** The multiplier and the modulus of Park and Miller's minimal standard generator. */
const MULTIPLIER = 16807
const MODULUS = 2147483647

/**
 * Numbers that look random and are a function of the seed: retries spread, replays do not differ.
 * Seeded by the immigration promise, so that no two members of a republic draw in step.
 */
export class SeededRandom {
    #state: number

    constructor(seed: string) {
        let hash = 1
        for (const character of seed) {
            hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % MODULUS
        }
        this.#state = Math.max(1, hash)
        // Neighbouring seeds begin with neighbouring numbers; a few steps part them.
        for (let step = 0; step < 4; step++) {
            this.below(MODULUS)
        }
    }

    /** All that any later number depends on. */
    state(): number {
        return this.#state
    }

    /** Goes on from where another one was. */
    static restore(state: number): SeededRandom {
        const random = new SeededRandom('')
        random.#state = state
        return random
    }

    /** A whole number from zero up to, but not including, `limit`. */
    below(limit: number): number {
        this.#state = (this.#state * MULTIPLIER) % MODULUS
        return this.#state % Math.max(1, Math.ceil(limit))
    }
}
