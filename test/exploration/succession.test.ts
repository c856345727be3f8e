import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Government } from '../../src/paxos/messages/messages.js'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import type { Inputs } from '../../src/member/inputs.js'
import { type Core, load } from './copy.js'
import { type Aftermath, answer, type Call, keep, Life, live, REPUBLIC } from './life.js'

interface Flight {
    readonly from: string
    readonly call: Call
    /** What was answered, where the answer is still to come. */
    readonly said?: unknown
}

type Pick = (flight: Flight) => boolean

const EXCHANGES_MAX = 1000

/** Five members, one clock, and messages that arrive when the play says so. */
class Stage {
    now = 1_000_000
    readonly lives: ReadonlyMap<string, Life>
    readonly logs = new Map<string, LogEntry[]>()
    air: Flight[] = []
    readonly arrived: Flight[] = []
    readonly #core: Core

    constructor(core: Core) {
        this.#core = core
        const ids = ['a', 'b', 'c', 'd', 'e']
        const options = { parliamentSize: ids.length }
        this.lives = new Map(ids.map((id) => [id, new Life(core, id, this.now, options)]))
    }

    life(id: string): Life {
        const life = this.lives.get(id)
        assert(life !== undefined)
        return life
    }

    government(id: string): Government {
        return this.life(id).paxos.government
    }

    #act(id: string, input: (life: Life) => Aftermath): unknown {
        const life = this.life(id)
        life.clock = Math.max(life.clock, this.now)
        const { outcome, calls, enacted } = input(life)
        this.logs.set(id, [...this.logs.get(id) ?? [], ...enacted])
        this.air.push(...calls.map((call) => ({ from: id, call })))
        return outcome
    }

    play<Method extends keyof Inputs>(id: string, method: Method, body: Inputs[Method]): void {
        this.#act(id, (life) => live(this.#core, life, method, body))
    }

    /** A call arrives; its answer does not, yet. */
    arrive({ from, call }: Flight): Flight {
        this.arrived.push({ from, call })
        const said = this.#act(call.to, (life) => live(this.#core, life, call.method, call.body))
        return { from, call, said }
    }

    /** An answer arrives. */
    hearBack({ from, call, said }: Flight): void {
        this.#act(from, (life) => answer(this.#core, life, call, said))
    }

    /** Until something is so, picked calls arrive with their answers; other calls are lost. */
    settle(pick: Pick, isSo: () => boolean): void {
        for (let exchanges = 0; !isSo(); exchanges++) {
            assert(exchanges < EXCHANGES_MAX)
            const next = this.air.shift()
            if (next === undefined) {
                return
            }
            if (pick(next)) {
                this.hearBack(this.arrive(next))
            }
        }
    }

    /** Of the calls in the air, the picked ones arrive one by one, until something is so. */
    deliver(pick: Pick, isSo: () => boolean): void {
        for (let exchanges = 0; !isSo(); exchanges++) {
            assert(exchanges < EXCHANGES_MAX)
            const index = this.air.findIndex(pick)
            const [next] = index === -1 ? [] : this.air.splice(index, 1)
            assert(next !== undefined, 'no picked call is in the air')
            this.hearBack(this.arrive(next))
        }
    }

    /** The first of these appointments is kept, on time. */
    keepNext(ids: Iterable<string>): void {
        const [next] = [...ids].flatMap((id) => [...this.life(id).appointments.values()]
            .map(({ when, key }) => ({ id, when, key })))
            .sort((left, right) => left.when - right.when)
        assert(next !== undefined)
        this.now = Math.max(this.now, next.when)
        this.#act(next.id, (life) => keep(this.#core, life, next.key))
    }

    /** Time goes on for these, until something is so. */
    until(ids: Iterable<string>, isSo: () => boolean, pick: Pick): void {
        for (let kept = 0; !isSo(); kept++) {
            assert(kept < EXCHANGES_MAX, 'it never comes to that')
            this.settle(pick, isSo)
            if (!isSo()) {
                this.keepNext(ids)
            }
        }
    }
}

const always: Pick = () => true
const between = (ids: string): Pick => ({ from, call }) =>
    ids.includes(from) && ids.includes(call.to)

/** Whether a call carries the government of five as what is to be accepted. */
const carriesGrowth: Pick = ({ call }) => {
    const run = call.method === 'receive' && call.body.method === 'register' ? call.body : null
    const body = run?.entries.at(-1)?.body
    return body !== undefined && 'majority' in body && body.majority.length === 3
}

/** Three govern; the leader has just sent the government of five to the other two. */
async function grow(): Promise<Stage> {
    const stage = new Stage(await load([]))
    const properties = {}
    stage.play('a', 'bootstrap', { republic: REPUBLIC, properties, founding: 'founding' })
    for (const id of ['b', 'c', 'd', 'e']) {
        const body = { republic: REPUBLIC, id, cookie: id, properties, hops: 0 }
        stage.play(id, 'join', { republic: REPUBLIC, cookie: id })
        stage.play('a', 'immigrate', body)
        stage.until('abcde', () => stage.life(id).paxos.immigrated !== '0/0', always)
        if (id !== 'e') {
            stage.play(id, 'naturalize', {})
            stage.until('abcde', () => stage.government('a').naturalized.includes(id), always)
        }
        const seats = id === 'c' ? 2 : 1
        stage.until('abcde', () => stage.government('a').majority.length >= seats, always)
    }
    stage.play('e', 'naturalize', {})
    stage.until('abcde', () => stage.air.some(carriesGrowth), always)
    // A voter with a call under way is sent the government after the answer to this call.
    const isSentTo = (id: string): boolean =>
        stage.air.some((flight) => carriesGrowth(flight) && flight.call.to === id)
    stage.deliver((flight) => !carriesGrowth(flight), () => isSentTo('b') && isSentTo('c'))
    return stage
}

/**
 * 1. b and c accept the government of five from a; their answers are slow.
 * 2. b is elected by c in the parliament of three, and adopts that government under its ballot.
 * 3. The answers come: a commits it, and then an entry with d and e, under its older ballot.
 * 4. a has crashed, and no other member knows that the entry is committed.
 */
async function orphan(): Promise<Stage> {
    const stage = await grow()
    const answers = stage.air
        .filter((flight) => carriesGrowth(flight) && between('abc')(flight))
        .map((flight) => stage.arrive(flight))
    assert.deepEqual(answers.map(({ call }) => call.to).sort(), ['b', 'c'])
    stage.air = []
    const before = stage.now
    const isElected = (): boolean => stage.life('b').paxos.inspect().accepted === '2/2/0'
    stage.until('c', () => stage.life('c').paxos.isCampaigning, () => false)
    stage.air = []
    stage.until('b', isElected, ({ from, call }) => from === 'b' && call.to === 'c')
    stage.air = []
    stage.now = before
    answers.forEach((flight) => {
        stage.hearBack(flight)
    })
    stage.play('a', 'publish', 'x')
    const isCommitted = (): boolean => stage.life('a').islander.health().waiting === 0
    stage.until('a', isCommitted, between('ade'))
    stage.air = []
    stage.now = Math.max(...[...stage.lives.values()].map(({ clock }) => clock))
    return stage
}

/** The others agree on a government; each must have the entry before it. */
function goOn(stage: Stage, ids: string, pick: Pick): void {
    const isGoverned = (): boolean =>
        [...ids].every((id) => stage.government(id).majority[0] !== 'a')
    stage.until(ids, isGoverned, (flight) => between(ids)(flight) && pick(flight))
    for (const id of ids) {
        const bodies = stage.logs.get(id)?.map(({ body }) => 'majority' in body || body.body)
        assert(bodies?.includes('x'), `${id} has lost a committed entry`)
    }
}

describe('a leader that continues under a larger parliament', () => {
    test('loses no entry to a later promise that reports no entries', async () => {
        const isOfB: Pick = ({ call }) => call.method === 'receive' &&
            call.body.method === 'register' && call.body.ballot === '2/2/0'
        goOn(await orphan(), 'bcde', (flight) => !isOfB(flight))
    })

    test('is not overwritten by a leader that the smaller parliament elects', async () => {
        const stage = await orphan()
        const isOverrun = (): boolean => stage.arrived.some((flight) =>
            between('bd')(flight) && carriesGrowth(flight))
        // Asked in time, d would feed b, and b would know better.
        const isPetition: Pick = ({ call }) =>
            call.method === 'receive' && call.body.method === 'petition'
        stage.until('b', isOverrun, (flight) => between('bd')(flight) && !isPetition(flight))
        goOn(stage, 'bcd', always)
    })
})
