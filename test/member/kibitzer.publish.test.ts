import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { endTurn } from '../../src/base/event-loop-yield.js'
import { at, Island } from '../support/island.js'
import { isRefusal } from '../support/refusal.js'

/** Whether a value and all its nested values are frozen. */
function isFrozen(value: unknown): boolean {
    return Object.isFrozen(value) && (typeof value !== 'object' || value === null
        || Object.values(value).every((each) => isFrozen(each)))
}

describe('a publish', () => {
    test('resolves with the promise of its entry, in order', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const settled: unknown[] = []
        const values = Array.from({ length: 20 }, (_, index) => `value ${index}`)
        const published = values.map((value) => island.kibitzer('c').publish(value))
        for (const [index, each] of published.entries()) {
            each.then(({ promise }) => settled.push([index, promise]))
        }
        island.level()
        await Promise.all(published)
        const { log } = island.resident('c').recording
        const logged = log.filter(({ method }) => method === 'entry').map(({ promise }) => promise)
        assert.deepEqual(settled, logged.map((promise, index) => [index, promise]))
        assert.deepEqual(island.resident('a').recording.values, values)
    })

    test('waits for the admission of the member, and then resolves', async () => {
        using island = new Island()
        island.found('a')
        const kibitzer = island.land('b')
        const published = kibitzer.publish('early')
        kibitzer.join('republic', at('a'), at('b'))
        island.pass(100)
        assert.deepEqual(await published, { promise: '2/1' })
    })

    test('is refused as overloaded while too many publishes wait', async () => {
        using island = new Island()
        const kibitzer = island.land('a', { publishes: 2 })
        const waiting = [kibitzer.publish(1), kibitzer.barrier()]
        await assert.rejects(kibitzer.publish(3), isRefusal('overloaded'))
        await assert.rejects(kibitzer.barrier(), isRefusal('overloaded'))
        endTurn()
        assert.equal(kibitzer.islander.tickets, 2)
        kibitzer.bootstrap('republic', at('a'))
        await Promise.all(waiting)
        await kibitzer.publish(4)
        assert.deepEqual(island.resident('a').recording.values, [1, 4])
    })

    test('is refused as overloaded while waiting values exceed publishesSize', async () => {
        using island = new Island()
        const kibitzer = island.land('a', { publishesSize: 100 })
        const waiting = [kibitzer.publish('x'.repeat(60)), kibitzer.publishAll(['y', 'z'])]
        assert.equal(kibitzer.status().pendingSize, 68)
        await assert.rejects(kibitzer.publish('x'.repeat(31)), isRefusal('overloaded'))
        await assert.rejects(kibitzer.publishAll(['x', 'y'.repeat(28)]), isRefusal('overloaded'))
        kibitzer.bootstrap('republic', at('a'))
        await Promise.all(waiting)
        assert.equal(kibitzer.status().pendingSize, 0)
        await kibitzer.publish('x'.repeat(90))
    })

    test('is not made if the signal is already aborted', async () => {
        using island = new Island()
        const kibitzer = island.found('a')
        const signal = AbortSignal.abort('no more')
        const error = await kibitzer.publish(1, { signal }).catch((reason: unknown) => reason)
        assert.ok(isRefusal('aborted')(error))
        assert.equal((error as Error).cause, 'no more')
        await assert.rejects(kibitzer.barrier({ signal }), isRefusal('aborted'))
        assert.equal(kibitzer.islander.tickets, 0)
    })

    test('rejects on an abort, and its entry still appears on the log', async () => {
        using island = new Island()
        island.settle('a', 'b')
        const kibitzer = island.kibitzer('b')
        const abortion = new AbortController()
        const { signal } = abortion
        const waiting = [kibitzer.publish('x', { signal }), kibitzer.barrier({ signal })]
        const other = kibitzer.publish('y')
        assert.equal(kibitzer.status().pending, 3)
        abortion.abort()
        for (const each of waiting) {
            await assert.rejects(each, isRefusal('aborted'))
        }
        assert.equal(kibitzer.status().pending, 3)
        island.level()
        await other
        assert.equal(kibitzer.status().pending, 0)
        assert.deepEqual(island.resident('b').recording.values, ['x', 'y'])
    })

    test('occupies its room after an abort until the entry appears', async () => {
        using island = new Island()
        const kibitzer = island.land('a', { publishes: 2 })
        const abortion = new AbortController()
        const waiting = kibitzer.publishAll(['x', 'y'], { signal: abortion.signal })
        abortion.abort()
        await assert.rejects(waiting, isRefusal('aborted'))
        await assert.rejects(kibitzer.publish('z'), isRefusal('overloaded'))
        endTurn()
        kibitzer.bootstrap('republic', at('a'))
        await kibitzer.publish('z')
        assert.deepEqual(island.resident('a').recording.values, ['x', 'y', 'z'])
    })

    test('rejects when the log exiles its publisher', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        island.fate = ({ from, to }) => (from === 'c' || to === 'c' ? 'lost' : null)
        const kibitzer = island.kibitzer('c')
        const published = kibitzer.publish('too late')
        island.until(() => !('c' in island.kibitzer('a').paxos.government.properties))
        island.fate = () => null
        island.until(() => kibitzer.status().role === 'exile')
        await assert.rejects(published, isRefusal('exiled'))
        await assert.rejects(kibitzer.publish('later'), isRefusal('exiled'))
        await assert.rejects(kibitzer.barrier(), isRefusal('exiled'))
        assert.equal(kibitzer.status().pending, 0)
        island.pass(5000)
        const settled = island.passages.length
        island.pass(10_000)
        const calls = island.passages.slice(settled).filter(({ from }) => from === 'c')
        assert.deepEqual(calls, [])
    })
})

describe('a publish whose call the route refuses', () => {
    /** Two members; the route to the leader refuses calls in which a text occurs. */
    const refusing = (island: Island, status: string): void => {
        island.settle('a', 'b')
        island.fate = ({ call }) => {
            const isBad = call.method === 'enqueue' && JSON.stringify(call).includes('refuse me')
            return isBad ? { refused: status } : null
        }
    }
    /** How many batches and flushes a member has sent since a number of calls. */
    const sentBy = (island: Island, id: string, since: number): number => {
        const calls = island.passages.slice(since)
        return calls.filter(({ from, call }) => from === id && call.method === 'enqueue').length
    }

    test('rejects with its own code, while the others go on, with few calls', async () => {
        using island = new Island()
        refusing(island, '403')
        const { kibitzer, recording } = island.resident('b')
        const since = island.passages.length
        const values = Array.from({ length: 40 }, (_, index) => index === 17 ? 'refuse me' : index)
        const publishes = values.map((value) => kibitzer.publish(value))
        const begin = Date.now()
        island.level()
        const results = await Promise.allSettled(publishes)
        const failed = results.flatMap((result, index) => {
            return result.status === 'rejected' ? [[index, result.reason.code]] : []
        })
        assert.deepEqual(failed, [[17, 'undeliverable']])
        assert.deepEqual(recording.values, values.filter((value) => value !== 'refuse me'))
        assert.equal(kibitzer.status().pending, 0)
        const seconds = (Date.now() - begin) / 1000
        assert.ok(sentBy(island, 'b', since) < 40 + 8 * seconds, `in ${seconds} s`)
    })

    test('rejects a list with one refused value, and the other values commit', async () => {
        using island = new Island()
        refusing(island, 'too-large')
        const { kibitzer, recording } = island.resident('b')
        const published = kibitzer.publishAll([1, 'refuse me', 2])
        const after = kibitzer.publish('after')
        island.level()
        await assert.rejects(published, isRefusal('undeliverable'))
        assert.deepEqual([await after], recording.log.flatMap(({ method, promise, body }) => {
            return method === 'entry' && 'cookie' in body && body.body === 'after'
                ? [{ promise }] : []
        }))
        assert.deepEqual(recording.values, [1, 2, 'after'])
    })

    test('waits if the status does not concern the value, with few calls', () => {
        using island = new Island()
        refusing(island, '503')
        const { kibitzer, recording } = island.resident('b')
        const since = island.passages.length
        kibitzer.publish('refuse me').catch(() => {})
        island.pass(20_000)
        assert.equal(kibitzer.status().pending, 1)
        assert.ok(sentBy(island, 'b', since) < 40, `${sentBy(island, 'b', since)} calls`)
        island.fate = () => null
        island.level()
        assert.deepEqual(recording.values, ['refuse me'])
    })
})

describe('many publishes at once', () => {
    test('are refused as a whole if one value is invalid or the room is too small', async () => {
        using island = new Island()
        const kibitzer = island.land('a', { publishes: 2, publishSize: 20 })
        await assert.rejects(kibitzer.publishAll([1, 2, 3]), isRefusal('overloaded'))
        for (const bad of [[], [1, null], [1, undefined], [1, () => 1], 'text', { length: 1 }]) {
            const publish = (): unknown => kibitzer.publishAll(bad as unknown[])
            assert.throws(publish, isRefusal('invalid-argument'))
        }
        assert.throws(() => kibitzer.publishAll([1, 'x'.repeat(30)]), isRefusal('too-large'))
        assert.equal(kibitzer.islander.tickets, 0)
        const waiting = kibitzer.publishAll([1, 2])
        await assert.rejects(kibitzer.publish(3), isRefusal('overloaded'))
        kibitzer.bootstrap('republic', at('a'))
        assert.deepEqual(await waiting, [{ promise: '1/1' }, { promise: '1/2' }])
    })

    test('reject on an abort although some entries have appeared', async () => {
        using island = new Island()
        island.settle('a', 'b')
        const kibitzer = island.kibitzer('b')
        const abortion = new AbortController()
        const { signal } = abortion
        const waiting = kibitzer.publishAll(Array.from({ length: 3000 }, (_, n) => n), { signal })
        const other = kibitzer.publishAll(['x', 'y'])
        island.until(() => kibitzer.status().pending < 3002)
        assert.ok(kibitzer.status().pending > 2, 'only the first batches are in the log')
        abortion.abort()
        await assert.rejects(waiting, isRefusal('aborted'))
        island.level()
        assert.equal((await other).length, 2)
        assert.equal(kibitzer.status().pending, 0)
        assert.equal(island.resident('a').recording.values.length, 3002)
    })
})

describe('a published value', () => {
    test('stays the same on the log when the caller changes the object afterwards', async () => {
        using island = new Island()
        island.settle('a', 'b')
        const value = { list: [1, { deep: 'before' }], gone: 'soon' as string | undefined }
        const published = island.kibitzer('a').publish(value)
        value.list.push('more' as never)
        Object.assign(value.list[1] as object, { deep: 'after' })
        value.gone = undefined
        island.level()
        await published
        const expected = { list: [1, { deep: 'before' }], gone: 'soon' }
        for (const { recording } of island.residents) {
            assert.deepEqual(recording.values, [expected])
        }
    })

    test('keeps a key named __proto__ as a key', async () => {
        using island = new Island()
        island.settle('a', 'b')
        const value: unknown = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}')
        await island.kibitzer('a').publish('first')
        island.kibitzer('b').publish(value)
        island.level()
        for (const { recording } of island.residents) {
            assert.equal(JSON.stringify(recording.values[1]), JSON.stringify(value))
        }
        assert.equal('polluted' in {}, false)
    })

    test('is frozen on the log, as inputs, governments and status are', () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const { kibitzer, recording } = island.resident('b')
        kibitzer.publish({ list: [{ deep: true }] })
        island.level()
        assert.ok(recording.log.length > 3)
        for (const entry of recording.log) {
            assert.ok(isFrozen(entry), JSON.stringify(entry))
        }
        for (const input of recording.played) {
            assert.ok(Object.isFrozen(input) && Object.isFrozen(input.body), input.method)
        }
        assert.ok(isFrozen(kibitzer.paxos.government))
        const status = kibitzer.status()
        assert.ok(Object.isFrozen(status) && isFrozen(status.government))
        assert.ok(island.resident('a').recording.log.every((entry) => isFrozen(entry)))
    })
})
