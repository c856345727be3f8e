/**
 * A sequence of random numbers that depends on a seed and on the name of a use. So a further draw
 * for one use does not change the draws for other uses. (sfc32, by Chris Doty-Humphrey.)
 */
export class Dice {
    #a: number
    #b: number
    #c: number
    #counter = 1

    constructor(seed: number, use: string) {
        let hash = 2166136261
        for (const character of use) {
            hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619)
        }
        this.#a = hash | 0
        this.#b = seed | 0
        this.#c = Math.floor(seed / 2 ** 32) | 0
        for (let draw = 0; draw < 12; draw++) {
            this.next()
        }
    }

    /** A number in [0, 1). */
    next(): number {
        const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
        this.#counter = (this.#counter + 1) | 0
        this.#a = this.#b ^ (this.#b >>> 9)
        this.#b = (this.#c + (this.#c << 3)) | 0
        this.#c = (this.#c << 21) | (this.#c >>> 11)
        this.#c = (this.#c + sum) | 0
        return (sum >>> 0) / 4294967296
    }

    /** A whole number in [0, limit). */
    below(limit: number): number {
        return Math.floor(this.next() * limit)
    }

    /** A number in [least, most). */
    between(least: number, most: number): number {
        return least + this.next() * (most - least)
    }

    /** Whether an event of this probability happens. */
    chance(probability: number): boolean {
        return this.next() < probability
    }

    /** An item of a list. The list must not be empty. */
    pick<T>(list: readonly T[]): T {
        const picked = list[this.below(list.length)]
        if (picked === undefined) {
            throw new RangeError('An empty list has no item to pick.')
        }
        return picked
    }

    /** A number with an exponential distribution of this mean. */
    exponential(mean: number): number {
        return -Math.log(1 - this.next()) * mean
    }

    /** The same list in another order. */
    shuffle<T>(list: readonly T[]): T[] {
        const shuffled: T[] = []
        for (const item of list) {
            const place = this.below(shuffled.length + 1)
            const other = shuffled[place]
            if (other === undefined) {
                shuffled.push(item)
            } else {
                shuffled.push(other)
                shuffled[place] = item
            }
        }
        return shuffled
    }
}
