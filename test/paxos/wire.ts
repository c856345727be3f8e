import assert from 'node:assert/strict'
import type { Shifter } from 'procession'
import type { SchedulerEvent } from 'happenstance'
import { guardEnvelope } from '../../src/guard/envelope.js'
import { guardResponse } from '../../src/guard/response.js'
import type { Communique } from '../../src/paxos/messages/mailbox.js'
import type {
    LogEntry, Prepare, Properties, Request, Response
} from '../../src/paxos/messages/messages.js'
import type { Immigration } from '../../src/paxos/messages/proposals.js'
import type { PaxosOptions } from '../../src/paxos/options.js'
import { Paxos } from '../../src/paxos/paxos.js'

/** The republic of every wire. */
export const REPUBLIC = 'r'

/** A request, or an answer, on the way from one engine to another. */
export interface Message {
    readonly from: string
    readonly to: string
    readonly cookie: string
    /** When the message arrives. */
    readonly at: number
    readonly request: Request
    /** The properties by which the sender calls. */
    readonly properties: Properties
    /** The answer; `undefined` while the request is on its way. */
    readonly answer?: Response | null
}

/** One engine, and all that the engine has ever put out. */
export interface Member {
    readonly id: string
    readonly paxos: Paxos
    readonly log: LogEntry[]
    readonly outbox: Shifter<Communique>
    readonly entries: Shifter<LogEntry>
    readonly events: Shifter<SchedulerEvent<string>>
}

/** How far a test may wait for a condition, in milliseconds of the wire's time. */
const PATIENCE_MS = 120_000

/** The header of a request that a member sends another one. */
export function header(from: Member, to: Member): Omit<Prepare, 'method' | 'ballot'> {
    const incarnation = ({ id, paxos }: Member): Prepare['from'] => ({
        id, immigrated: paxos.immigrated
    })
    return {
        republic: REPUBLIC,
        founding: from.paxos.founding,
        from: incarnation(from),
        to: incarnation(to),
        government: from.paxos.government.promise,
        committed: from.paxos.committed,
        minimum: '0/0',
        standing: null
    }
}

function asText<Value>(value: Value): Value {
    return JSON.parse(JSON.stringify(value)) as Value
}

/**
 * Engines, a clock that a test winds, and the messages between the engines. Each message crosses as
 * text and passes the guards. The test decides how long a message takes, and which message is lost.
 */
export class Wire {
    now = 1_000_000
    /** What is under way, oldest first. */
    air: Message[] = []
    /** Every request that was sent, lost ones too. */
    readonly sent: { readonly at: number; readonly from: string; readonly request: Request }[] = []
    /** How many milliseconds a message takes; `null`: the message is lost. */
    delay: (message: Message) => number | null = () => 0
    /** The member that gets a request. */
    route: (message: Message) => string = ({ to }) => to
    readonly members = new Map<string, Member>()
    /** The version of the republic. */
    version = 1
    readonly #options: PaxosOptions

    constructor(options: PaxosOptions = {}) {
        this.#options = options
    }

    /** A member by its id. */
    of(id: string): Member {
        return this.members.get(id) ?? assert.fail(`${id} is no member`)
    }

    /** The member that leads; the test fails if there is none, or if there are two. */
    get leader(): Member {
        const leaders = [...this.members.values()].filter(({ paxos }) => paxos.isLeading)
        assert.equal(leaders.length, 1)
        return leaders[0] ?? assert.fail()
    }

    /** Starts an engine. */
    add(id: string): Member {
        const paxos = new Paxos(this.now, null, id, this.#options)
        const member: Member = {
            id, paxos, log: [], outbox: paxos.outbox.shifter(), entries: paxos.log.shifter(),
            events: paxos.scheduler.events.shifter()
        }
        this.members.set(id, member)
        return member
    }

    /** Founds a republic of naturalized members, the first of them the leader. */
    settle(...ids: readonly string[]): readonly Member[] {
        const [founder, ...others] = ids.map((id) => this.add(id))
        assert(founder !== undefined)
        founder.paxos.republic = REPUBLIC
        founder.paxos.bootstrap(this.now, { at: founder.id }, 'founding', this.version)
        for (const { id, paxos } of others) {
            paxos.join(REPUBLIC, `of ${id}`)
            const newcomer: Immigration = {
                id, cookie: `of ${id}`, properties: { at: id }, naturalized: true,
                ...(this.version > 1 && { versions: [1, this.version] })
            }
            founder.paxos.immigrate(this.now, REPUBLIC, newcomer)
            this.until(() => paxos.immigrated !== '0/0')
        }
        this.pass(3000)
        return [founder, ...others]
    }

    /** Proposes values at a member, under cookies that follow each other. */
    propose({ id, paxos }: Member, first: number, values: readonly unknown[]): boolean {
        const { immigrated } = paxos
        const entries = values.map((body, index) => {
            return { id, cookie: (first + index).toString(16), body, immigrated }
        })
        const promises = paxos.enqueueAll(this.now, REPUBLIC, entries)
        this.#takeAll()
        return promises !== null
    }

    /** Takes what engines have put out since the last time. */
    #takeAll(): void {
        for (const member of this.members.values()) {
            for (let entry = member.entries.shift(); entry !== null;) {
                member.log.push(entry)
                entry = member.entries.shift()
            }
            for (let next = member.outbox.shift(); next !== null; next = member.outbox.shift()) {
                for (const { to, properties, request } of next.envelopes) {
                    const { cookie } = next
                    this.sent.push({ at: this.now, from: member.id, request })
                    const message = { from: member.id, to, cookie, at: 0, properties }
                    this.#post({ ...message, request: asText(request) })
                }
            }
        }
    }

    #post(message: Message): void {
        const delayMs = this.delay(message)
        if (delayMs !== null) {
            this.air.push({ ...message, at: this.now + delayMs })
        }
    }

    /** Delivers one message. */
    deliver(message: Message): void {
        this.air = this.air.filter((other) => other !== message)
        const { from, to, cookie, request, answer } = message
        if (answer !== undefined) {
            const guarded = guardResponse(answer)
            assert(guarded.ok)
            this.of(from).paxos.response(this.now, cookie, { [to]: guarded.value })
        } else {
            const method = 'receive'
            const guarded = guardEnvelope({ module: 'kibitz', method, to: null, body: request })
            assert(guarded.ok && guarded.envelope.method === method)
            const addressee = this.of(this.route(message))
            const response = addressee.paxos.request(this.now, guarded.envelope.body)
            this.#post({ ...message, answer: asText(response) })
        }
        this.#takeAll()
    }

    /** Delivers what has arrived by now, and what follows at once. */
    deliverAll(): void {
        this.#takeAll()
        for (let count = 0; ; count++) {
            assert(count < 100_000, 'messages follow each other without end')
            const next = this.air.find(({ at }) => at <= this.now)
            if (next === undefined) {
                return
            }
            this.deliver(next)
        }
    }

    /** Lets one appointment of a member come due, ahead of its time. */
    ring({ paxos }: Member, body: string): void {
        const when = this.now
        paxos.event({ method: 'event', now: this.now, when, body })
        this.#takeAll()
    }

    /** Lets time go by. */
    pass(ms: number, stepMs: number = 10): void {
        for (const end = this.now + ms; this.now < end;) {
            this.now += stepMs
            for (const { paxos, events } of this.members.values()) {
                paxos.scheduler.check(this.now)
                for (let event = events.shift(); event !== null; event = events.shift()) {
                    if (event.method === 'event') {
                        paxos.event(event)
                    }
                }
            }
            this.deliverAll()
        }
    }

    /** Lets time go by until a condition holds. */
    until(holds: () => boolean): void {
        for (const end = this.now + PATIENCE_MS; !holds();) {
            assert(this.now < end, `it never comes to pass that ${holds}`)
            this.pass(10)
        }
    }
}
