import '../../base/packages.js'
import assert from 'node:assert/strict'
import type { Shifter } from 'procession'
import { Kibitzer } from '../../member/kibitzer.js'
import { Monotonic } from '../../base/monotonic.js'
import type { LogEntry, Properties } from '../../paxos/messages/messages.js'
import { FakeKibitzer, envelope } from './fake-kibitzer.js'

/** The part of a Kibitzer that a transport uses. */
export type TestedMember = Pick<
    Kibitzer,
    'id' | 'read' | 'write' | 'request' | 'turnAway' | 'destroyed' | 'destruction'
>

/** A transport without members. */
export interface Subject {
    /**
     * Connects a member. Resolves with the properties under which other members reach the member.
     */
    attach(member: TestedMember): Promise<Properties>
    /** Properties of a valid shape that no member has. */
    readonly nobody: Properties
    /** Closes all connections and listeners. */
    close(): Promise<void>
}

/** One requirement for a transport. */
export interface Case {
    /** A sentence in the present tense. The subject of the sentence is the transport. */
    readonly name: string
    /** Resolves if the transport meets the requirement; else rejects with the defect. */
    run(): Promise<void>
}

/**
 * The time limit of a call in these cases, in milliseconds. The limit is high because a slow
 * machine is not a defect.
 */
export const PATIENCE_MS = 10_000

/** Values that JSON can carry and that a careless transport may change. */
const DIFFICULT_VALUES = {
    'π 𝕏': ['\u0000\u001f\u2028"\\', 'é'.normalize('NFD'), ''],
    numbers: [0, -1.5, 1e21, Number.MAX_SAFE_INTEGER, 5e-324],
    nested: { true: true, null: null, list: [[], {}] }
}

/** One mebibyte of characters. As JSON, each of these characters takes six bytes. */
const LARGE_VALUE = '\u0001'.repeat(1024 * 1024)

/** Two members on a transport, and the properties of the second. */
interface Pair {
    readonly subject: Subject
    readonly caller: FakeKibitzer
    readonly callee: FakeKibitzer
    readonly to: Properties
}

async function pair(subject: Subject): Promise<Pair> {
    // The id of the caller is the sender in its calls, so that the caller can prove to be the
    // sender.
    const caller = new FakeKibitzer('a')
    const callee = new FakeKibitzer('callee')
    await subject.attach(caller)
    return { subject, caller, callee, to: await subject.attach(callee) }
}

async function deliversCalls({ caller, callee, to }: Pair): Promise<void> {
    callee.answer = () => DIFFICULT_VALUES
    assert.deepEqual(await caller.call(envelope(to, DIFFICULT_VALUES)), DIFFICULT_VALUES)
    assert.deepEqual(callee.requests, [envelope(to, DIFFICULT_VALUES)])
}

async function deliversLargeCalls({ caller, callee, to }: Pair): Promise<void> {
    callee.answer = () => LARGE_VALUE
    assert.equal(await caller.call(envelope(to, LARGE_VALUE)), LARGE_VALUE)
    assert.deepEqual(callee.requests, [envelope(to, LARGE_VALUE)])
}

async function answersNull({ caller, callee, to }: Pair): Promise<void> {
    for (const nothing of [null, undefined]) {
        callee.answer = () => nothing
        assert.equal(await caller.call(envelope(to)), null)
    }
}

async function matchesAnswers({ caller, callee, to }: Pair): Promise<void> {
    callee.answer = (arrived) => arrived
    const calls = Array.from({ length: 40 }, (_, index) => envelope(to, index))
    assert.deepEqual(await Promise.all(calls.map((call) => caller.call(call))), calls)
}

async function connectsAllPairs({ subject, caller, callee, to }: Pair): Promise<void> {
    const third = new FakeKibitzer('third')
    const back = await subject.attach(third)
    const callers = [caller, callee, third]
    const answers = callers.flatMap((from) =>
        [to, back].map((place) => from.call(envelope(place, from.id)))
    )
    const said = ['callee', 'third'].map((from) => ({ from }))
    assert.deepEqual(await Promise.all(answers), [...said, ...said, ...said])
    assert.deepEqual([callee.requests.length, third.requests.length], [3, 3])
}

async function authenticatesOnlyTheCaller({ caller, callee, to }: Pair): Promise<void> {
    await caller.call(envelope(to))
    const [peer] = callee.peers
    assert.ok(peer === undefined || peer.id === caller.id, `The peer is ${peer?.id}.`)
}

async function answersNullForUnknown({ subject, caller, to }: Pair): Promise<void> {
    const nowhere = [undefined, null, 7, 'callee', {}, [], { url: 1, memory: 1 }]
    for (const properties of [subject.nobody, ...nowhere]) {
        assert.equal(await caller.call(envelope(properties)), null)
    }
    assert.deepEqual(await caller.call(envelope(to)), { from: 'callee' })
}

async function survivesFailure({ caller, callee, to }: Pair): Promise<void> {
    const { answer } = callee
    for (const fail of [
        () => Promise.reject(new Error('It failed.')),
        () => {
            throw new Error('It failed.')
        }
    ]) {
        callee.answer = fail
        assert.equal(await caller.call(envelope(to)), null)
    }
    callee.answer = answer
    assert.deepEqual(await caller.call(envelope(to)), { from: 'callee' })
}

/** Makes a member delay its answer. Resolves at the next call with a function that answers. */
function delayAnswer(member: FakeKibitzer): Promise<() => void> {
    return new Promise((arrived) => {
        member.answer = () => new Promise((answer) => arrived(() => answer('at last')))
    })
}

async function callsAreIndependent({ subject, caller, callee, to }: Pair): Promise<void> {
    const slow = new FakeKibitzer('slow')
    const arrived = delayAnswer(slow)
    const call = caller.call(envelope(await subject.attach(slow)))
    const answerNow = await arrived
    assert.deepEqual(await caller.call(envelope(to)), { from: callee.id })
    answerNow()
    assert.equal(await call, 'at last')
}

async function answersOutOfOrder({ caller, callee, to }: Pair): Promise<void> {
    const arrived = delayAnswer(callee)
    const slow = caller.call(envelope(to, 'slow'))
    const answerNow = await arrived
    callee.answer = () => 'at once'
    assert.equal(await caller.call(envelope(to, 'quick')), 'at once')
    answerNow()
    assert.equal(await slow, 'at last')
}

async function endsWithCaller({ caller, callee, to }: Pair): Promise<void> {
    const arrived = delayAnswer(callee)
    const call = caller.call(envelope(to))
    const answerNow = await arrived
    caller.destroy()
    assert.equal(await call, 'conduit#endOfStream')
    answerNow()
    assert.equal(await caller.call(envelope(to)), 'conduit#endOfStream')
}

async function endsWithCallee({ caller, callee, to }: Pair): Promise<void> {
    assert.deepEqual(await caller.call(envelope(to)), { from: 'callee' })
    callee.destroy()
    assert.equal(await caller.call(envelope(to)), null)
    assert.equal(callee.requests.length, 1)
}

/** Reads a log up to and including an entry. */
function takeThrough(
    log: Shifter<LogEntry>,
    isLast: (entry: LogEntry) => boolean
): Promise<LogEntry[]> {
    const taken: LogEntry[] = []
    return new Promise((resolve, reject) => {
        log.join(
            (entry) => {
                taken.push(...(entry === null ? [] : [entry]))
                return entry !== null && isLast(entry)
            },
            (error) => (error instanceof Error ? reject(error) : resolve(taken))
        )
    })
}

/** A member of a republic, and its unread log. */
interface Settled {
    readonly kibitzer: Kibitzer
    readonly log: Shifter<LogEntry>
    readonly admission: LogEntry
}

async function settleMembers(subject: Subject, ids: readonly string[]): Promise<Settled[]> {
    const members: Settled[] = []
    let contact: Properties = null
    for (const id of ids) {
        const kibitzer = new Kibitzer({ id, timeout: 2 * PATIENCE_MS })
        const properties = await subject.attach(kibitzer)
        const log = kibitzer.log.shifter()
        const admitted = takeThrough(log.shifter(), () => true)
        kibitzer.listen()
        if (members.length === 0) {
            kibitzer.bootstrap('republic', properties)
        } else {
            // The contact is the newest member, so the contact must pass the request on.
            assert.equal(await kibitzer.join('republic', contact, properties), true)
        }
        const [admission] = await admitted
        assert.ok(admission)
        kibitzer.naturalize()
        members.push({ kibitzer, log, admission })
        contact = properties
    }
    return members
}

async function carriesRepublic(subject: Subject): Promise<void> {
    const members = await settleMembers(subject, ['a', 'b', 'c'])
    const publishes = members.flatMap(({ kibitzer }) =>
        Array.from({ length: 50 }, (_, count) => kibitzer.publish({ of: kibitzer.id, count }))
    )
    await Promise.all(publishes)
    const newest = members.at(-1)
    const { promise } = (await newest?.kibitzer.barrier()) ?? { promise: '' }
    const since = newest?.admission.promise ?? ''
    const logs = await Promise.all(
        members.map(async ({ log }) => {
            const taken = await takeThrough(log, (entry) => entry.promise === promise)
            return taken.filter((entry) => Monotonic.compare(entry.promise, since) >= 0)
        })
    )
    const values = logs[0]?.filter((entry) => entry.method === 'entry' && entry.body.body)
    assert.equal(values?.length, 150)
    assert.deepEqual(logs[1], logs[0])
    assert.deepEqual(logs[2], logs[0])
    for (const { kibitzer } of members) {
        assert.deepEqual(kibitzer.status().rejected, {})
        kibitzer.destroy()
    }
}

const REQUIREMENTS: Readonly<Record<string, (pair: Pair) => Promise<void>>> = {
    'delivers an envelope to the addressed member, and returns the answer': deliversCalls,
    'delivers a message of 6 MiB of JSON': deliversLargeCalls,
    'answers null if the answer is null or undefined': answersNull,
    'matches each of many calls with its own answer': matchesAnswers,
    'delivers calls between all members, and from a member to itself': connectsAllPairs,
    'authenticates only the caller as the peer': authenticatesOnlyTheCaller,
    'answers null for an address without a member': answersNullForUnknown,
    'answers null if a member fails, and delivers later calls': survivesFailure,
    'delivers calls to one member while another member does not answer': callsAreIndependent,
    'returns a fast answer before the answer to an earlier, slow call': answersOutOfOrder,
    'ends the calls of a destroyed member, and drops their answers': endsWithCaller,
    'answers null for a destroyed member': endsWithCallee
}

/**
 * The requirements for a transport, as test cases for any test runner: run each case as a test with
 * its name. A transport that passes all cases carries a republic.
 *
 * @param open Makes a new transport for each case. Set the time limit of a call to `PATIENCE_MS`.
 */
export function conformance(open: () => Promise<Subject>): readonly Case[] {
    const cases = Object.entries({
        ...Object.fromEntries(
            Object.entries(REQUIREMENTS).map(([name, ask]) => [
                name,
                async (subject: Subject): Promise<void> => await ask(await pair(subject))
            ])
        ),
        'carries a republic: every member has the same log': carriesRepublic
    })
    return cases.map(([name, ask]) => ({
        name,
        run: async () => {
            const subject = await open()
            try {
                await ask(subject)
            } finally {
                await subject.close()
            }
        }
    }))
}
