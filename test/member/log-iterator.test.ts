import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { endTurn } from '../../src/base/event-loop-yield.js'
import type { Kibitzer, LogEntry } from '../../src/index.js'
import { at, Island } from '../support/island.js'
import { collect } from '../support/recording.js'
import { isRefusal } from '../support/refusal.js'

/** The promise of the next entry of an iteration. */
async function next(entries: AsyncIterator<LogEntry>): Promise<string | null> {
    const { done, value } = await entries.next()
    return done === true ? null : value.promise
}

function founded(island: Island, ...values: readonly unknown[]): Kibitzer {
    const kibitzer = island.found('a')
    for (const value of values) {
        kibitzer.publish(value)
    }
    endTurn()
    return kibitzer
}

describe('Kibitzer.entries', () => {
    test('yields held entries, then new entries, until the end', async () => {
        using island = new Island()
        const kibitzer = founded(island, 'x')
        const entries = kibitzer.entries()
        assert.equal(await next(entries), '1/0')
        kibitzer.publish('y')
        assert.equal(await next(entries), '1/1')
        assert.equal(await next(entries), '1/2')
        const coming = next(entries)
        kibitzer.publish('z')
        assert.equal(await coming, '1/3')
        const ending = next(entries)
        kibitzer.destroy()
        assert.equal(await ending, null)
    })

    test('rejects as trimmed once the backlog exceeds its bound', async () => {
        using island = new Island()
        const kibitzer = founded(island)
        const entries = kibitzer.entries({ backlog: 3 })
        assert.equal(await next(entries), '1/0')
        await kibitzer.publishAll([1, 2, 3])
        assert.equal(await next(entries), '1/1')
        await kibitzer.publish(4)
        assert.equal(await next(entries), '1/2')
        await kibitzer.publishAll([5, 6])
        await assert.rejects(next(entries), isRefusal('trimmed'))
        const again = kibitzer.entries({ from: '1/2', backlog: 3 })
        assert.equal(await next(again), '1/2')
        assert.equal(await next(again), '1/3')
    })

    test('begins at the option from', async () => {
        using island = new Island()
        const kibitzer = founded(island, 'x', 'y', 'z')
        for (const from of ['1/0', '1/1', '1/3']) {
            const entries = kibitzer.entries({ from })
            assert.equal(await next(entries), from)
            await entries.return()
        }
    })

    test('begins at the admission of a newcomer', async () => {
        using island = new Island()
        island.found('a').publish('before')
        const kibitzer = island.land('b')
        const first = next(kibitzer.entries())
        kibitzer.join('republic', at('a'), at('b'))
        island.pass(100)
        assert.equal(await first, '2/0')
    })

    test('yields each entry once if a reader of the log starts the iteration', async () => {
        using island = new Island()
        const kibitzer = island.found('a')
        const iterations: Promise<LogEntry[]>[] = []
        kibitzer.log.shifter().pump((entry) => {
            if (entry?.promise === '1/1') {
                kibitzer.publish('y')
                iterations.push(collect(kibitzer.entries()))
            }
        })
        kibitzer.publish('x')
        kibitzer.publish('z')
        endTurn()
        kibitzer.destroy()
        const promises = (await iterations[0])?.map(({ promise }) => promise)
        assert.deepEqual(promises, ['1/0', '1/1', '1/2', '1/3'])
    })

    test('rejects as trimmed at forgotten and at future entries', async () => {
        using island = new Island({ history: 64 })
        const kibitzer = founded(island)
        for (let value = 0; value < 3000; value++) {
            kibitzer.publish(value)
        }
        endTurn()
        const oldest = await next(kibitzer.entries())
        assert.notEqual(oldest, '1/0')
        for (const from of ['1/0', 'ff/0', '1/ffff']) {
            await assert.rejects(next(kibitzer.entries({ from })), isRefusal('trimmed'))
        }
    })

    test('gives each iteration its own position', async () => {
        using island = new Island()
        const kibitzer = founded(island, 'x')
        const [left, right] = [kibitzer.entries(), kibitzer.entries()]
        assert.deepEqual([await next(left), await next(left)], ['1/0', '1/1'])
        const waiting = next(left)
        assert.equal(await next(right), '1/0')
        kibitzer.publish('y')
        assert.equal(await waiting, '1/2')
        assert.deepEqual([await next(right), await next(right)], ['1/1', '1/2'])
        kibitzer.destroy()
        assert.deepEqual([await next(left), await next(right)], [null, null])
    })

    test('releases the log on break', async () => {
        using island = new Island()
        const kibitzer = founded(island, 'x', 'y')
        for await (const entry of kibitzer.entries()) {
            if (entry.promise === '1/1') {
                break
            }
        }
        await kibitzer.publishAll([1, 2, 3])
        assert.equal(kibitzer.status().backlog, 0)
    })
})

describe('an aborted Kibitzer.entries', () => {
    test('rejects at the first entry if the signal is already aborted', async () => {
        using island = new Island()
        const kibitzer = founded(island, 'x')
        const entries = kibitzer.entries({ signal: AbortSignal.abort() })
        await assert.rejects(next(entries), isRefusal('aborted'))
        assert.equal(await next(entries), null)
    })

    test('rejects at once while the caller waits for an entry', async () => {
        using island = new Island()
        const kibitzer = founded(island)
        const abortion = new AbortController()
        const entries = kibitzer.entries({ signal: abortion.signal })
        assert.equal(await next(entries), '1/0')
        const waiting = next(entries)
        await Promise.resolve()
        abortion.abort()
        await assert.rejects(waiting, isRefusal('aborted'))
        assert.equal(await next(entries), null)
    })

    test('rejects at the next entry while the caller handles one', async () => {
        using island = new Island()
        const kibitzer = founded(island)
        const abortion = new AbortController()
        const seen: string[] = []
        const reading = async (): Promise<void> => {
            for await (const { promise } of kibitzer.entries({ signal: abortion.signal })) {
                seen.push(promise)
                abortion.abort()
            }
        }
        await assert.rejects(reading, isRefusal('aborted'))
        assert.deepEqual(seen, ['1/0'])
    })
})

describe('Kibitzer.join', () => {
    test('rejects on an abort', async () => {
        using island = new Island()
        island.fate = () => 'unanswered'
        const kibitzer = island.land('b')
        const abortion = new AbortController()
        const { signal } = abortion
        const joining = kibitzer.join('republic', at('a'), at('b'), { signal })
        abortion.abort()
        await assert.rejects(joining, isRefusal('aborted'))
    })

    test('makes no call if the signal is already aborted', async () => {
        using island = new Island()
        const kibitzer = island.land('b')
        const { recording } = island.resident('b')
        const signal = AbortSignal.abort()
        const joining = kibitzer.join('republic', at('a'), at('b'), { signal })
        await assert.rejects(joining, isRefusal('aborted'))
        assert.deepEqual([island.passages, recording.played], [[], []])
    })
})
