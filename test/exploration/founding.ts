import assert from 'node:assert/strict'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import type { Core } from './copy.js'
import { type Aftermath, answer, type Call, keep, Life, live, REPUBLIC } from './life.js'

/** The three members; the first founds the republic and leads it. */
export const IDS: readonly string[] = ['a', 'b', 'c']

/** A republic that stands still: nothing is under way, everybody is level. */
export interface Founded {
    readonly lives: readonly Life[]
    /** What each has delivered. */
    readonly logs: readonly (readonly LogEntry[])[]
}

const BEGIN = 1_000_000
const DURATION = 4000

/** The engine forms its republic without a fault, every message in order and at once. */
class Formation {
    now = BEGIN
    readonly lives: readonly Life[]
    readonly logs: LogEntry[][] = IDS.map(() => [])
    readonly #core: Core
    readonly #air: { readonly from: number, readonly call: Call }[] = []

    constructor(core: Core) {
        this.#core = core
        this.lives = IDS.map((id) => new Life(core, id, this.now, IDS.length))
    }

    act(index: number, input: (life: Life) => Aftermath): unknown {
        const life = this.lives[index]
        assert(life !== undefined)
        life.clock = this.now
        const { outcome, calls, enacted } = input(life)
        this.logs[index]?.push(...enacted)
        this.#air.push(...calls.map((call) => ({ from: index, call })))
        return outcome
    }

    settle(): void {
        for (let flight = this.#air.shift(); flight !== undefined; flight = this.#air.shift()) {
            const { from, call } = flight
            const to = this.lives.findIndex(({ id }) => id === call.to)
            const said = this.act(to, (life) => live(this.#core, life, call.method, call.body))
            this.act(from, (life) => answer(this.#core, life, call, said))
        }
    }

    wind(until: number): void {
        for (;;) {
            this.settle()
            const due = this.lives.flatMap((life, index) =>
                [...life.appointments.values()].map(({ when, key }) => ({ when, key, index })))
            const [next] = due.sort((left, right) => left.when - right.when)
            if (next === undefined || next.when > until) {
                return
            }
            this.now = Math.max(this.now, next.when)
            this.act(next.index, (life) => keep(this.#core, life, next.key))
        }
    }
}

/** Lets the engine form a government of three: two in the majority, one on the bench. */
export function found(core: Core): Founded {
    const formation = new Formation(core)
    const { lives, logs } = formation
    const properties = {}
    formation.act(0, (life) =>
        live(core, life, 'bootstrap', { republic: REPUBLIC, properties, founding: 'founding' }))
    for (const [index, id] of IDS.entries()) {
        if (index !== 0) {
            const cookie = `cookie-${id}`
            formation.act(index, (life) => live(core, life, 'join', { republic: REPUBLIC, cookie }))
            formation.act(0, (life) => live(core, life, 'immigrate', {
                republic: REPUBLIC, id, cookie, properties, hops: 0
            }))
            formation.settle()
            formation.act(index, (life) => live(core, life, 'naturalize', {}))
        }
    }
    formation.wind(BEGIN + DURATION)
    for (const { paxos, id } of lives) {
        const { majority, minority } = paxos.government
        assert.deepEqual([majority, minority], [['a', 'b'], ['c']], `${id} is in another republic`)
        assert.equal(paxos.inspect().committed, lives[0]?.paxos.inspect().committed)
    }
    return { lives, logs }
}
