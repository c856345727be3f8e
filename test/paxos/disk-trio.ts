import assert from 'node:assert/strict'
import type { Communique } from '../../src/paxos/messages/mailbox.js'
import type { Register, Request, Response } from '../../src/paxos/messages/messages.js'
import { Paxos } from '../../src/paxos/paxos.js'
import { drain } from '../support/alone.js'

const REPUBLIC = 'r'

/** Three engines with disks that answer on request, and that exchange messages on request. */
export class DiskTrio {
    readonly members: readonly Paxos[]
    /** The delivered requests, in order. */
    readonly said: Request[] = []
    /** The members whose disks answer at once. */
    readonly answering = new Set([0, 1, 2])
    readonly #outboxes
    #cookie = 0
    now = 0

    constructor(version: number = 2, hasDisks: boolean = true) {
        this.members = ['0', '1', '2'].map((id) => new Paxos(0, null, id, { highestVersion: 2 }))
        this.#outboxes = this.members.map(({ outbox }) => outbox.shifter())
        for (const member of this.members) {
            member.revive(0, hasDisks)
        }
        this.leader.republic = REPUBLIC
        this.leader.bootstrap(0, 'at 0', 'f', version)
        for (const id of ['1', '2']) {
            this.member(Number(id)).join(REPUBLIC, 7)
            const versions = [1, 2] as const
            const newcomer = { id, cookie: 7, properties: `at ${id}`, naturalized: true, versions }
            this.leader.immigrate(0, REPUBLIC, newcomer)
            this.talk()
        }
        while (this.leader.government.minority.length === 0) {
            this.ping()
            this.talk()
        }
        this.said.length = 0
        assert.deepEqual(this.leader.government.majority, ['0', '1'])
        assert.deepEqual(this.leader.government.minority, ['2'])
    }

    get leader(): Paxos {
        return this.member(0)
    }

    member(index: number): Paxos {
        return this.members[index] ?? assert.fail()
    }

    /** Proposes a value at the first leader; returns the promise of the value. */
    propose(): string {
        const number = ++this.#cookie
        const cookie = this.leader.government.version === undefined ? `${number}` : `1/${number}`
        const promises = this.leader.enqueueAll(this.now, REPUBLIC, [{ id: '0', cookie, body: 1 }])
        assert(promises !== null && promises !== 'gap')
        return promises[cookie] ?? assert.fail()
    }

    /** The communiques of a member since the last call. */
    take(member: number): readonly Communique[] {
        return drain(this.#outboxes[member] ?? assert.fail())
    }

    /** The runs of a member since the last call, which are lost. */
    takeRuns(member: number): readonly Register[] {
        return this.take(member).flatMap(({ envelopes }) => envelopes)
            .flatMap(({ request }) => request.method === 'register' ? [request] : [])
    }

    /** Lets the disk of a member answer, if the member waits for the answer. */
    answer(index: number): void {
        const { awaited } = this.member(index).disk
        if (awaited !== null) {
            this.member(index).stable(this.now, awaited)
        }
    }

    /** Delivers all messages without delay or loss; the disks that answer do so. */
    talk(): void {
        for (let isQuiet = false; !isQuiet;) {
            isQuiet = true
            for (const [index, member] of this.members.entries()) {
                if (this.answering.has(index)) {
                    this.answer(index)
                }
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
