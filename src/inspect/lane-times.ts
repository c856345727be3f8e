/** The instants of a lane, by the clock of its member. */
export interface LaneInstants {
    readonly first: number
    /** The number of the last input; `first - 1` without inputs. May grow. */
    readonly last: number
    whenOf(number: number): number | null
}

/**
 * The aligned instants of the inputs of a member. Inputs of one millisecond are spread over the
 * millisecond, in order. The instants are labels for a picture; causes define the order. The
 * recording may still be read: then the instants of further inputs join.
 */
export class LaneTimes {
    readonly first: number
    readonly #lane: LaneInstants
    readonly #offset: () => number
    /** The instants by the clock of the member. */
    #at = new Float64Array(1024)
    #count = 0
    /** The index of the first input of the last millisecond. */
    #begin = 0

    /** @param offset How far the clock of the member is ahead, in milliseconds. */
    constructor(lane: LaneInstants, offset: () => number) {
        this.first = lane.first
        this.#lane = lane
        this.#offset = offset
    }

    /** How far the clock of the member is ahead, in milliseconds. */
    get offset(): number {
        return this.#offset()
    }

    #grow(): void {
        const { first, last } = this.#lane
        const count = last - first + 1
        if (count === this.#count) {
            return
        }
        if (count > this.#at.length) {
            const grown = new Float64Array(Math.max(count, 2 * this.#at.length))
            grown.set(this.#at.subarray(0, this.#count))
            this.#at = grown
        }
        let begin = this.#begin
        let when = this.#lane.whenOf(first + begin) ?? 0
        for (let index = begin; index <= count; index++) {
            const next = index === count ? Number.NaN : this.#lane.whenOf(first + index) ?? 0
            if (next !== when) {
                for (let other = begin; other < index; other++) {
                    this.#at[other] = when + (other - begin) / (index - begin)
                }
                this.#begin = begin
                begin = index
                when = next
            }
        }
        this.#count = count
    }

    /** The number of the last input; `first - 1` without inputs. */
    get last(): number {
        return this.#lane.last
    }

    /** The aligned instant of an input. */
    at(number: number): number {
        this.#grow()
        const index = number - this.first
        return index < this.#count ? (this.#at[index] ?? Number.NaN) - this.offset : Number.NaN
    }

    /** The number of the first input at or after an instant; `last + 1` if there is none. */
    firstFrom(instant: number): number {
        this.#grow()
        const { offset } = this
        let low = 0
        let high = this.#count
        while (low < high) {
            const middle = Math.floor((low + high) / 2)
            if ((this.#at[middle] ?? 0) - offset < instant) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return this.first + low
    }

    /** The places with a pause longer than a limit: the numbers of the inputs before a pause. */
    pauses(limitMs: number): number[] {
        this.#grow()
        const found: number[] = []
        for (let index = 1; index < this.#count; index++) {
            if ((this.#at[index] ?? 0) - (this.#at[index - 1] ?? 0) > limitMs) {
                found.push(this.first + index - 1)
            }
        }
        return found
    }
}
