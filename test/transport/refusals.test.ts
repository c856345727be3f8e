import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { Kibitzer } from '../../src/member/kibitzer.js'
import type { Request } from '../../src/paxos/messages/messages.js'
import { Refusals, spanOf, refusalOf } from '../../src/transport/refusals.js'
import { connectHttp } from '../../src/transport/http/http.js'
import { connect } from '../../src/transport/connect.js'
import '../support/silence.js'

describe('a refusal', () => {
    test('is distinguished from a loss by the status of the error', () => {
        const trap = { get status(): number { throw new Error('a trap') } }
        for (const [error, status] of [
            [{ status: 413 }, '413'], [{ code: 'too-large' }, 'too-large'],
            [{ status: '413' }, null],
            [{ status: 0 }, null], [{ code: 'unreachable' }, null], [new Error('lost'), null],
            [null, null], ['413', null], [trap, null]
        ] as const) {
            assert.equal(refusalOf(error), status)
        }
    })

    test('is counted by peer and status, for a bounded number of peers', () => {
        const refusals = new Refusals()
        assert.deepEqual([1, 2].map(() => refusals.count('first', '413')), [1, 2])
        for (let peer = 0; peer < 1024; peer++) {
            refusals.count(`p${peer}`, '403')
        }
        const counts = refusals.counts()
        assert.equal(Object.keys(counts).length, 1024)
        assert.deepEqual([counts['first'], counts['p1023']], [undefined, { 403: 1 }])
    })

    test('of a route shows in the status of a new member', async () => {
        const server = createServer((_request, response) => response.writeHead(403).end('no'))
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        const newcomer = new Kibitzer({ id: 'b' })
        connectHttp(newcomer, { callTimeout: 20_000 })
        newcomer.listen()
        assert.equal(await newcomer.join('republic', { url }, { url }), false)
        assert.deepEqual(newcomer.status().refused, { '?': { 403: 1 } })
        newcomer.destroy()
        server.close()
    })

    test('of a follower shows in the status of the leader by the id of the follower', async () => {
        const leader = new Kibitzer({ id: 'a' })
        const refused = new Promise<void>((resolve) => {
            connect(leader, () => {
                setImmediate(resolve)
                return Promise.reject(Object.assign(new Error('refused'), { status: 400 }))
            })
        })
        leader.listen()
        leader.bootstrap('republic', {})
        leader.play('immigrate', {
            republic: 'republic', id: 'b', cookie: 'x', properties: {}, hops: 0, versions: [1, 2]
        })
        await refused
        assert.ok((leader.status().refused['b']?.['400'] ?? 0) > 0)
        const entry = leader.paxos.government.promise
        const run = { status: '400', first: entry, last: entry }
        assert.deepEqual(leader.status().refusedRuns, { b: run })
        leader.destroy()
    })

    test('names the refused entries until the peer answers a call with entries', () => {
        const refusals = new Refusals()
        const entry = { promise: '2/1', previous: '2/0', body: null }
        const call = { entries: [entry, { ...entry, promise: '2/2' }] } as unknown as Request
        const ping = { entries: [] } as unknown as Request
        refusals.recordEnd('b', spanOf(call), false, '413')
        refusals.recordEnd('b', spanOf(call), false, null)
        refusals.recordEnd('b', spanOf(ping), true, null)
        assert.deepEqual(refusals.runs(), { b: { status: '413', first: '2/1', last: '2/2' } })
        refusals.recordEnd('b', spanOf(call), true, null)
        assert.deepEqual(refusals.runs(), {})
    })
})
