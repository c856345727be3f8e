import type { Fate, Publish } from './log.js'
import type { MemberAnswer, MemberOrder } from './orders.js'
import type { Act, Witnessed } from './register.js'

/** How long a client waits for one member before it turns to another, in milliseconds. */
const PATIENCE_MS = 1500
/** After how many calls a client that had turned to others tries its own machine again. */
const FAITH = 20
/** How many writes a key sees: what is done to one is checked by a search. */
const WRITES_OF_KEY = 30

/** What cannot be in any log. */
const REFUSALS = new Set(['invalid-argument', 'overloaded', 'too-large'])

/** The service that clients call. */
export interface Callee {
    /** What tells it from other incarnations. */
    readonly name: string
    /** Whatever happens, it resolves, or there is never an answer. */
    ask(order: Extract<MemberOrder, { readonly name: 'read' | 'write' }>): Promise<MemberAnswer>
}

/** Something a client has called for; what is not yet known of it comes in later. */
export interface Call extends Witnessed {
    act: Act
    endedAt: number
    at: string | null
}

/** A publish whose fate comes in later. */
interface Sent extends Publish {
    fate: Fate
}

/** What all clients did, and what they were told. */
export class Records {
    readonly calls: Call[] = []
    readonly publishes: Sent[] = []
    /** How many calls were answered. */
    answered = 0
    readonly #writes = new Map<number, number>()
    #values = 0

    /** What a client of a group does next: each key is written so often, and then another. */
    next(group: number, name: Act['name']): Act {
        const writes = (this.#writes.get(group) ?? 0) + (name === 'write' ? 1 : 0)
        this.#writes.set(group, writes)
        const key = `g${group}.${Math.ceil(writes / WRITES_OF_KEY)}`
        return name === 'write'
            ? { name, key, value: `v${++this.#values}` }
            : { name, key, value: null }
    }

    /** Lets a member do something, and notes what comes of it, however late. */
    async perform(callee: Callee, act: Act): Promise<boolean> {
        const calledAt = performance.now()
        const call: Call = { act, calledAt, endedAt: Number.POSITIVE_INFINITY, at: null }
        this.calls.push(call)
        if (act.name === 'read') {
            const answer = await callee.ask({ name: 'read', key: act.key })
            if (answer.name === 'read') {
                call.act = { ...act, value: answer.value }
                this.#end(call, answer.at)
            }
            return answer.name === 'read'
        }
        const { value } = act
        const sent: Sent = { publisher: callee.name, value, fate: { name: 'unknown' } }
        this.publishes.push(sent)
        const answer = await callee.ask({ name: 'write', key: act.key, value })
        sent.fate = fateOf(answer)
        if (answer.name === 'written') {
            this.#end(call, answer.at)
        }
        return answer.name === 'written'
    }

    #end(call: Call, at: string | null): void {
        call.endedAt = performance.now()
        call.at = at
        this.answered++
    }
}

function fateOf(answer: MemberAnswer): Fate {
    if (answer.name === 'written') {
        return { name: 'acknowledged', promise: answer.at }
    }
    const isRefused = answer.name === 'failed' && REFUSALS.has(answer.code)
    return { name: isRefused ? 'refused' : 'unknown' }
}

/** How a client finds members, and when it is to pause. */
export interface Surroundings {
    readonly machines: readonly number[]
    /** The member that answers on a machine now; `null` if no member answers. */
    residentOf(machine: number): Callee | null
    /** Resolves when something has happened. */
    moved(): Promise<void>
    /** Called after each answer. */
    onAnswer(): void
}

/** How a client goes about it. */
export interface Habits {
    /** The machine it begins with, as a place in the list of them. */
    readonly home: number
    /** Clients of a group use the same keys. */
    readonly group: number
    /** Whether it writes and reads in turn, or reads alone: who writes nowhere is never stuck. */
    readonly task: 'both' | 'read'
}

/** A client that calls one operation after another, at one member or another. */
export class Client {
    readonly #home: number
    readonly #group: number
    readonly #task: Habits['task']
    readonly #records: Records
    readonly #surroundings: Surroundings
    #turn = 0
    #calls = 0
    #isPaused = true
    #running: Promise<void> = Promise.resolve()

    constructor({ home, group, task }: Habits, records: Records, surroundings: Surroundings) {
        this.#home = home
        this.#group = group
        this.#task = task
        this.#records = records
        this.#surroundings = surroundings
    }

    start(): void {
        this.#isPaused = false
        this.#running = this.#run()
    }

    /** Resolves when the call under way is over, or was given up. */
    async pause(): Promise<void> {
        this.#isPaused = true
        await this.#running
    }

    async #run(): Promise<void> {
        while (!this.#isPaused) {
            const { machines, residentOf, moved } = this.#surroundings
            const machine = machines[(this.#home + this.#turn) % machines.length] ?? 0
            const resident = residentOf(machine)
            if (resident === null) {
                this.#turn++
                // Where nobody is anywhere, somebody has to come first.
                if (machines.every((one) => residentOf(one) === null)) {
                    await moved()
                }
                continue
            }
            const isAnswered = await this.#call(resident)
            this.#turn = isAnswered ? this.#turn : this.#turn + 1
            if (++this.#calls % FAITH === 0) {
                this.#turn = 0
            }
            this.#surroundings.onAnswer()
        }
    }

    async #call(callee: Callee): Promise<boolean> {
        const isWrite = this.#task === 'both' && this.#calls % 2 === 0
        const act = this.#records.next(this.#group, isWrite ? 'write' : 'read')
        const impatience = AbortSignal.timeout(PATIENCE_MS)
        return await new Promise((resolve) => {
            impatience.addEventListener('abort', () => resolve(false), { once: true })
            void this.#records.perform(callee, act).then(resolve)
        })
    }
}
