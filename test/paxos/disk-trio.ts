import assert from 'node:assert/strict'
import type { Register } from '../../src/paxos/messages/messages.js'
import { REPUBLIC, Trio } from './trio.js'

/** Three engines with disks that answer on request, and that exchange messages on request. */
export class DiskTrio extends Trio {
    /** The members whose disks answer at once. */
    readonly answering = new Set([0, 1, 2])
    #cookie = 0

    constructor(version: number = 2, hasDisks: boolean = true) {
        super({ highestVersion: 2 })
        for (const member of this.members) {
            member.revive(0, hasDisks)
        }
        this.found(version, [1, 2])
        while (this.leader.government.minority.length === 0) {
            this.ping()
            this.talk()
        }
        this.said.length = 0
        assert.deepEqual(this.leader.government.majority, ['0', '1'])
        assert.deepEqual(this.leader.government.minority, ['2'])
    }

    /** Proposes a value at the first leader; returns the promise of the value. */
    propose(): string {
        const number = ++this.#cookie
        const cookie = this.leader.government.version === undefined ? `${number}` : `1/${number}`
        const promises = this.leader.enqueueAll(this.now, REPUBLIC, [{ id: '0', cookie, body: 1 }])
        assert(promises !== null && promises !== 'gap')
        return promises[cookie] ?? assert.fail()
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

    override onTurn(member: number): void {
        if (this.answering.has(member)) {
            this.answer(member)
        }
    }
}
