import assert from 'node:assert/strict'
import { channel, tracingChannel } from 'node:diagnostics_channel'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { Kibitzer } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import type {
    CallContext, FlushMessage, GovernmentMessage, PublishContext, RejectedMessage
} from '../../src/member/channels.js'
import { Island } from '../support/island.js'
import '../support/silence.js'

const undos: (() => void)[] = []

/** Collects the messages of a channel until the end of the test. */
function collect<Message>(name: string): readonly Message[] {
    const messages: Message[] = []
    const take = (message: unknown): void => {
        messages.push(message as Message)
    }
    const found = channel(name)
    found.subscribe(take)
    undos.push(() => found.unsubscribe(take))
    return messages
}

/** One event of a trace. */
type Traced<Context> = readonly [event: string, context: Context]

/** Collects the events of a trace until the end of the test. */
function collectTrace<Context extends object>(name: string): readonly Traced<Context>[] {
    const events: Traced<Context>[] = []
    const trace = tracingChannel<unknown, Context>(name)
    const take = (event: string) => (context: Context): void => {
        events.push([event, context])
    }
    const subscribers = {
        start: take('start'), end: take('end'), error: take('error'),
        asyncStart: take('asyncStart'), asyncEnd: take('asyncEnd')
    }
    trace.subscribe(subscribers)
    undos.push(() => trace.unsubscribe(subscribers))
    return events
}

function eventsOf<Context>(events: readonly Traced<Context>[], context: Context): string {
    return events.filter(([, other]) => other === context).map(([event]) => event).join(' ')
}

async function end(kibitzer: Kibitzer): Promise<void> {
    const ended = new Promise((resolve) => {
        kibitzer.destruction.wait(resolve)
    })
    kibitzer.destroy()
    await ended
}

afterEach(() => {
    for (const undo of undos.splice(0)) {
        undo()
    }
})

describe('the channel', () => {
    test('kibitz:government has each government of each member, and tells collapses', () => {
        using land = new Island()
        const messages = collect<GovernmentMessage>('kibitz:government')
        land.settle('a', 'b', 'c')
        const { promise } = land.kibitzer('b').paxos.government
        assert.ok(messages.every((message) => !message.isAfterCollapse))
        assert.deepEqual(
            messages.filter((message) => message.promise === promise)
                .map(({ member, republic, government }) => [member, republic, government.promise])
                .sort(),
            ['a', 'b', 'c'].map((id) => [id, 'republic', promise]))
        land.crash('a')
        land.until(() => land.kibitzer('b').paxos.government.promise !== promise)
        assert.equal(messages.at(-1)?.isAfterCollapse, true)
    })

    test('kibitz:rejected has each rejected call', async () => {
        const messages = collect<RejectedMessage>('kibitz:rejected')
        const kibitzer = new Kibitzer({ id: 'a' })
        kibitzer.listen()
        kibitzer.bootstrap('r', {})
        const body = { republic: 'other', entries: [] }
        await kibitzer.request({ module: 'kibitz', method: 'enqueue', to: {}, body })
        await kibitzer.request('nonsense')
        assert.deepEqual(messages.map(({ member, republic }) => [member, republic]),
            [['a', 'r'], ['a', 'r']])
        assert.deepEqual(Object.keys(kibitzer.status().rejected).sort(),
            messages.map(({ code }) => code).sort())
        await end(kibitzer)
    })

    test('kibitz:flush has the records and the duration of each flush', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'channels-'))
        const messages = collect<FlushMessage>('kibitz:flush')
        const kibitzer = new Kibitzer({ id: 'a', journal: new FileJournal(folder) })
        await kibitzer.recover()
        kibitzer.listen()
        kibitzer.bootstrap('r', {})
        await kibitzer.publish(1)
        await kibitzer.publishAll([2, 3])
        const { journal } = kibitzer.status()
        assert.equal(messages.reduce((sum, { records }) => sum + records, 0), journal?.stable)
        for (const { member, durationMs, error } of messages) {
            assert.equal(member, 'a')
            assert.ok(durationMs > 0)
            assert.equal(error, null)
        }
        await end(kibitzer)
        rmSync(folder, { recursive: true })
    })

    test('kibitz:flush has the error of a failed flush', async () => {
        const messages = collect<FlushMessage>('kibitz:flush')
        const folder = mkdtempSync(join(tmpdir(), 'channels-'))
        const journal = new FileJournal(folder)
        const failure = new Error('no space')
        const flush = journal.flush.bind(journal)
        let isFull = false
        Object.assign(journal, { flush: () => (isFull ? Promise.reject(failure) : flush()) })
        const kibitzer = new Kibitzer({ id: 'a', journal })
        await kibitzer.recover()
        kibitzer.listen()
        kibitzer.bootstrap('r', {})
        await kibitzer.publish(1)
        isFull = true
        await assert.rejects(kibitzer.publish(2))
        assert.equal(messages.at(-1)?.error, failure)
        assert.equal(messages.at(-1)?.records, 0)
        await end(kibitzer)
        rmSync(folder, { recursive: true })
    })
})

describe('the trace', () => {
    test('kibitz:publish follows each publish to its entry', async () => {
        const events = collectTrace<PublishContext>('kibitz:publish')
        const kibitzer = new Kibitzer({ id: 'a' })
        kibitzer.listen()
        kibitzer.bootstrap('r', {})
        const one = await kibitzer.publish('first')
        const others = await kibitzer.publishAll(['x', 'yy', 'zzz'])
        const last = kibitzer.publish('z')
        // Behind a publish of the member, a barrier is an entry.
        await kibitzer.barrier()
        const contexts = events.filter(([event]) => event === 'start').map(([, each]) => each)
        assert.deepEqual(contexts.map(({ member, republic, kind, tickets, result }) =>
            [member, republic, kind, tickets, result]), [
            ['a', 'r', 'publish', { first: 1, last: 1 }, one],
            ['a', 'r', 'publish', { first: 2, last: 4 }, others],
            ['a', 'r', 'publish', { first: 5, last: 5 }, await last],
            ['a', 'r', 'barrier', { first: 6, last: 6 }, contexts[3]?.result]
        ])
        for (const context of contexts) {
            assert.equal(eventsOf(events, context), 'start end asyncStart asyncEnd')
        }
        await end(kibitzer)
        await assert.rejects(kibitzer.publish('late'))
        const [event, late] = events.at(-1) ?? assert.fail()
        assert.equal(event, 'asyncEnd')
        assert.equal(eventsOf(events, late), 'start end error asyncStart asyncEnd')
        assert.match(String(late.error), /destroyed/)
    })

    test('kibitz:call names the tickets of each of several batches in flight', () => {
        using land = new Island()
        const events = collectTrace<CallContext>('kibitz:call')
        land.settle('a', 'b', 'c')
        for (const id of ['a', 'b']) {
            land.kibitzer(id).publishAll(['first', 'second'])
            land.level()
            land.kibitzer(id).publishAll(Array.from({ length: 600 }, (_, value) => value))
            land.level()
            const batches = events.filter(([event, { method, member }]) =>
                event === 'start' && method === 'enqueue' && member === id)
            assert.deepEqual(batches.map(([, { entries, tickets }]) => [entries, tickets]), [
                [2, { first: 1, last: 2 }],
                [512, { first: 3, last: 514 }],
                [88, { first: 515, last: 602 }]
            ])
        }
    })

    test('kibitz:call follows each call, and names the tickets of each batch', () => {
        using land = new Island()
        const events = collectTrace<CallContext>('kibitz:call')
        land.settle('a', 'b', 'c')
        land.kibitzer('b').publishAll([1, 2, 3])
        land.level()
        land.kibitzer('b').publish(4)
        land.kibitzer('a').publish('own')
        land.level()
        const lost = events.length
        land.fate = ({ to }) => (to === 'c' ? 'lost' : null)
        land.pass(1500)
        const contexts = events.filter(([event]) => event === 'start').map(([, each]) => each)
        const batches = contexts.filter(({ method }) => method === 'enqueue')
        assert.deepEqual(batches.filter(({ member }) => member === 'b')
            .map(({ peer, entries, tickets }) => [peer, entries, tickets]),
        [['a', 3, { first: 1, last: 3 }], ['a', 1, { first: 4, last: 4 }]])
        assert.deepEqual(batches.filter(({ member }) => member === 'a')
            .map(({ peer, tickets }) => [peer, tickets]), [['a', { first: 1, last: 1 }]])
        const registers = contexts.filter(({ method, tickets }) =>
            method === 'register' && tickets === null)
        assert.ok(registers.some(({ entries }) => entries === 3))
        for (const context of contexts.slice(0, 20)) {
            assert.equal(eventsOf(events, context), 'start end asyncStart asyncEnd')
        }
        const failed = events.slice(lost).filter(([event]) => event === 'error')
        assert.ok(failed.length > 0)
        for (const [, { peer, result, error }] of failed) {
            assert.deepEqual([peer, result], ['c', null])
            assert.match(String(error), /brought no answer/)
        }
    })
})
