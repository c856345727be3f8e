/** How full the table may be before it doubles. */
const LOAD_MAX = 0.7

function mix(hash: number, value: number): number {
    const product = Math.imul(hash ^ value, 0x9e3779b1)
    return product ^ (product >>> 15)
}

/**
 * The states that were seen, by a hash of 64 bits each: 16 bytes a state at the most, and among
 * ten million states one in a hundred thousand runs takes two for one.
 */
export class Visited {
    size = 0
    #mask = 2 ** 16 - 1
    /** Two words a place; a place whose words are both zero is free. */
    #table = new Uint32Array(2 * (this.#mask + 1))

    /** Notes a state, told as a list of numbers; whether it is new. */
    add(cells: Int32Array, length: number): boolean {
        let high = 0x243f6a88
        let low = 0x85a308d3
        for (let index = 0; index < length; index++) {
            const cell = cells[index] ?? 0
            high = mix(high, cell)
            low = mix(low + 0x13198a2e, cell ^ (high >>> 3))
        }
        if (this.size > LOAD_MAX * (this.#mask + 1)) {
            this.#grow()
        }
        return this.#put(high >>> 0, (low | 1) >>> 0)
    }

    #put(high: number, low: number): boolean {
        const table = this.#table
        for (let at = high & this.#mask; ; at = (at + 1) & this.#mask) {
            const isFree = table[2 * at + 1] === 0
            if (!isFree && table[2 * at] === high && table[2 * at + 1] === low) {
                return false
            }
            if (isFree) {
                table[2 * at] = high
                table[2 * at + 1] = low
                this.size++
                return true
            }
        }
    }

    #grow(): void {
        const before = this.#table
        this.#mask = 2 * this.#mask + 1
        this.#table = new Uint32Array(2 * (this.#mask + 1))
        this.size = 0
        for (let at = 0; at < before.length; at += 2) {
            if (before[at + 1] !== 0) {
                this.#put(before[at] ?? 0, before[at + 1] ?? 0)
            }
        }
    }
}
