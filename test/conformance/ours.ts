import { Islander, Paxos } from '../../src/index.js'
import type {
    GovernmentBody, LogEntry, Request, Response
} from '../../src/paxos/messages/messages.js'
import { unpack } from '../../src/paxos/messages/run-encoding.js'
import { drain } from './drain.js'
import {
    propertiesOf, type Batch, type Change, type Communique, type Logged, type Member,
    type Receipts, type Terms
} from './member.js'

/** What came as text, with every entry of a run by itself, as the guard would leave it. */
export function unpacked(said: unknown): unknown {
    const holds = typeof said === 'object' && said !== null && 'entries' in said
    if (!holds || !Array.isArray(said.entries)) {
        return said
    }
    const entries = said.entries.flatMap((each) => ('bodies' in each ? unpack(each) : [each]))
    return { ...said, entries }
}

function toChange(body: GovernmentBody): Change {
    return {
        immigrate: body.immigrate?.id ?? null,
        exile: body.exile?.id ?? null,
        naturalize: body.naturalize,
        promote: (body.promote ?? []).map(({ id }) => id).sort(),
        demote: body.demote ?? null,
        map: body.map
    }
}

function toLogged(entry: LogEntry): Logged {
    const { promise, previous } = entry
    if (entry.method === 'government') {
        const { government, body } = entry
        const change = toChange(body)
        return structuredClone({ promise, previous, kind: 'government', government, change })
    }
    const { id, cookie, body } = entry.body
    return structuredClone({ promise, previous, kind: 'entry', id, cookie, body })
}

/** A member of ours. */
export function settleOurs(id: string, terms: Terms, now: number): Member {
    return new OurMember(id, terms, now)
}

class OurMember implements Member {
    readonly id: string
    readonly #terms: Terms
    readonly #paxos: Paxos
    readonly #islander: Islander
    readonly #log: Logged[] = []
    readonly #cursors

    constructor(id: string, terms: Terms, now: number) {
        const { republic, ping, timeout, parliamentSize } = terms
        this.id = id
        this.#terms = terms
        this.#paxos = new Paxos(now, republic, id, { ping, timeout, parliamentSize })
        this.#islander = new Islander(id)
        this.#cursors = {
            log: this.#paxos.log.shifter(),
            communiques: this.#paxos.outbox.shifter(),
            events: this.#paxos.scheduler.events.shifter(),
            batches: this.#islander.outbox.shifter()
        }
    }

    get cookie(): string | number | null {
        return this.#paxos.cookie
    }

    bootstrap(now: number): void {
        this.#paxos.bootstrap(now, propertiesOf(this.id))
        this.#learn()
    }

    join(now: number): void {
        this.#paxos.join(this.#terms.republic, now)
    }

    admit(now: number, newcomer: Member, naturalized: boolean): boolean {
        const { republic } = this.#terms
        const { id } = newcomer
        const cookie = newcomer.cookie ?? ''
        const properties = propertiesOf(id)
        const immigration = { id, cookie, properties, naturalized }
        const answer = this.#paxos.immigrate(now, republic, immigration)
        this.#learn()
        return answer.enqueued
    }

    naturalize(): void {
        this.#paxos.naturalize()
    }

    publish(body: string): void {
        this.#islander.publish(body)
    }

    tick(now: number): boolean {
        this.#paxos.scheduler.check(now)
        const due = drain(this.#cursors.events).filter((event) => event.method === 'event')
        for (const event of due) {
            this.#paxos.event(event)
        }
        this.#learn()
        return due.length !== 0
    }

    takeCommuniques(): Communique[] {
        return drain(this.#cursors.communiques)
    }

    takeBatches(): Batch[] {
        return drain(this.#cursors.batches)
    }

    // What comes from another member has been through JSON and so has lost its type.
    request(now: number, request: unknown): unknown {
        const response = this.#paxos.request(now, unpacked(request) as Request)
        this.#learn()
        return response
    }

    response(now: number, cookie: unknown, responses: Record<string, unknown>): void {
        const heard = Object.entries(responses).map(([to, said]) => [to, unpacked(said)])
        const answers = Object.fromEntries(heard) as Record<string, Response | null>
        this.#paxos.response(now, String(cookie), answers)
        this.#learn()
    }

    enqueue(now: number, batch: Batch): Receipts {
        const receipts: Record<string, string> = {}
        for (const message of batch.messages) {
            const outcome = this.#paxos.enqueue(now, this.#terms.republic, message)
            if (!outcome.enqueued) {
                return null
            }
            receipts[message.cookie] = outcome.promise
        }
        this.#learn()
        return receipts
    }

    sent(_now: number, cookie: string, receipts: Receipts): void {
        this.#islander.sent(cookie, receipts)
    }

    retry(): void {
        this.#islander.retry()
    }

    leader(): string | null {
        return this.#paxos.government.majority[0] ?? null
    }

    log(): readonly Logged[] {
        return this.#log
    }

    health(): { waiting: number, pending: number } {
        return this.#islander.health()
    }

    #learn(): void {
        for (const entry of drain(this.#cursors.log)) {
            this.#log.push(toLogged(entry))
            this.#islander.push(entry)
        }
    }
}
