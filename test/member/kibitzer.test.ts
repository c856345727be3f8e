import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { endTurn } from '../../src/base/event-loop-yield.js'
import { Kibitzer } from '../../src/index.js'
import { at, Island } from '../support/island.js'
import { collect } from '../support/recording.js'
import { isRefusal, state } from '../support/refusal.js'
import '../support/silence.js'

describe('Kibitzer.listen', () => {
    test('opens the signal ready', () => {
        using island = new Island()
        const kibitzer = new Kibitzer({ id: 'quiet', Date })
        const heard: string[] = []
        kibitzer.ready.wait(() => heard.push('ready'))
        island.pass(1000)
        assert.equal(heard.length, 0)
        kibitzer.listen()
        kibitzer.ready.wait(() => heard.push('still ready'))
        assert.deepEqual(heard, ['ready', 'still ready'])
        kibitzer.destroy()
    })

    test('resolves when the Kibitzer is destroyed', async () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        const listening = kibitzer.listen()
        kibitzer.destroy()
        assert.equal(await listening, undefined)
    })

    test('calls its callback once, when the Kibitzer is destroyed', () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        const called: unknown[][] = []
        kibitzer.listen((...results) => called.push(results))
        assert.deepEqual(called, [])
        kibitzer.destroy()
        kibitzer.destroy()
        assert.equal(called.length, 1)
        assert.equal(called[0]?.[0] ?? null, null)
    })

    test('resolves at once if the Kibitzer is already destroyed', async () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        kibitzer.destroy()
        assert.equal(await kibitzer.listen(), undefined)
        assert.equal(kibitzer.ready.open, null)
    })

    test('delivers the inputs that the Kibitzer got before', async () => {
        using island = new Island()
        const kibitzer = new Kibitzer({ id: 'a', Date: { now: () => Date.now() } })
        kibitzer.bootstrap('republic', at('a'))
        const published = kibitzer.publish('early')
        island.pass(100)
        assert.equal(kibitzer.status().health.waiting, 1)
        kibitzer.listen()
        assert.deepEqual(await published, { promise: '1/1' })
        kibitzer.destroy()
    })
})

describe('Kibitzer.destroy', () => {
    test('marks the Kibitzer as destroyed at once and notifies destruction once', () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        const heard: unknown[] = []
        kibitzer.destruction.wait((error) => heard.push(error ?? null))
        assert.equal(kibitzer.destroyed, false)
        assert.equal(kibitzer.status().destroyed, false)
        kibitzer.destroy()
        kibitzer.destroy()
        assert.equal(kibitzer.destroyed, true)
        assert.equal(kibitzer.status().destroyed, true)
        assert.deepEqual(heard, [null])
    })

    test('ends every queue', () => {
        using island = new Island()
        const kibitzer = island.found('a')
        const { paxos, islander, log, played, read, write } = kibitzer
        const queues = [log, played, read, write, paxos.log, paxos.outbox, islander.outbox]
        const ended: number[] = []
        for (const [index, { pushed }] of queues.entries()) {
            pushed.wait(() => ended.push(index))
        }
        const last: unknown[] = []
        log.shifter().pump((entry) => {
            last.push(entry)
        })
        kibitzer.destroy()
        assert.deepEqual(ended.sort(), [0, 1, 2, 3, 4, 5, 6])
        assert.deepEqual(queues.map(({ endOfStream }) => endOfStream), queues.map(() => true))
        assert.deepEqual(last, [null])
    })

    test('settles all waiting calls', async () => {
        using island = new Island()
        const kibitzer = island.land('a')
        island.fate = () => 'unanswered'
        const joining = kibitzer.join('republic', at('b'), at('a'))
        const waiting = [kibitzer.publish('never'), kibitzer.publish('ever'), kibitzer.barrier()]
        const reading = collect(kibitzer.entries())
        island.pass(100)
        assert.equal(kibitzer.status().pending, 3)
        kibitzer.destroy()
        for (const each of [joining, ...waiting]) {
            await assert.rejects(each, isRefusal('destroyed'))
        }
        assert.deepEqual(await reading, [])
        assert.equal(kibitzer.status().pending, 0)
    })

    test('answers a call that the member was about to pass on', async () => {
        using island = new Island()
        const [, , citizen] = island.settle('a', 'b', 'c')
        assert.ok(citizen !== undefined)
        island.fate = () => 'unanswered'
        const from = { republic: 'republic', id: 'd', cookie: 'd', properties: at('d') }
        const body = { ...from, hops: 0, versions: [1, 2] }
        const answer = citizen.request({ module: 'kibitz', method: 'immigrate', body })
        citizen.destroy()
        assert.deepEqual(await answer, { enqueued: false, republic: 'republic', leader: 'a' })
    })

    test('stops all further inputs', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const { kibitzer, recording } = island.resident('b')
        const call = island.passages.findLast(({ to }) => to === 'b')?.call
        kibitzer.publish('under way')
        island.pass(1)
        kibitzer.destroy()
        const [inputs, before] = [recording.played.length, state(kibitzer)]
        assert.equal(await kibitzer.request(call), null)
        assert.equal(kibitzer.play('naturalize', {}), null)
        kibitzer.naturalize()
        for (const input of recording.played) {
            assert.equal(kibitzer.replay(input), null)
        }
        await assert.rejects(kibitzer.publish('late'), isRefusal('destroyed'))
        await assert.rejects(kibitzer.barrier(), isRefusal('destroyed'))
        await assert.rejects(kibitzer.join('republic', at('a'), at('b')), isRefusal('destroyed'))
        island.pass(5000)
        assert.equal(recording.played.length, inputs)
        assert.equal(state(kibitzer), before)
    })

    test('may be called by a reader of the log, which gets no later entry', () => {
        using island = new Island()
        island.found('a')
        const { kibitzer, recording } = island.resident('a')
        kibitzer.log.shifter().pump((entry) => {
            if (entry?.method === 'entry') {
                kibitzer.publish('from the reader')
                kibitzer.destroy()
            }
        })
        kibitzer.publish('first')
        endTurn()
        assert.deepEqual(recording.values, ['first'])
        assert.ok(recording.played.some(({ body }) => body === 'from the reader'))
        assert.equal(kibitzer.destroyed, true)
    })
})

describe('an asynchronous method returns a promise or takes a callback:', () => {
    test('join yields true if a member takes the immigration', async () => {
        using island = new Island()
        island.found('a')
        const promised = island.land('b').join('republic', at('a'), at('b'))
        const called: unknown[][] = []
        island.land('c').join('republic', at('a'), at('c'), (...results) => called.push(results))
        island.pass(1000)
        assert.equal(await promised, true)
        assert.deepEqual(called, [[null, true]])
    })

    test('join yields false if no member takes the immigration', async () => {
        using island = new Island()
        const kibitzer = island.land('b')
        const promised = kibitzer.join('republic', at('nobody'), at('b'))
        const called: unknown[][] = []
        kibitzer.join('republic', at('nobody'), at('b'), (...results) => called.push(results))
        island.pass(10)
        assert.equal(await promised, false)
        assert.deepEqual(called, [[null, false]])
    })

    test('join yields undefined at once if the member is already admitted', async () => {
        using island = new Island()
        const [, kibitzer] = island.settle('a', 'b')
        const called: unknown[][] = []
        kibitzer?.join('republic', at('a'), at('b'), (...results) => called.push(results))
        assert.deepEqual(called, [[null, undefined]])
        assert.equal(await kibitzer?.join('republic', at('a'), at('b')), undefined)
    })

    test('join calls back with an error', () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        const errors: unknown[] = []
        kibitzer.join('republic', at('b'), at('a'), (error) => errors.push(error))
        kibitzer.listen()
        kibitzer.destroy()
        kibitzer.join('republic', at('b'), at('a'), (error) => errors.push(error))
        assert.equal(errors.length, 2)
        assert.ok(errors.every(isRefusal('destroyed')))
    })

    test('request yields the answer', async () => {
        using island = new Island()
        const kibitzer = island.found('a')
        const entries = [{ id: 'a', cookie: 'ff', body: 'x' }]
        const body = { republic: 'republic', entries }
        const call = { module: 'kibitz', method: 'enqueue', body }
        assert.deepEqual(await kibitzer.request(call), { ff: '1/1' })
        const called: unknown[][] = []
        kibitzer.request(call, (...results) => called.push(results))
        kibitzer.request('nonsense', (...results) => called.push(results))
        assert.deepEqual(called, [[null, null], [null, null]])
    })
})
