import assert from 'node:assert/strict'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import type { Core } from './copy.js'
import { type Aftermath, answer, type Call, keep, Life, live, REPUBLIC, stable } from './life.js'

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

    constructor(core: Core, highestVersion: number) {
        this.#core = core
        const options = { parliamentSize: IDS.length, highestVersion }
        this.lives = IDS.map((id) => new Life(core, id, this.now, options))
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

    /** Delivers all messages; the disks answer at once. */
    settle(): void {
        this.#answerDisks()
        for (let flight = this.#air.shift(); flight !== undefined; flight = this.#air.shift()) {
            const { from, call } = flight
            const to = this.lives.findIndex(({ id }) => id === call.to)
            const said = this.act(to, (life) => live(this.#core, life, call.method, call.body))
            this.act(from, (life) => answer(this.#core, life, call, said))
            this.#answerDisks()
        }
    }

    #answerDisks(): void {
        for (const [index, { paxos }] of this.lives.entries()) {
            while (paxos.disk.awaited !== null) {
                this.act(index, (life) => stable(this.#core, life))
            }
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
export function found(core: Core, version: number, hasDisks: boolean): Founded {
    const formation = new Formation(core, version)
    const { lives, logs } = formation
    const properties = {}
    if (hasDisks) {
        for (const index of IDS.keys()) {
            formation.act(index, (life) => live(core, life, 'revive', { disk: true }))
        }
    }
    formation.act(0, (life) => live(core, life, 'bootstrap', {
        republic: REPUBLIC, properties, founding: 'founding', version
    }))
    for (const [index, id] of IDS.entries()) {
        if (index !== 0) {
            const cookie = `cookie-${id}`
            formation.act(index, (life) => live(core, life, 'join', { republic: REPUBLIC, cookie }))
            formation.act(0, (life) => live(core, life, 'immigrate', {
                republic: REPUBLIC, id, cookie, properties, hops: 0, versions: [1, version]
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
