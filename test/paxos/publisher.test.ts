import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dispatchedHere } from '../../src/member/relay.js'
import type { BatchReply, Dispatch } from '../../src/publisher/islander-types.js'
import { Islander } from '../../src/publisher/islander.js'
import { Monotonic } from '../../src/base/monotonic.js'
import { drain } from '../support/alone.js'
import { Leader } from './leader.js'
import { lots } from './lots.js'

interface Receipts {
    readonly cookie: string
    readonly reply: BatchReply | null
}

/**
 * An Islander and a leader with a bad connection between them. A message may be lost,
 * late, repeated or out of order. The Islander sees the log sooner or later.
 */
class Correspondence {
    readonly islander = new Islander('0')
    readonly leader = new Leader()
    readonly published: number[] = []
    readonly settled: number[] = []
    readonly #dispatched = this.islander.outbox.shifter()
    readonly #arrived: Dispatch[] = []
    #outgoing: Dispatch[] = []
    #incoming: Receipts[] = []
    #seen = 0
    #cookie = '0'

    publish(): void {
        const value = this.published.length
        this.published.push(value)
        assert.equal(this.islander.publish(value), value + 1)
    }

    /** Collects the sent batches; cookies only rise. */
    collect(): void {
        for (const dispatch of drain(this.#dispatched)) {
            for (const { cookie } of dispatch.messages) {
                assert.ok(Monotonic.compare(cookie, this.#cookie) > 0, 'cookies rise')
                this.#cookie = cookie
            }
            assert.equal(dispatch.cookie, this.#cookie)
            this.#outgoing.push(dispatch)
        }
    }

    arrive(at: number): void {
        for (const dispatch of this.#outgoing.splice(at % (this.#outgoing.length || 1), 1)) {
            this.#arrived.push(dispatch)
            this.#incoming.push({ cookie: dispatch.cookie, reply: this.leader.take(dispatch) })
        }
    }

    /** A batch that has arrived arrives again, long after. */
    again(at: number): void {
        const dispatch = this.#arrived[at % (this.#arrived.length || 1)]
        if (dispatch !== undefined) {
            this.leader.take(dispatch)
        }
    }

    lose(at: number): void {
        for (const { cookie } of this.#outgoing.splice(at % (this.#outgoing.length || 1), 1)) {
            this.islander.sent(cookie, null)
        }
    }

    /** The call fails for the caller, but the batch still arrives. */
    cut(at: number): void {
        const dispatch = this.#outgoing[at % (this.#outgoing.length || 1)]
        if (dispatch !== undefined) {
            this.islander.sent(dispatch.cookie, null)
        }
    }

    hear(at: number): void {
        const receipts = this.#incoming.splice(at % (this.#incoming.length || 1), 1)
        for (const { cookie, reply } of receipts) {
            const { promises, refused } = dispatchedHere(reply)
            this.islander.sent(cookie, promises, refused)
        }
    }

    forget(at: number): void {
        this.#incoming.splice(at % (this.#incoming.length || 1), 1)
    }

    see(count: number): void {
        for (const entry of this.leader.log.slice(this.#seen, this.#seen + count)) {
            this.#seen++
            this.islander.push(entry)
        }
        for (const { ticket, promise } of this.islander.takeSettled()) {
            const entry = this.leader.log.find((entry) => entry.promise === promise)
            assert.ok(entry !== undefined && 'cookie' in entry.body)
            assert.equal(entry.body.body, ticket - 1, 'a ticket is settled where its value is')
            this.settled.push(ticket - 1)
        }
    }

    /** No message is lost from now on. */
    heal(): void {
        for (let round = 0; round < 50; round++) {
            this.collect()
            this.arrive(0)
            this.leader.settle()
            this.hear(0)
            this.see(this.leader.log.length)
            this.islander.retry()
        }
    }
}

type Step = (post: Correspondence, number: number) => void

/** The faults of the connection. */
const WORLD: readonly Step[] = [
    (post, at) => post.arrive(at),
    (post, at) => post.again(at),
    (post, at) => post.lose(at),
    (post, at) => post.cut(at),
    (post, at) => post.hear(at),
    (post, at) => post.forget(at),
    (post, count) => post.see(count)
]

/** The steps of a correct run. */
const COURSE: readonly Step[] = [
    (post) => post.publish(),
    (post, at) => post.arrive(at),
    (post, at) => post.hear(at),
    (post, count) => post.leader.commit(count),
    (post, count) => post.see(count),
    (post) => post.islander.retry()
]

/** The changes by governments. */
const HISTORY: readonly Step[] = [
    (post) => post.leader.reshape(),
    (post, kept) => post.leader.collapse(kept)
]

const step = fc.oneof(...[WORLD, COURSE, HISTORY].map((steps) => {
    return fc.tuple(fc.constantFrom(...steps), fc.nat(5))
}))

test('the log has every published value exactly once and in order under all faults', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const post = new Correspondence()
        for (const [step, number] of steps) {
            step(post, number)
            post.collect()
            const values = post.leader.values()
            assert.deepEqual(values, post.published.slice(0, values.length), 'a prefix, each once')
        }
        post.heal()
        assert.deepEqual(post.leader.values(), post.published)
        assert.deepEqual(post.settled, post.published)
        assert.deepEqual(post.islander.health(), { waiting: 0, pending: 0 })
    }), lots(500))
})
