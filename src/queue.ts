import Procession from 'procession'
import type { Shifter } from 'procession'

/**
 * A queue that takes nothing while nobody reads it: a cursor begins behind the newest value, so
 * what is pushed before there is one is seen by nobody.
 */
export class Outlet<T> extends Procession<T> {
    #isRead = false
    readonly #followers = new Set<Follower<T>>()

    override shifter(passes?: (link: { next: unknown }) => void): Shifter<T> {
        this.#isRead = true
        return passes === undefined ? super.shifter() : super.shifter(passes)
    }

    override push(value: T | null): void {
        if (this.#isRead || value === null || this.pushed.occupied) {
            super.push(value)
        }
        for (const follower of this.#followers) {
            if (!follower.isFollowed()) {
                this.#followers.delete(follower)
            }
        }
    }

    /** A cursor that is given up once so many values have come that it has not taken. */
    follower(backlog: number): Follower<T> {
        const follower = new Follower(this.shifter(), backlog)
        this.#followers.add(follower)
        return follower
    }
}

/** A cursor that holds no more than a bounded number of values back from the collector. */
export class Follower<T> {
    readonly cursor: Shifter<T>
    /** It was given up: something that has come it will never take. */
    isOverrun = false
    readonly #backlog: number
    #behind = 0

    constructor(cursor: Shifter<T>, backlog: number) {
        this.cursor = cursor
        this.#backlog = backlog
    }

    /** Notes that a value was taken. */
    take(): void {
        this.#behind--
    }

    /** Notes that a value has come; false once the cursor is at its end. */
    isFollowed(): boolean {
        this.#behind++
        if (this.#behind > this.#backlog) {
            this.isOverrun = true
            this.cursor.destroy()
        }
        return !this.cursor.endOfStream
    }
}

/**
 * The first cursor of a queue. As long as there is no other, it cuts off what it has passed: a
 * link that the collector has once found old would keep every later one from being collected
 * young.
 */
export function firstCursor<T>(queue: Procession<T>): Shifter<T> {
    let isSole = true
    let passed: { next: unknown } | null = null
    const first = queue.shifter((link) => {
        if (isSole && passed !== null) {
            passed.next = null
        }
        passed = link
    })
    const plain = queue.shifter.bind(queue)
    const shifter = (passes?: (link: { next: unknown }) => void): Shifter<T> => {
        isSole = false
        return passes === undefined ? plain() : plain(passes)
    }
    Object.assign(queue, { shifter })
    return first
}

/** First in, first out, for one reader: taking one costs the same whatever the length. */
export class Line<T> {
    #items: T[] = []
    #taken = 0

    push(item: T): void {
        this.#items.push(item)
    }

    /** The next one, left where it is; `undefined` where there is none. */
    peek(): T | undefined {
        return this.#items[this.#taken]
    }

    /** The next one, taken; `undefined` where there is none. */
    shift(): T | undefined {
        const item = this.#items[this.#taken++]
        if (this.#taken >= this.#items.length) {
            this.#items = []
            this.#taken = 0
        }
        return item
    }
}
