import Procession from 'procession'
import type { Shifter } from 'procession'
import { callSafely } from './callbacks.js'

/**
 * A queue that takes nothing while nobody reads it: a cursor begins behind the newest value, so
 * what is pushed before there is one is seen by nobody.
 */
export class LogQueue<T> extends Procession<T> {
    #isRead = false

    override shifter(passes?: (link: { next: unknown }) => void): Shifter<T> {
        this.#isRead = true
        return passes === undefined ? super.shifter() : super.shifter(passes)
    }

    override push(value: T | null): void {
        if (this.#isRead || value === null || this.pushed.occupied) {
            super.push(value)
        }
    }
}

/**
 * Lets the first cursor of a queue cut off what it has passed, as long as there is no other: a
 * link that the collector has once found old would keep every later one from being collected
 * young.
 */
export function releasePassed<T>(queue: Procession<T>): void {
    const plain = queue.shifter.bind(queue)
    let cursors = 0
    const shifter = (passes?: (link: { next: unknown }) => void): Shifter<T> => {
        cursors++
        if (passes !== undefined || cursors !== 1) {
            return passes === undefined ? plain() : plain(passes)
        }
        let passed: { next: unknown } | null = null
        return plain((link) => {
            if (cursors === 1 && passed !== null) {
                passed.next = null
            }
            passed = link
        })
    }
    Object.assign(queue, { shifter })
}

/** The first cursor of a queue, which cuts off what it has passed. */
export function firstCursor<T>(queue: Procession<T>): Shifter<T> {
    releasePassed(queue)
    return queue.shifter()
}

/** Has a queue hand on at once what is pushed to it, and keep it for other readers alone. */
export function tap<T>(queue: Procession<T>, take: (value: T) => void): void {
    const plainPush = queue.push.bind(queue)
    const plain = queue.shifter.bind(queue)
    let isRead = false
    const push = (value: T | null): void => {
        if (value !== null) {
            take(value)
        }
        if (isRead || value === null || queue.pushed.occupied) {
            plainPush(value)
        }
    }
    const shifter = (passes?: (link: { next: unknown }) => void): Shifter<T> => {
        isRead = true
        return passes === undefined ? plain() : plain(passes)
    }
    Object.assign(queue, { push, shifter })
}

/**
 * Has a queue call back after each push; a wait for each costs more than all else it does. What is
 * called back may throw: that harms nobody.
 *
 * @returns The undo.
 */
export function onPush<T>(queue: Procession<T>, wake: () => void): () => void {
    const plain = queue.push.bind(queue)
    let isOver = false
    const push = (value: T | null): void => {
        plain(value)
        if (!isOver) {
            callSafely(wake)
        }
    }
    Object.assign(queue, { push })
    return () => {
        isOver = true
        if (queue.push === push) {
            Object.assign(queue, { push: plain })
        }
    }
}

/** How many places a line keeps for what comes next. */
const PLACES_MAX = 1024

/**
 * First in, first out, for one reader: taking one costs the same whatever the length. Its places
 * are used again as soon as it was empty, or else when half of them are.
 */
export class Fifo<T> {
    #items: (T | undefined)[] = []
    #taken = 0
    #end = 0

    /** How many there are. */
    get length(): number {
        return this.#end - this.#taken
    }

    push(item: T): void {
        this.#items[this.#end++] = item
    }

    /** The next one, left where it is; `undefined` where there is none. */
    peek(): T | undefined {
        return this.#taken === this.#end ? undefined : this.#items[this.#taken]
    }

    /** The next one, taken; `undefined` where there is none. */
    shift(): T | undefined {
        if (this.#taken === this.#end) {
            return undefined
        }
        const item = this.#items[this.#taken]
        this.#items[this.#taken++] = undefined
        if (this.#taken === this.#end) {
            this.#restart()
        } else if (this.#taken >= PLACES_MAX && this.#taken * 2 >= this.#end) {
            // It may never be empty.
            this.#items = this.#items.slice(this.#taken, this.#end)
            this.#end -= this.#taken
            this.#taken = 0
        }
        return item
    }

    #restart(): void {
        if (this.#items.length > PLACES_MAX) {
            this.#items = []
        }
        this.#taken = 0
        this.#end = 0
    }
}
