import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Call, Mailbox } from '../../../src/paxos/messages/mailbox.js'
import type { Request } from '../../../src/paxos/messages/messages.js'
import { drain } from '../../support/alone.js'

function call(to: string, sentAt: number): Call {
    return { to, immigrated: `${to}/0`, method: 'canvass', sentAt, last: 0 }
}

const request: Request = {
    method: 'canvass', republic: 'r', founding: 'f',
    from: { id: '0', immigrated: '1/0' }, to: { id: '1', immigrated: '2/0' },
    government: '5/0', committed: '5/0', minimum: '0/0', standing: null
}

/** Correspondence with calls to 1, 2 and 3, sent at these instants. */
function correspondence(...instants: readonly number[]): Mailbox {
    const post = new Mailbox()
    for (const [index, sentAt] of instants.entries()) {
        post.send(call(String(index + 1), sentAt), 'there', request)
    }
    return post
}

describe('a mailbox', () => {
    test('puts each request into a communique of its own', () => {
        const post = new Mailbox()
        const outbox = post.outbox.shifter()
        post.send(call('1', 0), 'at 1', request)
        post.send(call('2', 0), 'at 2', request)
        assert.deepEqual(drain(outbox), [
            { cookie: '1', envelopes: [{ to: '1', properties: 'at 1', request }], responses: {} },
            { cookie: '2', envelopes: [{ to: '2', properties: 'at 2', request }], responses: {} }
        ])
    })

    test('returns the call of an answer once', () => {
        const post = correspondence(0, 0)
        assert.deepEqual(post.take('2'), call('2', 0))
        assert.equal(post.take('2'), null)
        assert.equal(post.take('9'), null)
        assert.deepEqual(post.take('1'), call('1', 0))
    })

    test('counts the calls to an incarnation before an instant', () => {
        const post = correspondence(100, 200)
        post.send(call('1', 200), 'there', request)
        post.send(call('1', 300), 'there', request)
        const counts = [100, 101, 201, 301].map((instant) => post.countBefore('1/0', instant))
        assert.deepEqual(counts, [0, 1, 2, 3])
        post.take('1')
        assert.equal(post.countBefore('1/0', 301), 2)
    })

    test('expires the calls before an instant, and accepts no answer to an expired call', () => {
        const post = correspondence(100, 200, 300)
        assert.deepEqual(post.expire(200), [call('1', 100)])
        assert.deepEqual(post.expire(200), [])
        assert.equal(post.take('1'), null)
        assert.deepEqual(post.take('2'), call('2', 200))
        assert.deepEqual(post.expire(1000), [call('3', 300)])
    })
})
