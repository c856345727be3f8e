/**
 * Chance as a function of a seed and the name of what it is for, so that a draw more in one place
 * does not change what another one draws. (sfc32, by Chris Doty-Humphrey.)
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

    /** From zero up to, but not including, one. */
    next(): number {
        const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
        this.#counter = (this.#counter + 1) | 0
        this.#a = this.#b ^ (this.#b >>> 9)
        this.#b = (this.#c + (this.#c << 3)) | 0
        this.#c = (this.#c << 21) | (this.#c >>> 11)
        this.#c = (this.#c + sum) | 0
        return (sum >>> 0) / 4294967296
    }

    /** A whole number from zero up to, but not including, the limit. */
    below(limit: number): number {
        return Math.floor(this.next() * limit)
    }

    between(least: number, most: number): number {
        return least + this.next() * (most - least)
    }

    chance(probability: number): boolean {
        return this.next() < probability
    }

    /** One of a list, which must not be empty. */
    pick<T>(list: readonly T[]): T {
        const picked = list[this.below(list.length)]
        if (picked === undefined) {
            throw new RangeError('There is nothing to pick from.')
        }
        return picked
    }

    /** Mostly short, seldom long, so much on average. */
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
