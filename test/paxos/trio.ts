import assert from 'node:assert/strict'
import type { Communique } from '../../src/paxos/messages/mailbox.js'
import type { Request, Response, VersionRange } from '../../src/paxos/messages/messages.js'
import type { PaxosOptions } from '../../src/paxos/options.js'
import { Paxos } from '../../src/paxos/paxos.js'
import { drain } from '../support/alone.js'

/** The republic of a trio. */
export const REPUBLIC = 'r'

/** Three engines that exchange messages on request, and the requests so far. */
export class Trio {
    readonly members: readonly Paxos[]
    /** The delivered requests, in order. */
    readonly said: Request[] = []
    readonly #outboxes
    now = 0

    constructor(options: PaxosOptions = {}) {
        this.members = ['0', '1', '2'].map((id) => new Paxos(0, null, id, options))
        this.#outboxes = this.members.map(({ outbox }) => outbox.shifter())
    }

    /** Forms the republic: the first member founds it and leads, the others join. */
    found(version?: number, versions?: VersionRange): void {
        this.leader.republic = REPUBLIC
        this.leader.bootstrap(0, 'at 0', 'f', version)
        for (const id of ['1', '2']) {
            this.member(Number(id)).join(REPUBLIC, 7)
            const newcomer = { id, cookie: 7, properties: `at ${id}`, naturalized: true }
            this.leader.immigrate(0, REPUBLIC, { ...newcomer, ...(versions && { versions }) })
            this.talk()
        }
    }

    get leader(): Paxos {
        return this.member(0)
    }

    member(index: number): Paxos {
        return this.members[index] ?? assert.fail()
    }

    /** The communiques of a member since the last call. */
    take(member: number): readonly Communique[] {
        return drain(this.#outboxes[member] ?? assert.fail())
    }

    /** Called before the messages of a member are delivered. */
    onTurn(_member: number): void {}

    /** Delivers all messages, without delay or loss. */
    talk(): void {
        for (let isQuiet = false; !isQuiet;) {
            isQuiet = true
            for (const [index, member] of this.members.entries()) {
                this.onTurn(index)
                for (const { cookie, envelopes } of this.take(index)) {
                    isQuiet = false
                    const responses: Record<string, Response> = {}
                    for (const { to, request } of envelopes) {
                        this.said.push(request)
                        responses[to] = this.member(Number(to)).request(this.now, request)
                    }
                    member.response(this.now, cookie, responses)
                }
            }
        }
    }

    /** The leader's next ping, when it is due. */
    ping(): void {
        const when = this.leader.scheduler.when('ping') ?? assert.fail()
        this.now = Math.max(this.now, when)
        this.leader.scheduler.unschedule('ping')
        this.leader.event({ method: 'event', now: this.now, when, body: 'ping' })
    }
}
