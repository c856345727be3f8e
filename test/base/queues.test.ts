import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Procession from 'procession'
import type { Shifter } from 'procession'
import {
    Fifo, firstCursor, LogQueue, onPush, releasePassed, tapPushes
} from '../../src/base/queues.js'

function all<T>(cursor: Shifter<T>): T[] {
    const taken: T[] = []
    for (let next = cursor.shift(); next !== null; next = cursor.shift()) {
        taken.push(next)
    }
    return taken
}

describe('LogQueue', () => {
    test('gives a cursor the values that follow the cursor', () => {
        const outlet = new LogQueue<number>()
        outlet.push(1)
        const early = outlet.shifter()
        outlet.push(2)
        const late = outlet.shifter()
        outlet.push(3)
        assert.deepEqual([all(early), all(late)], [[2, 3], [3]])
    })

    test('notifies a waiter of pushed without a reader', () => {
        const outlet = new LogQueue<number>()
        let told = 0
        outlet.pushed.wait(() => told++)
        outlet.push(1)
        outlet.push(2)
        assert.equal(told, 1)
    })

    test('ends for a later cursor, too', () => {
        const outlet = new LogQueue<number>()
        outlet.push(1)
        outlet.push(null)
        assert.equal(outlet.endOfStream, true)
        const cursor = outlet.shifter()
        assert.equal(cursor.shift(), null)
    })
})

describe('firstCursor', () => {
    /** The links that a cursor has passed. */
    function passed(queue: Procession<number>): { next: unknown }[] {
        const links: { next: unknown }[] = []
        const cursor = queue.shifter((link) => links.push(link))
        all(cursor)
        return links
    }

    test('releases passed links while no other cursor reads', () => {
        const queue = new Procession<number>()
        const heads: { next: unknown }[] = []
        const first = firstCursor(queue)
        for (const value of [1, 2, 3]) {
            queue.push(value)
            heads.push((queue as unknown as { head: { next: unknown } }).head)
        }
        assert.deepEqual(all(first), [1, 2, 3])
        assert.deepEqual(heads.map(({ next }) => next), [null, null, null])
    })

    test('keeps the links that another cursor may still read', () => {
        const queue = new Procession<number>()
        const first = firstCursor(queue)
        queue.push(1)
        const other = queue.shifter()
        for (const value of [2, 3, 4]) {
            queue.push(value)
        }
        assert.deepEqual(all(first), [1, 2, 3, 4])
        assert.deepEqual(all(other), [2, 3, 4])
        queue.push(5)
        assert.deepEqual([all(first), all(other)], [[5], [5]])
        assert.equal(passed(queue).length, 0)
    })
})

describe('tapPushes', () => {
    test('hands on each value at once, and keeps values for a cursor', () => {
        const [queue, taken] = [new Procession<number>(), [] as number[]]
        tapPushes(queue, (value) => taken.push(value))
        queue.push(1)
        const cursor = queue.shifter()
        queue.push(2)
        queue.push(null)
        assert.deepEqual([taken, all(cursor), cursor.endOfStream], [[1, 2], [2], true])
    })

    test('keeps no value without a cursor, and notifies a waiter of pushed', () => {
        const queue = new Procession<number>()
        tapPushes(queue, () => {})
        const link = (queue as unknown as { head: unknown }).head
        queue.push(1)
        assert.equal((queue as unknown as { head: unknown }).head, link)
        let told = 0
        queue.pushed.wait(() => told++)
        queue.push(2)
        assert.equal(told, 1)
    })
})

describe('releasePassed', () => {
    test('keeps values for every reader, and releases links of the only reader', () => {
        const queue = new Procession<number>()
        releasePassed(queue)
        const [one, links] = [queue.shifter(), [] as { next: unknown }[]]
        queue.push(1)
        links.push((queue as unknown as { head: { next: unknown } }).head)
        queue.push(2)
        assert.deepEqual(all(one), [1, 2])
        assert.deepEqual(links.map(({ next }) => next), [null])
        const other = queue.shifter()
        queue.push(3)
        queue.push(4)
        assert.deepEqual([all(one), all(other)], [[3, 4], [3, 4]])
    })
})

describe('onPush', () => {
    test('calls a listener after each push until the listener leaves', () => {
        const queue = new Procession<number>()
        const cursor = queue.shifter()
        const seen: number[] = []
        const leave = onPush(queue, () => seen.push(...all(cursor)))
        queue.push(1)
        queue.push(2)
        leave()
        queue.push(3)
        assert.deepEqual([seen, all(cursor)], [[1, 2], [3]])
    })

    test('lets listeners leave in any order', () => {
        const queue = new Procession<number>()
        const told: string[] = []
        const leaveFirst = onPush(queue, () => told.push('first'))
        const leaveSecond = onPush(queue, () => told.push('second'))
        queue.push(1)
        leaveFirst()
        queue.push(2)
        leaveSecond()
        queue.push(3)
        assert.deepEqual(told, ['first', 'second', 'second'])
    })
})

describe('Fifo', () => {
    test('starts again in order after a long round', () => {
        const line = new Fifo<number>()
        const numbers = Array.from({ length: 3000 }, (_, number) => number)
        for (const round of ['first', 'second']) {
            for (const number of numbers) {
                line.push(number)
            }
            assert.deepEqual(numbers.map(() => line.shift()), numbers, round)
            assert.deepEqual([line.peek(), line.shift()], [undefined, undefined])
        }
    })

    test('shifts in order while it is never empty', () => {
        const line = new Fifo<number>()
        line.push(0)
        for (let number = 0; number < 10_000; number++) {
            line.push(number + 1)
            assert.equal(line.shift(), number)
        }
        assert.deepEqual([line.peek(), line.shift(), line.shift()], [10_000, 10_000, undefined])
    })

    test('shifts values in order between pushes', () => {
        const line = new Fifo<number>()
        assert.equal(line.shift(), undefined)
        line.push(1)
        line.push(2)
        assert.equal(line.shift(), 1)
        line.push(3)
        assert.deepEqual([line.shift(), line.shift(), line.shift()], [2, 3, undefined])
        line.push(4)
        assert.deepEqual([line.shift(), line.shift()], [4, undefined])
    })
})
