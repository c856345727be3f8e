import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Shifter } from 'procession'
import { Kibitzer } from '../../src/kibitzer.js'
import { Monotonic } from '../../src/monotonic.js'
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

/** How long the subject may take for a call, in milliseconds: a busy machine is no fault. */
export const PATIENCE_MS = 10_000

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

/** Takes a log up to and with an entry. */
function takeThrough(log: Shifter<LogEntry>, isLast: (entry: LogEntry) => boolean):
Promise<LogEntry[]> {
    const taken: LogEntry[] = []
    return new Promise((resolve, reject) => {
        log.join((entry) => {
            taken.push(...(entry === null ? [] : [entry]))
            return entry !== null && isLast(entry)
        }, (error) => error instanceof Error ? reject(error) : resolve(taken))
    })
}

/** A member of a republic, and its log as far as nobody has taken it. */
interface Settler {
    readonly kibitzer: Kibitzer
    readonly log: Shifter<LogEntry>
    readonly admission: LogEntry
}

async function settle(subject: Subject, ids: readonly string[]): Promise<Settler[]> {
    const settlers: Settler[] = []
    let contact: Properties = null
    for (const id of ids) {
        const kibitzer = new Kibitzer({ id, timeout: 2 * PATIENCE_MS })
        const properties = await subject.attach(kibitzer)
        const log = kibitzer.log.shifter()
        const admitted = takeThrough(log.shifter(), () => true)
        kibitzer.listen()
        if (settlers.length === 0) {
            kibitzer.bootstrap('republic', properties)
        } else {
            // Through the newest member, which has to pass it on.
            assert.equal(await kibitzer.join('republic', contact, properties), true)
        }
        const [admission] = await admitted
        assert.ok(admission)
        kibitzer.naturalize()
        settlers.push({ kibitzer, log, admission })
        contact = properties
    }
    return settlers
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
        const nowhere = [undefined, null, 7, 'callee', {}, [], { url: 1, memory: 1 }]
        for (const properties of [subject.nobody, ...nowhere]) {
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

    test('ends the calls of a member that is destroyed, and drops their answers', async () => {
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
            const settlers = await settle(subject, ['a', 'b', 'c'])
            const publishes = settlers.flatMap(({ kibitzer }) => Array.from({ length: 50 },
                (_, count) => kibitzer.publish({ of: kibitzer.id, count })))
            await Promise.all(publishes)
            const newest = settlers.at(-1)
            const { promise } = await newest?.kibitzer.barrier() ?? { promise: '' }
            const since = newest?.admission.promise ?? ''
            const logs = await Promise.all(settlers.map(async ({ log }) => {
                const taken = await takeThrough(log, (entry) => entry.promise === promise)
                return taken.filter((entry) => Monotonic.compare(entry.promise, since) >= 0)
            }))
            const values = logs[0]?.filter((entry) => entry.method === 'entry' && entry.body.body)
            assert.equal(values?.length, 150)
            assert.deepEqual(logs[1], logs[0])
            assert.deepEqual(logs[2], logs[0])
            for (const { kibitzer } of settlers) {
                assert.deepEqual(kibitzer.status().rejected, {})
                kibitzer.destroy()
            }
            await subject.close()
        })
    })
}
