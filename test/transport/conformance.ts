import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Kibitzer } from '../../src/kibitzer.js'
import type { LogEntry, Properties } from '../../src/paxos/message.js'
import { Bare, envelope } from './bare.js'

/** What a transport sees of a Kibitzer. */
export type Attachable = Pick<
    Kibitzer, 'id' | 'read' | 'write' | 'request' | 'destroyed' | 'destruction'
>

/** A transport with nobody on it yet. */
export interface Subject {
    /** Connects a member, and yields the properties by which the others reach it. */
    attach(member: Attachable): Promise<Properties>
    /** Properties of the right shape that lead to nobody. */
    readonly nobody: Properties
    /** Closes what is open. */
    close(): Promise<void>
}

/** What JSON can say and a careless transport may garble. */
const AWKWARD = {
    'π 𝕏': ['\u0000\u001f\u2028"\\', 'é'.normalize('NFD'), ''],
    numbers: [0, -1.5, 1e21, Number.MAX_SAFE_INTEGER, 5e-324],
    nested: { true: true, null: null, list: [[], {}] }
}

/** As much as a run may weigh, of the characters that take the most bytes in JSON. */
const HEAVY = '\u0001'.repeat(1024 * 1024)

async function pair(subject: Subject): Promise<{ caller: Bare, callee: Bare, to: Properties }> {
    const caller = new Bare('caller')
    const callee = new Bare('callee')
    await subject.attach(caller)
    return { caller, callee, to: await subject.attach(callee) }
}

async function admission(kibitzer: Kibitzer): Promise<LogEntry | null> {
    for await (const entry of kibitzer.entries()) {
        return entry
    }
    return null
}

/** The log up to and with a promise. */
async function logThrough(kibitzer: Kibitzer, promise: string): Promise<LogEntry[]> {
    const log: LogEntry[] = []
    for await (const entry of kibitzer.entries()) {
        log.push(entry)
        if (entry.promise === promise) {
            break
        }
    }
    return log
}

async function settleRepublic(subject: Subject, ids: readonly string[]): Promise<Kibitzer[]> {
    const kibitzers: Kibitzer[] = []
    const places: Properties[] = []
    for (const id of ids) {
        const kibitzer = new Kibitzer({ id })
        const properties = await subject.attach(kibitzer)
        kibitzer.listen()
        if (kibitzers.length === 0) {
            kibitzer.bootstrap('republic', properties)
        } else {
            // Through the newest member, which has to pass it on.
            const admitted = admission(kibitzer)
            assert.equal(await kibitzer.join('republic', places.at(-1), properties), true)
            await admitted
            kibitzer.naturalize()
        }
        kibitzers.push(kibitzer)
        places.push(properties)
    }
    return kibitzers
}

function bringsMessages(open: () => Promise<Subject>): void {
    test('brings an envelope to whom the properties name, and the answer back', async () => {
        const subject = await open()
        const { caller, callee, to } = await pair(subject)
        callee.answer = () => AWKWARD
        assert.deepEqual(await caller.call(envelope(to, AWKWARD)), AWKWARD)
        assert.deepEqual(callee.requests, [envelope(to, AWKWARD)])
        await subject.close()
    })

    test('brings as much as may travel at once, whatever the characters', async () => {
        const subject = await open()
        const { caller, callee, to } = await pair(subject)
        callee.answer = () => HEAVY
        assert.equal(await caller.call(envelope(to, HEAVY)), HEAVY)
        assert.deepEqual(callee.requests, [envelope(to, HEAVY)])
        await subject.close()
    })

    test('answers null where the answer is nothing', async () => {
        const subject = await open()
        const { caller, callee, to } = await pair(subject)
        for (const nothing of [null, undefined]) {
            callee.answer = () => nothing
            assert.equal(await caller.call(envelope(to)), null)
        }
        await subject.close()
    })

    test('gives each of many calls its own answer', async () => {
        const subject = await open()
        const { caller, callee, to } = await pair(subject)
        callee.answer = (arrived) => arrived
        const calls = Array.from({ length: 40 }, (_, index) => envelope(to, index))
        assert.deepEqual(await Promise.all(calls.map((call) => caller.call(call))), calls)
        await subject.close()
    })
}

function survives(open: () => Promise<Subject>): void {
    test('answers null for who is not there', async () => {
        const subject = await open()
        const { caller, to } = await pair(subject)
        const nowhere = [subject.nobody, undefined, null, 7, 'callee', {}, [], { url: 1, memory: 1 }]
        for (const properties of nowhere) {
            assert.equal(await caller.call(envelope(properties)), null)
        }
        assert.deepEqual(await caller.call(envelope(to)), { from: 'callee' })
        await subject.close()
    })

    test('lets nobody wait for another who does not answer', async () => {
        const subject = await open()
        const { caller, callee, to } = await pair(subject)
        const mute = new Bare('mute')
        const properties = await subject.attach(mute)
        let speak = (): void => assert.fail('The mute was not asked.')
        const asked = new Promise<void>((resolve) => {
            mute.answer = () => new Promise((answer) => {
                speak = () => answer('at last')
                resolve()
            })
        })
        const silent = caller.call(envelope(properties))
        await asked
        assert.deepEqual(await caller.call(envelope(to)), { from: callee.id })
        speak()
        assert.equal(await silent, 'at last')
        await subject.close()
    })

    test('ends the calls of a member that is destroyed, and takes no notice of answers', async () => {
        const subject = await open()
        const { caller, callee, to } = await pair(subject)
        const asked = new Promise<() => void>((resolve) => {
            callee.answer = () => new Promise((answer) => resolve(() => answer('late')))
        })
        const call = caller.call(envelope(to))
        const speak = await asked
        caller.destroy()
        assert.equal(await call, 'conduit#endOfStream')
        speak()
        assert.equal(await caller.call(envelope(to)), 'conduit#endOfStream')
        await subject.close()
    })

    test('answers null for who was destroyed', async () => {
        const subject = await open()
        const { caller, callee, to } = await pair(subject)
        assert.deepEqual(await caller.call(envelope(to)), { from: 'callee' })
        callee.destroy()
        assert.equal(await caller.call(envelope(to)), null)
        assert.equal(callee.requests.length, 1)
        await subject.close()
    })
}

/**
 * What is asked of every transport, with a Kibitzer or with anything that has its queues.
 *
 * @param name What the transport is called.
 * @param open Makes a transport of its own for each test.
 */
export function conform(name: string, open: () => Promise<Subject>): void {
    describe(`${name} as a transport`, () => {
        bringsMessages(open)
        survives(open)

        test('carries a republic: every member has the same log', async () => {
            const subject = await open()
            const kibitzers = await settleRepublic(subject, ['a', 'b', 'c'])
            const logs = kibitzers.slice(0, 1).map((kibitzer) => kibitzer.entries())
            await Promise.all(logs.map((log) => log.return()))
            const publishes = kibitzers.flatMap((kibitzer) =>
                Array.from({ length: 50 }, (_, count) => kibitzer.publish({ of: kibitzer.id, count })))
            const promises = (await Promise.all(publishes)).map(({ promise }) => promise)
            assert.equal(new Set(promises).size, 150)
            for (const kibitzer of kibitzers) {
                assert.deepEqual(kibitzer.status().rejected, {})
                kibitzer.destroy()
            }
            await subject.close()
        })
    })
}
