import Procession from 'procession'
import type { Shifter } from 'procession'
import { callSafely } from './callbacks.js'

/**
 * A queue that drops pushed values while the queue has no reader. A cursor begins behind the newest
 * value, so a value that was pushed before the first cursor could never be read.
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
 * Unlinks each item from its successor after the first cursor of a queue has passed the item, while
 * that cursor is the only one. An old item that still links to newer items would keep the young
 * generation of the garbage collector from collecting them.
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

/** The first cursor of a queue, with the effect of `releasePassed`. */
export function firstCursor<T>(queue: Procession<T>): Shifter<T> {
    releasePassed(queue)
    return queue.shifter()
}

/**
 * Calls a function at each push to a queue. The queue itself keeps a value only for other readers.
 */
export function tapPushes<T>(queue: Procession<T>, take: (value: T) => void): void {
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
 * Calls a function after each push to a queue. A wait on the signal `pushed` for each value would
 * cost more than all other work of the push. An exception of the function does not reach the
 * pusher.
 *
 * @returns Removes the function.
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

/** The number of array places that the queue keeps for later items after the queue was empty. */
const PLACES_MAX = 1024

/**
 * A first-in, first-out queue for one reader. `shift` takes constant time at any length. Places of
 * removed items are reused when the queue becomes empty, or when they are half of the array.
 */
export class Fifo<T> {
    #items: (T | undefined)[] = []
    #taken = 0
    #end = 0

    /** The number of items. */
    get length(): number {
        return this.#end - this.#taken
    }

    push(item: T): void {
        this.#items[this.#end++] = item
    }

    /** The oldest item, which stays in the queue; `undefined` if the queue is empty. */
    peek(): T | undefined {
        return this.#taken === this.#end ? undefined : this.#items[this.#taken]
    }

    /** Removes and returns the oldest item; `undefined` if the queue is empty. */
    shift(): T | undefined {
        if (this.#taken === this.#end) {
            return undefined
        }
        const item = this.#items[this.#taken]
        this.#items[this.#taken++] = undefined
        if (this.#taken === this.#end) {
            this.#restart()
        } else if (this.#taken >= PLACES_MAX && this.#taken * 2 >= this.#end) {
            // A busy queue may never be empty.
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
