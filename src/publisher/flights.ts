import type { Flight } from './islander-types.js'
import { GAP } from '../base/publish-identity.js'

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/** The batches in flight, oldest first. The oldest values of the publisher are in flight. */
export class Flights {
    #flights: Writable<Flight>[] = []

    /** The number of batches. */
    get size(): number {
        return this.#flights.length
    }

    /** The number of values that have not appeared in the log. */
    get values(): number {
        return this.#flights.reduce((sum, { count }) => sum + count, 0)
    }

    /** Adds a batch behind all others. */
    add(cookie: string, count: number): void {
        this.#flights.push({ cookie, count, isLone: count === 1, answer: 'awaited' })
    }

    /** The batch at an index. */
    at(index: number): Flight | undefined {
        return this.#flights[index]
    }

    /** The index of the batch of a dispatch whose answer is awaited; -1 without such a batch. */
    indexOf(cookie: string): number {
        return this.#flights.findIndex((flight) =>
            flight.cookie === cookie && flight.answer === 'awaited')
    }

    /** Stores the answer to the batch at an index. */
    onAnswer(index: number, answer: Flight['answer']): void {
        const flight = this.#flights[index]
        if (flight !== undefined) {
            flight.answer = answer
        }
    }

    /** Whether a leader has taken every batch before an index. */
    areTakenBefore(index: number): boolean {
        return this.#flights.slice(0, index).every(({ answer }) => answer === 'taken')
    }

    /** Removes the batches from an index on. */
    dropFrom(index: number): void {
        this.#flights.length = index
    }

    /** Removes the batches from the first overtaken batch on, if every earlier batch was taken. */
    dropOvertaken(): void {
        const index = this.#flights.findIndex(({ answer }) => answer !== 'taken')
        if (this.#flights[index]?.answer === GAP) {
            this.dropFrom(index)
        }
    }

    /**
     * Takes the oldest value out of flight, if it is in flight.
     *
     * @returns Whether the whole batch of the value has appeared now.
     */
    settleOldest(): boolean {
        const flight = this.#flights[0]
        if (flight === undefined) {
            return false
        }
        flight.count--
        if (flight.count !== 0) {
            return false
        }
        this.#flights.shift()
        this.dropOvertaken()
        return true
    }

    /** The state. */
    state(): readonly Flight[] {
        return this.#flights.map((flight) => ({ ...flight }))
    }

    /** Restores a state. */
    recall(flights: readonly Flight[]): void {
        this.#flights = flights.map((flight) => ({ ...flight }))
    }
}
