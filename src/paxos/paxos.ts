import type { CalendarEvent } from 'happenstance'
import { jsonSize } from '../base/json-value.js'
import type { Monotonic } from '../base/monotonic.js'
import { own } from '../base/own-property.js'
import { Archivist } from './archivist.js'
import { population } from './membership/government.js'
import type { Properties, Republic, Request, Response } from './messages/messages.js'
import type { EnqueueOutcome, ImmigrateOutcome, Proposal } from './messages/proposals.js'
import { checkPaxosOptions, type PaxosOptions } from './options.js'
import { Writer, type Desk } from './replication/writer.js'
import { SeededRandom } from './seeded-random.js'
import type { PaxosState } from './state.js'

/**
 * About how many bytes the properties of all citizens may take together. They travel at once, with
 * a ration of entries, to whoever comes, and a message that is too large would never arrive.
 */
const PROPERTIES_WEIGHT_MAX = 256 * 1024

/**
 * The engine: a deterministic multi-Paxos whose inputs are its method calls and whose outputs are
 * `log`, `outbox` and `scheduler`. It reads no clock, draws no lot and does no I/O.
 *
 * 1. Every promise numbers at most one committed entry, the same at every member.
 * 2. The committed log is a chain, and only grows.
 * 3. No sequence of well-formed messages makes it throw.
 * 4. Told the same inputs, it gives the same outputs.
 */
export class Paxos extends Archivist {
    /**
     * @param now Milliseconds since the epoch, like every `now` here.
     * @param republic The name of the republic, or `null` where it is told later.
     * @param id This member's name; unique among the citizens.
     */
    constructor(now: number, republic: Republic | null, id: string, options: PaxosOptions = {}) {
        super(now, republic, String(id), checkPaxosOptions(options))
    }

    /**
     * An engine that goes on from a state. Its queues are empty; it takes what it is given.
     *
     * @param options Those that are to be others from now on.
     * @throws Error where it is no state of this version.
     */
    static restore(state: PaxosState, options: PaxosOptions = {}): Paxos {
        const paxos = new Paxos(0, null, state.citizenship.id)
        paxos.recall(state, options)
        return paxos
    }

    /**
     * Founds the republic: government `1/0` with this member alone.
     *
     * @param founding Tells this founding from any other of the same name. @default `now`
     */
    bootstrap(now: number, properties: Properties, founding: string = String(now)): void {
        this.observe(now, null)
        const entry = this.citizenship.found(founding, properties)
        this.chain.append(entry)
        this.chain.commitThrough(this.chain.head)
        const ballot = '1/1/0'
        Object.assign(this.acceptance, { promised: ballot, accepted: ballot })
        this.note(ballot)
        this.writer = new Writer(ballot, entry.promise, null)
        this.random = new SeededRandom(entry.promise)
        this.enact()
        this.proceed(false)
    }

    /** Says which republic this member waits to be admitted to, and under which cookie. */
    join(republic: Republic, cookie: string | number): void {
        this.republic = republic
        this.cookie = cookie
    }

    /**
     * Asks for a newcomer's admission. Where this member does not lead, the answer says who does.
     * An id that the census still holds under another cookie is refused until its exile.
     */
    immigrate(
        now: number,
        republic: Republic,
        id: string,
        cookie: string | number,
        properties: Properties,
        naturalized: boolean = false
    ): ImmigrateOutcome {
        this.observe(now, this.scheduler.next())
        const refusal = this.#refuse(republic)
        if (refusal !== null) {
            return { enqueued: false, republic: this.republic, leader: refusal.leader }
        }
        const known = this.citizenship.incarnationOf(id)
        if (known !== null) {
            const enqueued = this.citizenship.recordOf(known.immigrated)?.cookie === cookie
            if (!enqueued) {
                this.returning.add(id)
            }
            return enqueued
                ? { enqueued }
                : { enqueued, republic: this.republic, leader: this.id }
        }
        if (!this.#hasRoom(id, properties)) {
            return { enqueued: false, republic: this.republic, leader: this.id }
        }
        this.arriving.set(id, { id, cookie, properties, naturalized })
        this.reshape = true
        this.proceed(false)
        return { enqueued: true }
    }

    /** Whether one more may be admitted: who comes is told of all, in one message. */
    #hasRoom(id: string, properties: Properties): boolean {
        const others = [...this.arriving.values()].filter((other) => other.id !== id)
        const count = population(this.government) + others.length
        const weight = [
            ...Object.values(this.government.properties),
            ...others.map((other) => other.properties),
            properties
        ].reduce((sum: number, each) => sum + jsonSize(each), 0)
        return count < this.settings.citizens && weight <= PROPERTIES_WEIGHT_MAX
    }

    /** Says that this member holds the application's state and may take a seat. */
    naturalize(): void {
        this.declare()
        this.proceed(false)
    }

    /** Proposes one entry. */
    enqueue(now: number, republic: Republic, entry: Proposal): EnqueueOutcome {
        const promises = this.enqueueAll(now, republic, [entry])
        if (promises === null) {
            return { enqueued: false, leader: this.#refuse(republic)?.leader ?? null }
        }
        return { enqueued: true, leader: this.id, promise: promises[entry.cookie] ?? '0/0' }
    }

    /**
     * Proposes a batch, in order.
     *
     * @returns The promises of the first and the last by their cookies, those between them being
     * numbered in turn; `null` where this member is not a leader that can write, or where one was
     * refused. Then some may be proposed all the same: the log tells.
     */
    enqueueAll(
        now: number,
        republic: Republic,
        entries: readonly Proposal[],
        founding: string = this.founding
    ): Record<string, Monotonic> | null {
        this.observe(now, this.scheduler.next())
        const { writer } = this
        const isOurs = founding === this.founding && this.#refuse(republic) === null
        if (!isOurs || writer === null) {
            return null
        }
        const promises: Record<string, Monotonic> = {}
        let taken = 0
        let desk: Desk | null = null
        entries.every((entry) => {
            if (desk === null || desk.id !== entry.id || desk.immigrated !== entry.immigrated) {
                desk = this.#deskOf(entry)
            }
            const promise = desk === null ? null : this.#propose(writer, entry, desk)
            if (promise === null) {
                return false
            }
            taken++
            if (taken === 1 || taken === entries.length) {
                promises[entry.cookie] = promise
            }
            return true
        })
        this.proceed(false)
        return taken === entries.length ? promises : null
    }

    #deskOf({ id, immigrated }: Proposal): Desk | null {
        const publisher = own(this.government.immigrated.promise, id)
        if (publisher === undefined || (immigrated ?? publisher) !== publisher) {
            return null
        }
        const record = this.citizenship.recordOf(publisher)
        const isLeaving = this.writer?.isExiling(this.chain, publisher) === true
        return record === null || isLeaving ? null : { id, immigrated, publisher, record }
    }

    #propose(
        writer: Writer,
        { id, cookie, body }: Proposal,
        { publisher, record }: Desk
    ): Monotonic | null {
        if (writer.waiting >= this.settings.proposals) {
            return null
        }
        const entry = Object.freeze({ id, cookie, immigrated: publisher, body })
        return writer.enqueue(entry, record.published)
    }

    #refuse(republic: Republic): { readonly leader: string | null } | null {
        if (republic !== this.republic || this.exiled || this.isCampaigning) {
            return { leader: null }
        }
        if (this.isLeading) {
            return null
        }
        const leader = this.government.majority[0] ?? null
        return { leader: leader === this.id ? null : leader }
    }

    /** Takes an event off the calendar. Anything that is not the engine's own is ignored. */
    event(envelope: Pick<CalendarEvent<unknown>, 'method' | 'now' | 'when' | 'body'>): void {
        if (envelope.method !== 'event' || this.exiled) {
            return
        }
        this.observe(envelope.now, envelope.when)
        for (const call of this.post.expire(this.now - this.settings.timeout)) {
            this.fail(call)
        }
        switch (envelope.body) {
            case 'ping':
                this.#ping()
                return
            case 'feed':
                this.feed(false, false)
                return
            case 'collapse':
                this.despair()
                this.proceed(false)
                return
            default:
                return
        }
    }

    #ping(): void {
        this.reshape = true
        const obeyedAt = Math.max(this.majorityAt(), this.revivedAt)
        if (this.writer !== null && this.now - obeyedAt >= this.settings.timeout) {
            this.collapse()
        }
        this.proceed(true)
    }

    /** Answers another engine. Whatever is not for this incarnation changes nothing. */
    request(now: number, request: Request): Response {
        this.observe(now, this.scheduler.next())
        const rejection = this.reject(request)
        if (rejection !== null) {
            return rejection
        }
        this.minimum.hear(request.minimum)
        const response = this.serve(request)
        this.proceed(false)
        return Object.freeze(response)
    }

    /**
     * Takes the answers to a communique, by id; an absent one is `null`. Answers to a communique
     * that is no longer awaited change nothing.
     */
    response(
        now: number,
        cookie: string,
        responses: Readonly<Record<string, Response | null>>
    ): void {
        this.observe(now, this.scheduler.next())
        const call = this.post.take(cookie)
        if (call === null || this.exiled) {
            return
        }
        const response = Object.hasOwn(responses, call.to) ? responses[call.to] : null
        if (response?.method === 'unreachable' && response.exiled) {
            this.retire()
            return
        }
        const peer = this.peers.find(call.immigrated)
        const isVoid = response === null || response === undefined
        if (peer === undefined) {
            this.hearExile(call, isVoid || response.method === 'unreachable' ? null : response)
            return
        }
        if (isVoid || response.method === 'unreachable') {
            this.fail(call)
        } else {
            peer.calls--
            this.hearBack(peer, call, response)
        }
        this.proceed(false)
    }
}
