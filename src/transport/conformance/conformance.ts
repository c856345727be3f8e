/// <reference path="../../declarations/cadence.d.ts" preserve="true" />
/// <reference path="../../declarations/conduit.d.ts" preserve="true" />
/// <reference path="../../declarations/destructible.d.ts" preserve="true" />
/// <reference path="../../declarations/happenstance.d.ts" preserve="true" />
/// <reference path="../../declarations/procession.d.ts" preserve="true" />
/// <reference path="../../declarations/signal.d.ts" preserve="true" />
import assert from 'node:assert/strict'
import type { Shifter } from 'procession'
import { Kibitzer } from '../../member/kibitzer.js'
import { Monotonic } from '../../base/monotonic.js'
import type { LogEntry, Properties } from '../../paxos/messages/messages.js'
import { FakeKibitzer, envelope } from './fake-kibitzer.js'

/** What a transport sees of a Kibitzer. */
export type TestedMember = Pick<
    Kibitzer,
    'id' | 'read' | 'write' | 'request' | 'turnAway' | 'destroyed' | 'destruction'
>

/** A transport with nobody on it yet. */
export interface Subject {
    /** Connects a member, and yields the properties by which the others reach it. */
    attach(member: TestedMember): Promise<Properties>
    /** Properties of the right shape that lead to nobody. */
    readonly nobody: Properties
    /** Closes what is open. */
    close(): Promise<void>
}

/** One thing that is asked of every transport. */
export interface Case {
    /** A sentence in the present tense, of which the transport is the subject. */
    readonly name: string
    /** Rejects with what is wrong. */
    run(): Promise<void>
}

/** How long the subject should take for a call, in milliseconds: a busy machine is no fault. */
export const PATIENCE_MS = 10_000

/** What JSON can say and a careless transport may garble. */
const AWKWARD = {
    'π 𝕏': ['\u0000\u001f\u2028"\\', 'é'.normalize('NFD'), ''],
    numbers: [0, -1.5, 1e21, Number.MAX_SAFE_INTEGER, 5e-324],
    nested: { true: true, null: null, list: [[], {}] }
}

/** Six times the bytes that a run may take: each of these characters takes six bytes as JSON. */
const HEAVY = '\u0001'.repeat(1024 * 1024)

/** Two who are on a transport, and where the second one is. */
interface Pair {
    readonly subject: Subject
    readonly caller: FakeKibitzer
    readonly callee: FakeKibitzer
    readonly to: Properties
}

async function pair(subject: Subject): Promise<Pair> {
    // The caller has the id that its calls bear, so that it may prove to be their sender.
    const caller = new FakeKibitzer('a')
    const callee = new FakeKibitzer('callee')
    await subject.attach(caller)
    return { subject, caller, callee, to: await subject.attach(callee) }
}

async function bringsCalls({ caller, callee, to }: Pair): Promise<void> {
    callee.answer = () => AWKWARD
    assert.deepEqual(await caller.call(envelope(to, AWKWARD)), AWKWARD)
    assert.deepEqual(callee.requests, [envelope(to, AWKWARD)])
}

async function bringsHeavy({ caller, callee, to }: Pair): Promise<void> {
    callee.answer = () => HEAVY
    assert.equal(await caller.call(envelope(to, HEAVY)), HEAVY)
    assert.deepEqual(callee.requests, [envelope(to, HEAVY)])
}

async function bringsNothing({ caller, callee, to }: Pair): Promise<void> {
    for (const nothing of [null, undefined]) {
        callee.answer = () => nothing
        assert.equal(await caller.call(envelope(to)), null)
    }
}

async function tellsApart({ caller, callee, to }: Pair): Promise<void> {
    callee.answer = (arrived) => arrived
    const calls = Array.from({ length: 40 }, (_, index) => envelope(to, index))
    assert.deepEqual(await Promise.all(calls.map((call) => caller.call(call))), calls)
}

async function bringsBothWays({ subject, caller, callee, to }: Pair): Promise<void> {
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

async function provesOnlyTheCaller({ caller, callee, to }: Pair): Promise<void> {
    await caller.call(envelope(to))
    const [peer] = callee.peers
    assert.ok(peer === undefined || peer.id === caller.id, `${peer?.id} has not called.`)
}

async function findsNobody({ subject, caller, to }: Pair): Promise<void> {
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

/** Somebody who does not answer until it is told to. */
function mute(double: FakeKibitzer): Promise<() => void> {
    return new Promise((asked) => {
        double.answer = () => new Promise((answer) => asked(() => answer('at last')))
    })
}

async function waitsForNobodyElse({ subject, caller, callee, to }: Pair): Promise<void> {
    const silent = new FakeKibitzer('mute')
    const asked = mute(silent)
    const call = caller.call(envelope(await subject.attach(silent)))
    const speak = await asked
    assert.deepEqual(await caller.call(envelope(to)), { from: callee.id })
    speak()
    assert.equal(await call, 'at last')
}

async function overtakes({ caller, callee, to }: Pair): Promise<void> {
    const asked = mute(callee)
    const slow = caller.call(envelope(to, 'slow'))
    const speak = await asked
    callee.answer = () => 'at once'
    assert.equal(await caller.call(envelope(to, 'quick')), 'at once')
    speak()
    assert.equal(await slow, 'at last')
}

async function endsWithItsCaller({ caller, callee, to }: Pair): Promise<void> {
    const asked = mute(callee)
    const call = caller.call(envelope(to))
    const speak = await asked
    caller.destroy()
    assert.equal(await call, 'conduit#endOfStream')
    speak()
    assert.equal(await caller.call(envelope(to)), 'conduit#endOfStream')
}

async function endsWithItsCallee({ caller, callee, to }: Pair): Promise<void> {
    assert.deepEqual(await caller.call(envelope(to)), { from: 'callee' })
    callee.destroy()
    assert.equal(await caller.call(envelope(to)), null)
    assert.equal(callee.requests.length, 1)
}

/** Takes a log up to and with an entry. */
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

async function carriesRepublic(subject: Subject): Promise<void> {
    const settlers = await settle(subject, ['a', 'b', 'c'])
    const publishes = settlers.flatMap(({ kibitzer }) =>
        Array.from({ length: 50 }, (_, count) => kibitzer.publish({ of: kibitzer.id, count }))
    )
    await Promise.all(publishes)
    const newest = settlers.at(-1)
    const { promise } = (await newest?.kibitzer.barrier()) ?? { promise: '' }
    const since = newest?.admission.promise ?? ''
    const logs = await Promise.all(
        settlers.map(async ({ log }) => {
            const taken = await takeThrough(log, (entry) => entry.promise === promise)
            return taken.filter((entry) => Monotonic.compare(entry.promise, since) >= 0)
        })
    )
    const values = logs[0]?.filter((entry) => entry.method === 'entry' && entry.body.body)
    assert.equal(values?.length, 150)
    assert.deepEqual(logs[1], logs[0])
    assert.deepEqual(logs[2], logs[0])
    for (const { kibitzer } of settlers) {
        assert.deepEqual(kibitzer.status().rejected, {})
        kibitzer.destroy()
    }
}

const ASKED: Readonly<Record<string, (pair: Pair) => Promise<void>>> = {
    'brings an envelope to whom the properties name, and the answer back': bringsCalls,
    'brings as much as may travel at once, whatever the characters': bringsHeavy,
    'answers null where the answer is nothing': bringsNothing,
    'gives each of many calls its own answer': tellsApart,
    'brings calls from everybody to everybody, to oneself too': bringsBothWays,
    'proves nobody to be the caller but the caller': provesOnlyTheCaller,
    'answers null for who is not there': findsNobody,
    'answers null for who fails, and goes on': survivesFailure,
    'lets nobody wait for another who does not answer': waitsForNobodyElse,
    'lets a call that is answered at once overtake one that is not': overtakes,
    'ends the calls of a member that is destroyed, and drops their answers': endsWithItsCaller,
    'answers null for who was destroyed': endsWithItsCallee
}

/**
 * What is asked of every transport, whichever runner of tests asks: for each case, have its `run`
 * awaited as a test of its name. A transport that passes all of them carries a republic.
 *
 * @param open Makes a transport of its own for each case. Let a call take `PATIENCE_MS` there.
 */
export function conformance(open: () => Promise<Subject>): readonly Case[] {
    const cases = Object.entries({
        ...Object.fromEntries(
            Object.entries(ASKED).map(([name, ask]) => [
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
