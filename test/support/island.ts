import assert from 'node:assert/strict'
import { mock } from 'node:test'
import type { Invoke } from 'conduit/caller.js'
import type { WireCall } from '../../src/guard/envelope.js'
import { endTurn } from '../../src/base/event-loop-yield.js'
import { Kibitzer, type KibitzerOptions } from '../../src/index.js'
import { Recording } from './recording.js'
import { overWire } from './over-wire.js'
import './silence.js'

/** The hour at which every island begins. */
export const DAWN = Date.UTC(2020, 0, 1)

/** How long a call or an answer is under way. */
export const LATENCY_MS = 2

/** No wait takes longer than this in the time of the island. */
const PATIENCE_MS = 60_000

/** A call between two members. */
export interface Passage {
    readonly from: string
    readonly to: string
    readonly call: WireCall
}

/** A refusal of a call with a status. */
interface Refused {
    readonly refused: string
}

/** The fate of a call: the call or its answer is lost, or the call is answered or refused. */
export type Fate = 'lost' | 'unanswered' | { readonly answer: unknown } | Refused | null

/** One member with all its inputs and outputs. */
export interface Resident {
    readonly id: string
    readonly kibitzer: Kibitzer
    readonly recording: Recording
}

/** The properties of a member: all the address that an island needs. */
export function at(id: string): { readonly at: string } {
    return { at: id }
}

/**
 * Many Kibitzers in one process under a simulated time. Timers and `Date` are mocked from the
 * constructor to the disposal; calls and answers between members travel as JSON.
 */
export class Island implements Disposable {
    readonly #options: Partial<KibitzerOptions>
    readonly #residents = new Map<string, Resident>()
    readonly #dead = new Set<string>()
    #underWay: { readonly at: number; readonly arrive: () => void }[] = []
    /** Every call that was made, lost ones too. */
    readonly passages: Passage[] = []
    /** Decides the fate of a call. */
    fate: (passage: Passage) => Fate = () => null

    constructor(options: Partial<KibitzerOptions> = {}) {
        mock.timers.enable({ apis: ['setTimeout', 'Date'], now: DAWN })
        this.#options = { Date: { now: () => Date.now() }, ...options }
    }

    /** Every living member, oldest first. */
    get residents(): readonly Resident[] {
        return this.all.filter(({ id }) => !this.#dead.has(id))
    }

    /** Every member, dead or alive, oldest first. */
    get all(): readonly Resident[] {
        return [...this.#residents.values()]
    }

    /** A member by its name, dead or alive. */
    resident(id: string): Resident {
        const resident = this.#residents.get(id)
        assert(resident !== undefined, `${id} was never there`)
        return resident
    }

    /** A Kibitzer by its member's name. */
    kibitzer(id: string): Kibitzer {
        return this.resident(id).kibitzer
    }

    /** A new member that listens and has no republic yet. */
    land(id: string, options: Partial<KibitzerOptions> = {}): Kibitzer {
        const kibitzer = new Kibitzer({ ...this.#options, ...options, id })
        const recording = new Recording(kibitzer)
        this.#dead.delete(id)
        this.#residents.set(id, { id, kibitzer, recording })
        kibitzer.read.shifter().pump((call) => {
            // A Caller also passes on messages that are no answer.
            if (call?.method === 'invoke') {
                this.#carry(kibitzer, call)
            }
        })
        kibitzer.listen()
        return kibitzer
    }

    /** A member that founds a republic. */
    found(id: string, options: Partial<KibitzerOptions> = {}): Kibitzer {
        const kibitzer = this.land(id, options)
        kibitzer.bootstrap('republic', at(id))
        return kibitzer
    }

    /** A member that joins through another member and, if told so, naturalizes. */
    admit(id: string, through: string, naturalizes = true): Kibitzer {
        const kibitzer = this.land(id)
        kibitzer.join('republic', at(through), at(id))
        this.until(() => kibitzer.paxos.government.promise !== '0/0')
        if (naturalizes) {
            kibitzer.naturalize()
        }
        return kibitzer
    }

    /** A republic of these members with equal logs; the first member is the founder. */
    settle(...ids: readonly string[]): readonly Kibitzer[] {
        const [founder = 'a', ...others] = ids
        const kibitzers = [this.found(founder), ...others.map((id) => this.admit(id, founder))]
        this.level()
        return kibitzers
    }

    /** Ends the process of a member without a notice to the other members. */
    crash(id: string): void {
        this.#dead.add(id)
        this.kibitzer(id).destroy()
    }

    /** Advances time. */
    pass(ms: number): void {
        for (let passed = 0; passed < ms; passed++) {
            endTurn()
            mock.timers.tick(1)
            this.#deliver()
        }
    }

    /** Halts all members for a time, as a sleeping machine does; then all timers fire at once. */
    pause(ms: number): void {
        endTurn()
        mock.timers.tick(ms)
        this.#deliver()
    }

    /** Advances time until a condition holds. */
    until(isSo: () => boolean): void {
        for (let passed = 0; !isSo(); passed++) {
            assert(passed < PATIENCE_MS, `it never comes to pass that ${isSo}`)
            this.pass(1)
        }
    }

    /** Advances time until all living members have equal logs and no publish waits. */
    level(): void {
        this.until(() => {
            const [first, ...rest] = this.residents.map(({ kibitzer }) => kibitzer.status())
            const isIdle = this.residents.every(({ kibitzer }) => {
                const { health, pending, proposals } = kibitzer.status()
                return health.waiting + health.pending + pending + proposals === 0
            })
            return isIdle && rest.every(({ committed }) => committed === first?.committed)
        })
        this.pass(PING_MS)
    }

    #carry(kibitzer: Kibitzer, { cookie, body: call }: Invoke<WireCall>): void {
        const to = (call.to as { at?: string } | undefined)?.at ?? ''
        const passage = { from: kibitzer.id, to, call: overWire(call) }
        this.passages.push(passage)
        const fate = this.fate(passage)
        const reply = (answer: unknown, refusal: Refused | null = null): void => {
            this.#send(() => {
                const answered = { module: 'conduit/procedure', method: 'invocation' } as const
                kibitzer.write.push({ ...answered, cookie, body: answer, ...refusal })
            })
        }
        if (fate === 'lost') {
            this.#send(() => reply(null))
        } else if (typeof fate === 'object' && fate !== null) {
            const [answer, refusal] = 'refused' in fate ? [null, fate] : [fate.answer, null]
            this.#send(() => reply(answer, refusal))
        } else {
            this.#send(() => this.#answer(passage, fate === 'unanswered' ? () => {} : reply))
        }
    }

    #answer({ to, call }: Passage, reply: (answer: unknown) => void): void {
        const addressee = this.#residents.get(to)
        if (addressee === undefined || this.#dead.has(to)) {
            reply(null)
        } else {
            addressee.kibitzer.request(call, (_error, answer) => reply(overWire(answer)))
        }
    }

    #send(arrive: () => void): void {
        this.#underWay.push({ at: Date.now() + LATENCY_MS, arrive })
    }

    #deliver(): void {
        const now = Date.now()
        const arriving = this.#underWay.filter(({ at: due }) => due <= now)
        this.#underWay = this.#underWay.filter(({ at: due }) => due > now)
        for (const { arrive } of arriving) {
            arrive()
        }
    }

    [Symbol.dispose](): void {
        for (const { kibitzer } of this.#residents.values()) {
            kibitzer.destroy()
        }
        mock.timers.reset()
    }
}

/** How often members ping each other by default. */
export const PING_MS = 250
