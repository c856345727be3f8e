import { Monotonic } from '../../src/base/monotonic.js'
import { writerOf } from '../../src/paxos/standing.js'
import { inside } from '../simulation/inside.js'
import { Annals, bodyOf, hasTicket } from './annals.js'
import type { Core } from './copy.js'
import { found, IDS } from './founding.js'
import {
    type Aftermath, answer, type Call, keep, type Life, live, restart, stable
} from './life.js'
import { demand, Violation } from './violation.js'
import { clone, Teller } from './walk.js'

/** A message under way. A call goes to its addressee, an answer to the caller. */
export interface Flight {
    readonly from: number
    readonly to: number
    readonly call: Call
    /** `null` for a call; an answer holds what is answered. */
    readonly answer: { readonly outcome: unknown } | null
}

/** What happens to one member. */
export const STEP = {
    deliver: 0, fail: 1, keep: 2, publish: 3, leave: 4, flush: 5, restart: 6, stable: 7
} as const
export type StepKind = (typeof STEP)[keyof typeof STEP]

/** The appointments a member may have. */
export const KEYS = ['ping', 'collapse', 'resubmit', 'feed'] as const

/** The caller of a call whose process has ended: no process takes the answer. */
export const ENDED = -1

/** The situations of members, by number. */
export interface Members {
    readonly annals: Annals
    /** The situations that the exploration begins with. */
    readonly founders: readonly number[]
    readonly lives: { readonly length: number }
    /** How many outcomes were found out. */
    readonly outcomes: number
    lifeOf(member: number): Life
    /** The log that a member has shown. */
    logOf(member: number): number
    flightOf(flight: number): Flight
    /** The call that a call is after the end of its caller. */
    abandoned(flight: number): number
    /** Whether a member still awaits the answer that a flight is. */
    awaits(member: number, flight: number): boolean
    /** Whether something waits for the disk of a member. */
    isWaiting(member: number): boolean
    /** What becomes of a member when this happens to it. */
    step(member: number, kind: StepKind, what: number): Outcome
}

/** What becomes of one member in one situation when something happens to it. */
export interface Outcome {
    readonly life: number
    /** What leaves it, by number. */
    readonly flights: readonly number[]
}

/** What is looked at in the copy of the engine, and in that of the Islander. */
interface Engine {
    readonly core: { readonly mailbox: { readonly _mailbox_calls: ReadonlyMap<string, unknown> } }
}
interface Publisher {
    readonly _islander_window: {
        readonly _publishwindow_flights: { indexOf(cookie: string): number }
    } | null
}

const LIFE_RADIX = 2 ** 30

/** A hash of 53 bits: two lives among a million collide once in twenty thousand runs. */
function hash(text: string): number {
    let high = 0xdeadbeef
    let low = 0x41c6ce57
    for (let index = 0; index < text.length; index++) {
        const code = text.charCodeAt(index)
        high = Math.imul(high ^ code, 2654435761)
        low = Math.imul(low ^ code, 1597334677)
    }
    high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
    low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
    return 4294967296 * (2097151 & low) + (high >>> 0)
}

/**
 * Every situation that a member is ever in and every message that is ever under way, each once and
 * by number. What an input does to a member in a situation is found out once, by the real engine,
 * and remembered: whole republics are then but combinations of numbers.
 *
 * 1. What one member alone can show is checked whenever it is found out: ballots, its log, its
 *    publishes, and that nothing throws.
 */
export class Society implements Members {
    readonly annals: Annals
    readonly lives: Life[] = []
    /** The log of each life. */
    readonly logs: number[] = []
    readonly flights: Flight[] = []
    /** The lives that the exploration begins with. */
    readonly founders: readonly number[]
    readonly #core: Core
    readonly #teller = new Teller()
    readonly #lifeNumbers = new Map<number, number>()
    readonly #flightNumbers = new Map<string, number>()
    readonly #outcomes = new Map<number, Outcome>()

    /** @param hasDisks Whether the members have disks, for `Disks`. */
    constructor(core: Core, version: number, hasDisks: boolean = false) {
        this.#core = core
        const { lives } = found(core, version, hasDisks)
        this.annals = new Annals(this.#teller, lives[0]?.paxos.inspect().committed ?? '0/0')
        this.founders = lives.map((life) => this.#settle(life, 0))
    }

    /** How many outcomes were found out. */
    get outcomes(): number {
        return this.#outcomes.size
    }

    lifeOf(life: number): Life {
        const known = this.lives[life]
        demand(known !== undefined, 'is a life', () => `there is no life ${life}`)
        return known
    }

    flightOf(flight: number): Flight {
        const known = this.flights[flight]
        demand(known !== undefined, 'is a flight', () => `there is no flight ${flight}`)
        return known
    }

    logOf(life: number): number {
        return this.logs[life] ?? 0
    }

    abandoned(flight: number): number {
        return this.#fly({ ...this.flightOf(flight), from: ENDED })
    }

    /** Nothing waits for a disk. */
    isWaiting(): boolean {
        return false
    }

    /** Whether a member still awaits the answer that a flight is. */
    awaits(life: number, flight: number): boolean {
        const { paxos, islander } = this.lifeOf(life)
        const { call } = this.flightOf(flight)
        if (call.method === 'receive') {
            return (paxos as unknown as Engine).core.mailbox._mailbox_calls.has(call.cookie)
        }
        const { _islander_window: window } = islander as unknown as Publisher
        // Late receipts end a row of failures.
        return window === null ? islander.awaited === call.cookie
            : window._publishwindow_flights.indexOf(call.cookie) !== -1 || islander.failures !== 0
    }

    /** What becomes of a member when this happens to it. */
    step(life: number, kind: StepKind, what: number): Outcome {
        const key = life * LIFE_RADIX + what * 8 + kind
        let outcome = this.#outcomes.get(key)
        if (outcome === undefined) {
            outcome = this.#find(life, kind, what)
            this.#outcomes.set(key, outcome)
        }
        return outcome
    }

    #find(number: number, kind: StepKind, what: number): Outcome {
        const before = this.lifeOf(number)
        const life = clone(before)
        const after = this.#happen(life, kind, what)
        this.#checkBallots(before, life)
        let log = this.logs[number] ?? 0
        for (const entry of after.enacted) {
            log = this.annals.extend(log, entry)
        }
        for (const ticket of after.settled) {
            const published = this.annals.publishedIn(log)
            demand(published.some((body) => hasTicket(body, life.id, ticket)), 'settled', () =>
                `${life.id} settles its publish ${ticket}, which is not in its log`)
        }
        const index = IDS.indexOf(life.id)
        const flights = after.calls.map((call) => this.#fly({
            from: index, to: IDS.indexOf(call.to), call, answer: null
        }))
        const delivered = kind === STEP.deliver ? this.flightOf(what) : null
        if (delivered !== null && delivered.answer === null && delivered.from !== ENDED) {
            const { from, call } = delivered
            const { outcome } = after
            flights.push(this.#fly({ from: index, to: from, call, answer: { outcome } }))
        }
        return { life: this.#settle(life, log), flights }
    }

    #happen(life: Life, kind: StepKind, what: number): Aftermath {
        try {
            switch (kind) {
                case STEP.deliver: {
                    const { call, answer: said } = this.flightOf(what)
                    return said === null
                        ? live(this.#core, life, call.method, call.body)
                        : answer(this.#core, life, call, said.outcome)
                }
                case STEP.fail:
                    return answer(this.#core, life, this.flightOf(what).call, null)
                case STEP.keep:
                    return keep(this.#core, life, KEYS[what] ?? '')
                case STEP.publish: {
                    const body = bodyOf(life.id, life.restarts, life.islander.tickets + 1)
                    return live(this.#core, life, 'publish', body)
                }
                case STEP.leave:
                    return live(this.#core, life, 'leave', {})
                case STEP.restart:
                    return restart(this.#core, life)
                case STEP.stable:
                    return stable(this.#core, life)
                case STEP.flush:
                    throw new Error('a life has no disk')
                default:
                    return kind satisfies never
            }
        } catch (error) {
            throw new Violation(`throws: ${life.id} throws ${String(error)}`, { cause: error })
        }
    }

    #checkBallots(before: Life, after: Life): void {
        const was = before.paxos.inspect()
        const is = after.paxos.inspect()
        const rises = Monotonic.compare(is.promised, was.promised) >= 0 &&
            Monotonic.compare(is.accepted, was.accepted) >= 0 &&
            Monotonic.compare(is.promised, is.accepted) >= 0
        demand(rises, 'ballots rise', () => `${after.id} goes from ${JSON.stringify(was)} to ` +
            JSON.stringify(is))
        const ballot = writerOf(inside(after.paxos))?.ballot ?? '1/1/0'
        const owner = ballot.slice(ballot.indexOf('/') + 1)
        demand(owner === after.paxos.immigrated || ballot === '1/1/0', 'one writer a ballot', () =>
            `${after.id} writes under ${ballot}, which is not its own`)
    }

    #fly(flight: Flight): number {
        const { from, to, call, answer: said } = flight
        const body = this.#teller.tell(call.body, 0)
        const outcome = said === null ? '' : this.#teller.tell(said.outcome, 0)
        const key = `${from}${to}${call.cookie}${call.method}${body}=${outcome}`
        const known = this.#flightNumbers.get(key)
        if (known !== undefined) {
            return known
        }
        this.flights.push(flight)
        this.#flightNumbers.set(key, this.flights.length - 1)
        return this.flights.length - 1
    }

    #settle(life: Life, log: number): number {
        const key = hash(`${log} ${this.#teller.tell(life, life.clock)}`)
        const known = this.#lifeNumbers.get(key)
        if (known !== undefined) {
            return known
        }
        this.lives.push(life)
        this.logs.push(log)
        this.#lifeNumbers.set(key, this.lives.length - 1)
        return this.lives.length - 1
    }
}
