import Islander from 'reference-islander'
import Paxos from 'reference-paxos'
import type { Entry, Government as Reigning, GovernmentBody } from 'reference-paxos'
import { drain } from './drain.js'
import {
    propertiesOf, type Batch, type Change, type Communique, type Government, type Logged,
    type Member, type Receipts, type Terms
} from './member.js'

function toGovernment(government: Reigning): Government {
    const { republic, promise, majority, minority, constituents, properties } = government
    return {
        republic, promise, majority, minority, constituents, properties,
        naturalized: government.acclimated,
        immigrated: government.arrived
    }
}

function toChange(body: GovernmentBody): Change {
    return {
        immigrate: body.arrive?.id ?? null,
        exile: body.departed?.id ?? null,
        naturalize: body.acclimate ?? null,
        promote: (body.promote ?? []).map(({ id }) => id).sort(),
        demote: body.demote ?? null,
        map: body.map
    }
}

function toLogged(entry: Entry): Logged {
    const { promise, previous } = entry
    if (entry.method === 'government') {
        return structuredClone({
            promise, previous, kind: 'government',
            government: toGovernment(entry.government),
            change: toChange(entry.body)
        })
    }
    const { id, cookie, body } = entry.body
    return structuredClone({ promise, previous, kind: 'entry', id, cookie, body })
}

/** A member of the reference: `paxos@11.0.1` and `islander@0.9.4`, in our words. */
export function settleReference(id: string, terms: Terms, now: number): Member {
    return new ReferenceMember(id, terms, now)
}

class ReferenceMember implements Member {
    readonly id: string
    readonly #terms: Terms
    readonly #paxos: Paxos
    readonly #islander: Islander
    readonly #log: Logged[] = []
    readonly #cursors

    constructor(id: string, terms: Terms, now: number) {
        const { ping, timeout, parliamentSize } = terms
        this.id = id
        this.#terms = terms
        this.#paxos = new Paxos(now, id, { ping, timeout, parliamentSize })
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
        this.#paxos.bootstrap(this.#terms.republic, now, propertiesOf(this.id))
        this.#learn()
    }

    join(now: number): void {
        this.#paxos.join(this.#terms.republic, now)
    }

    admit(now: number, newcomer: Member, naturalized: boolean): boolean {
        const { republic } = this.#terms
        const { id, cookie } = newcomer
        const properties = propertiesOf(id)
        const answer = this.#paxos.arrive(now, republic, id, cookie, properties, naturalized)
        this.#learn()
        return answer.enqueued
    }

    naturalize(): void {
        this.#paxos.acclimate()
    }

    publish(body: string): void {
        this.#islander.publish(body)
    }

    // The events are taken off the queue after `check` has returned, since `check` removes what a
    // handler schedules from inside it.
    tick(now: number): boolean {
        this.#paxos.scheduler.check(now)
        const due = drain(this.#cursors.events).filter(({ method }) => method === 'event')
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

    request(now: number, request: unknown): unknown {
        const response = this.#paxos.request(now, request)
        this.#learn()
        return response
    }

    response(now: number, cookie: unknown, responses: Record<string, unknown>): void {
        this.#paxos.response(now, cookie, responses)
        this.#learn()
    }

    enqueue(now: number, batch: Batch): Receipts {
        const receipts: Record<string, string> = {}
        for (const message of batch.messages) {
            const { enqueued, promise } = this.#paxos.enqueue(now, this.#terms.republic, message)
            if (!enqueued || promise === undefined) {
                return null
            }
            receipts[message.cookie] = promise
        }
        return receipts
    }

    sent(_now: number, cookie: string, receipts: Receipts): void {
        this.#islander.sent(cookie, receipts)
    }

    /** The reference's Islander has its next try ready at once; the `Island` holds it back. */
    retry(): void {}

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
