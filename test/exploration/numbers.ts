/** A list of 32-bit numbers that grows, without an object for each. */
export class Numbers {
    length = 0
    #cells = new Int32Array(1024)

    at(index: number): number {
        return this.#cells[index] ?? 0
    }

    push(value: number): void {
        this.#reserve(1)
        this.#cells[this.length++] = value
    }

    /** Appends the first so many of some cells. */
    append(cells: Int32Array, count: number): void {
        this.#reserve(count)
        for (let index = 0; index < count; index++) {
            this.#cells[this.length + index] = cells[index] ?? 0
        }
        this.length += count
    }

    /** Copies cells out; nothing is kept of them. */
    read(from: number, count: number, into: Int32Array): void {
        for (let index = 0; index < count; index++) {
            into[index] = this.#cells[from + index] ?? 0
        }
    }

    clear(): void {
        this.length = 0
    }

    #reserve(count: number): void {
        if (this.length + count > this.#cells.length) {
            const cells = new Int32Array(2 * this.#cells.length + count)
            cells.set(this.#cells)
            this.#cells = cells
        }
    }
}
