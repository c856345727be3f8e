import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
    DemoClient, type DemoPublisher, type LineSource
} from '../../../src/command/demo/client.js'
import type { LedgerLine } from '../../../src/command/demo/ledger.js'

/** A text of numbers that counts the settled lines. */
class Numbers implements LineSource {
    settled = 0
    #taken = 0
    readonly #most: number

    constructor(most: number) {
        this.#most = most
    }

    take(publisher: string): LedgerLine | null {
        if (this.#taken === this.#most) {
            return null
        }
        this.#taken++
        return { publisher, number: this.#taken, text: '' }
    }

    onSettled(): void {
        this.settled++
    }
}

/** A member whose log takes lines, with or without an answer to the client. */
class Member implements DemoPublisher {
    readonly id: string
    isAlive = true
    readonly log: number[]
    readonly published: number[] = []
    readonly #waiting = new Map<number, () => void>()

    constructor(id: string, log: readonly number[] = []) {
        this.id = id
        this.log = [...log]
    }

    publish({ number }: LedgerLine): Promise<void> {
        this.published.push(number)
        return this.isAlive
            ? new Promise((resolve) => this.#waiting.set(number, resolve))
            : Promise.reject(new Error(`${this.id} is gone.`))
    }

    find(numbers: readonly number[]): Promise<readonly number[]> {
        return this.isAlive
            ? Promise.resolve(numbers.filter((number) => this.log.includes(number)))
            : Promise.reject(new Error(`${this.id} is gone.`))
    }

    async settle(...numbers: readonly number[]): Promise<void> {
        for (const number of numbers) {
            this.log.push(number)
            this.#waiting.get(number)?.()
        }
        await new Promise(setImmediate)
    }
}

const upTo = (last: number, first: number = 1): number[] =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index)

describe('DemoClient', () => {
    test('publishes in order, with at most eight unsettled lines', async () => {
        const numbers = new Numbers(10)
        const member = new Member('a')
        const client = new DemoClient('a', numbers)
        assert.equal(client.through, null)
        client.start(member)
        assert.equal(client.through, 'a')
        assert.deepEqual(member.published, upTo(8))
        await member.settle(1)
        assert.deepEqual(member.published, upTo(9))
        await member.settle(...upTo(9, 2))
        await member.settle(10)
        assert.deepEqual([member.published, numbers.settled], [upTo(10), 10])
    })

    test('looks up unsettled lines, and publishes the absent ones again first', async () => {
        const numbers = new Numbers(12)
        const lost = new Member('a')
        const client = new DemoClient('a', numbers)
        client.start(lost)
        await lost.settle(1, 2)
        lost.isAlive = false
        const heir = new Member('d', [1, 2, 3, 4, 5])
        assert.deepEqual(await client.resume(heir), {
            publisher: 'a', through: 'd', found: 3, absent: 5
        })
        assert.deepEqual([heir.published, numbers.settled], [upTo(12, 6), 5])
        await heir.settle(...upTo(12, 6))
        assert.deepEqual([heir.published, numbers.settled], [upTo(12, 6), 12])
    })

    test('publishes no line through a lost member', async () => {
        const numbers = new Numbers(20)
        const lost = new Member('a')
        const client = new DemoClient('a', numbers)
        client.start(lost)
        lost.isAlive = false
        await lost.settle(1)
        assert.deepEqual([lost.published, numbers.settled], [upTo(8), 1])
    })

    test('counts a line once if its publish resolves after the lookup has found it', async () => {
        const numbers = new Numbers(8)
        const lost = new Member('a')
        const client = new DemoClient('a', numbers)
        client.start(lost)
        const resumed = client.resume(new Member('d', [1, 2]))
        await lost.settle(1, 2)
        assert.deepEqual(await resumed, { publisher: 'a', through: 'd', found: 2, absent: 6 })
        assert.equal(numbers.settled, 2)
    })

    test('continues through a third member if the second is lost', async () => {
        const numbers = new Numbers(8)
        const lost = new Member('a')
        const client = new DemoClient('a', numbers)
        client.start(lost)
        const gone = new Member('d')
        gone.isAlive = false
        await assert.rejects(client.resume(gone))
        const second = new Member('e', [1])
        assert.deepEqual(await client.resume(second), {
            publisher: 'a', through: 'e', found: 1, absent: 7
        })
        second.isAlive = false
        const third = new Member('f', [1, 2, 3])
        assert.deepEqual(await client.resume(third), {
            publisher: 'a', through: 'f', found: 2, absent: 5
        })
        assert.deepEqual([third.published, numbers.settled], [upTo(8, 4), 3])
    })

    test('looks up no line if all lines were settled', async () => {
        const numbers = new Numbers(1)
        const lost = new Member('a')
        const client = new DemoClient('a', numbers)
        client.start(lost)
        await lost.settle(1)
        assert.deepEqual(await client.resume(new Member('d')), {
            publisher: 'a', through: 'd', found: 0, absent: 0
        })
    })

    test('leaves a line unsettled if its publish fails', async () => {
        const numbers = new Numbers(1)
        const lost = new Member('a')
        lost.publish = () => Promise.reject(new Error('exiled'))
        const client = new DemoClient('a', numbers)
        client.start(lost)
        await new Promise(setImmediate)
        assert.equal(numbers.settled, 0)
    })
})
