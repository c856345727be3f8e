import type { HistoryLane, JoinedHistory } from '../replay/joined-history.js'

/**
 * The aligned instants of the inputs of a member. Inputs of one millisecond are spread over the
 * millisecond, in order. The instants are labels for a picture; causes define the order.
 */
export class LaneTimes {
    readonly first: number
    /** How far the clock of the member is ahead, in milliseconds. */
    readonly offset: number
    readonly #at: Float64Array

    constructor(history: JoinedHistory, { member, replayer }: HistoryLane, offset: number) {
        const { first, last } = replayer
        this.first = first
        this.offset = offset
        this.#at = new Float64Array(Math.max(0, last - first + 1))
        for (let number = first; number <= last; number++) {
            this.#at[number - first] = (history.whenOf({ member, number }) ?? 0) - offset
        }
        this.#spread()
    }

    #spread(): void {
        const at = this.#at
        let begin = 0
        for (let index = 1; index <= at.length; index++) {
            if (at[index] !== at[begin]) {
                const count = index - begin
                for (let other = 1; other < count; other++) {
                    at[begin + other] = (at[begin + other] ?? 0) + other / count
                }
                begin = index
            }
        }
    }

    /** The number of the last input; `first - 1` without inputs. */
    get last(): number {
        return this.first + this.#at.length - 1
    }

    /** The aligned instant of an input. */
    at(number: number): number {
        return this.#at[number - this.first] ?? Number.NaN
    }

    /** The number of the first input at or after an instant; `last + 1` if there is none. */
    firstFrom(instant: number): number {
        let low = 0
        let high = this.#at.length
        while (low < high) {
            const middle = Math.floor((low + high) / 2)
            if ((this.#at[middle] ?? 0) < instant) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return this.first + low
    }

    /** The places with a pause longer than a limit: the numbers of the inputs before a pause. */
    pauses(limitMs: number): number[] {
        const found: number[] = []
        for (let index = 1; index < this.#at.length; index++) {
            if ((this.#at[index] ?? 0) - (this.#at[index - 1] ?? 0) > limitMs) {
                found.push(this.first + index - 1)
            }
        }
        return found
    }
}
