import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { endTurn } from '../../src/base/event-loop-yield.js'
import type { LogEntry } from '../../src/index.js'
import { cleanUp, found, immigration, settle, watch } from './durable.js'
import { Household, type Inhabitant } from './household.js'
import { at } from '../support/island.js'
import { settled } from '../support/notebook.js'
import { drain } from '../support/alone.js'

cleanUp()

describe('before the inputs are flushed', () => {
    test('the log has no entry, governed is silent, and no publish settles', async () => {
        const { journal, kibitzer, log } = await settle('a')
        journal.isHeld = true
        const governed: string[] = []
        kibitzer.governed.wait(({ promise }) => governed.push(promise))
        kibitzer.bootstrap('republic', at('a'))
        const published = watch(kibitzer.publish('x'))
        const barrier = watch(kibitzer.barrier())
        endTurn()
        await settled()
        assert.equal(kibitzer.paxos.logEnd.head, '1/2', 'the engine has all of it')
        assert.deepEqual([log(), governed, published, barrier],
            [[], [], { outcome: 'open' }, { outcome: 'open' }])
        journal.flushNow()
        await settled()
        assert.deepEqual([log(), governed], [['1/0', '1/1', '1/2'], ['1/0']])
        assert.deepEqual(published, { outcome: { promise: '1/1' } })
        assert.deepEqual(barrier, { outcome: { promise: '1/2' } })
    })

    test('a call of a member to itself is an input of the same flush', async () => {
        const { journal, kibitzer } = await found()
        const { flushes } = journal
        kibitzer.publish('x')
        await settled()
        assert.deepEqual(journal.methods.slice(-3), ['publish', 'enqueue', 'published'])
        assert.equal(journal.flushes, flushes + 1)
    })

    test('the member answers no request and makes no call', async () => {
        const { journal, kibitzer, calls } = await found()
        const admitted = watch(kibitzer.request(immigration('b')))
        await settled()
        assert.deepEqual([admitted, calls()], [{ outcome: 'open' }, []])
        journal.flushNow()
        await settled()
        assert.deepEqual(admitted, { outcome: { enqueued: true } })
        assert.deepEqual(calls().map(({ method, to }) => [method, to]), [['receive', at('b')]])
        const entries = [{ id: 'b', cookie: '1', body: 'x' }]
        const body = { republic: 'republic', entries }
        const taken = watch(kibitzer.request({ module: 'kibitz', method: 'enqueue', body }))
        await settled()
        assert.deepEqual(taken, { outcome: 'open' })
        journal.flushNow()
        await settled()
        assert.deepEqual(taken, { outcome: { 1: '2/1' } })
    })

    test('the member answers no call of another engine', async () => {
        const { kibitzer, calls } = await settle('a')
        kibitzer.bootstrap('republic', at('a'))
        const newcomer = await settle('b')
        newcomer.kibitzer.play('join', { republic: 'republic', cookie: '1' })
        await kibitzer.request(immigration('b'))
        await settled()
        const [call] = calls()
        newcomer.journal.isHeld = true
        const answered = watch(newcomer.kibitzer.request(call))
        await settled()
        assert.equal(newcomer.kibitzer.status().committed, '2/0', 'the engine has it')
        assert.deepEqual([answered, newcomer.log()], [{ outcome: 'open' }, []])
        newcomer.journal.flushNow()
        await settled()
        assert.notDeepEqual(answered, { outcome: 'open' })
        assert.deepEqual(newcomer.log(), ['2/0'])
    })

    test('the member answers a rejected request at once', async () => {
        const { kibitzer } = await found()
        kibitzer.publish('x')
        assert.equal(await kibitzer.request('nonsense'), null)
    })

    test('the member sends no immigration', async () => {
        const { journal, kibitzer, calls } = await settle('b')
        journal.isHeld = true
        const joined = watch(kibitzer.join('republic', at('a'), at('b')))
        await settled()
        assert.deepEqual([journal.methods.at(-1), calls()], ['join', []])
        journal.flushNow()
        await settled()
        assert.deepEqual(calls().map(({ method }) => method), ['immigrate'])
        assert.deepEqual(joined, { outcome: 'open' })
    })

    test('a join does not settle', async () => {
        const { journal, kibitzer, cursors } = await settle('b')
        const joined = watch(kibitzer.join('republic', at('a'), at('b')))
        await settled()
        const [call] = drain(cursors.read)
        journal.isHeld = true
        kibitzer.publish('x')
        endTurn()
        kibitzer.write.push({
            module: 'conduit/procedure', method: 'invocation', cookie: call?.cookie ?? '',
            body: { enqueued: true }
        })
        await settled()
        assert.deepEqual(joined, { outcome: 'open' })
        journal.flushNow()
        await settled()
        assert.deepEqual(joined, { outcome: true })
    })

    test('an iteration does not see the entry, and sees it once after the flush', async () => {
        const { journal, kibitzer } = await found()
        kibitzer.publish('x')
        kibitzer.publish('y')
        endTurn()
        const seen: string[] = []
        async function follow(entries: AsyncIterable<LogEntry>): Promise<void> {
            for await (const { promise } of entries) {
                seen.push(promise)
            }
        }
        const following = [follow(kibitzer.entries()), follow(kibitzer.entries({ from: '1/2' }))]
        await settled()
        assert.deepEqual(seen, ['1/0'])
        kibitzer.publish('z')
        endTurn()
        journal.isHeld = false
        journal.flushNow()
        await settled()
        assert.deepEqual(seen.slice(1).sort(), ['1/1', '1/2', '1/2', '1/3', '1/3'])
        kibitzer.destroy()
        await Promise.all(following)
    })
})

test('an answer of the disk after the end leaves no appointment', async () => {
    await using household = new Household()
    const [leader] = await household.settle('a', 'b', 'c') as [Inhabitant, ...Inhabitant[]]
    const { journal, kibitzer } = leader
    let release = (): void => {}
    journal.halt = new Promise((resolve) => {
        release = resolve
    })
    kibitzer.publish('last')
    await endTurn()
    const ended = new Promise((resolve) => kibitzer.destruction.wait(resolve))
    kibitzer.destroy()
    release()
    await ended
    assert.deepEqual(kibitzer.paxos.scheduler.calendar(), [])
})
