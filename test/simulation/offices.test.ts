import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Resident } from './resident.js'
import { type Setting, Stage } from './stage.js'

const SEEDS = Array.from({ length: 6 }, (_, index) => index + 1)

/** Lets the leader cede, and tells after how many timeouts the successor leads. */
function cede(stage: Stage, to: string, timeoutsMax: number): number {
    stage.member(stage.leader).play('cede', { id: to })
    return stage.until(`${to} leads`, () => stage.leader === to, timeoutsMax)
}

/** Lets a member leave, and tells after how many timeouts it knows that it is exiled. */
function leave(stage: Stage, leaver: Resident, timeoutsMax: number): number {
    leaver.play('leave', {})
    // Nobody begins anything in its place.
    stage.world.onStep = () => {}
    const { paxos } = leaver.door
    return stage.until(`${leaver.id} is exiled`, () => paxos.exiled, timeoutsMax)
}

function settles(stage: Stage): void {
    stage.trial.workload.end()
    stage.until('all is settled', () => stage.isSettled(), 20)
}

/** Republics that differ in chance, in the middle of their work. */
function busy(setting: Setting = {}): readonly Stage[] {
    return SEEDS.map((seed) => new Stage({ seed, publishMs: 50, ...setting }))
}

describe('a leader that cedes', () => {
    for (const place of [1, 2, 3, 4]) {
        it(`is followed by voter ${place} of five within a timeout, by one election`, () => {
            for (const stage of busy()) {
                const { elections, governments } = stage
                const to = stage.voters[place] ?? ''
                assert.ok(cede(stage, to, 2) <= 1)
                assert.ok(stage.publish(to, 'under the next', 2) <= 1)
                assert.equal(stage.elections, elections + 1)
                assert.equal(stage.governments, governments + 1)
                settles(stage)
            }
        })
    }

    it('is followed by a constituent, which is seated first, within a timeout', () => {
        for (const stage of busy({ parliamentSize: 3 })) {
            const { voters, elections } = stage
            const { naturalized } = stage.member('m0').door.paxos.government
            const to = naturalized.find((id) => !voters.includes(id)) ?? ''
            assert.ok(cede(stage, to, 2) <= 1)
            stage.pass(2)
            assert.deepEqual([stage.voters.length, stage.voters[0]], [3, to])
            assert.equal(stage.elections, elections + 1)
            settles(stage)
        }
    })

    it('is followed by each voter in turn, twice, while all members publish', () => {
        for (const stage of busy()) {
            const { elections } = stage
            const round = [...stage.voters.slice(1), stage.leader]
            for (const to of [...round, ...round]) {
                assert.ok(cede(stage, to, 2) <= 1)
                stage.pass(0.2)
            }
            assert.equal(stage.elections, elections + 10)
            settles(stage)
        }
    })

    it('leads on or is replaced if the successor crashes at any moment', () => {
        for (let step = 0; step < 24; step++) {
            const stage = new Stage({ seed: 1, publishMs: 50 })
            const leader = stage.member(stage.leader)
            const successor = stage.member(stage.voters[1] ?? '')
            leader.play('cede', { id: successor.id })
            stage.pass(step / 1000)
            stage.crash(successor.id)
            stage.publish(leader.id, 'after the crash', 4)
            assert.equal(leader.door.paxos.successor, null)
            settles(stage)
        }
    })

    it('is replaced if the leader crashes at any moment of the hand-over', () => {
        for (let step = 0; step < 24; step++) {
            const stage = new Stage({ seed: 2, publishMs: 50 })
            const leader = stage.member(stage.leader)
            const [, to = '', publisher = ''] = stage.voters
            leader.play('cede', { id: to })
            stage.pass(step / 1000)
            stage.crash(leader.id)
            stage.publish(publisher, 'after the crash', 4)
            settles(stage)
        }
    })

    it('N1: is followed within three timeouts if any single message is lost', () => {
        for (let lost = 0; lost < 40; lost++) {
            const stage = new Stage({ seed: 3 })
            let count = 0
            const mend = stage.cut(() => count++ === lost)
            cede(stage, stage.voters[2] ?? '', 3)
            mend()
            settles(stage)
        }
    })
})

describe('a member that leaves', () => {
    it('is exiled within two timeouts as leader, voter or constituent', () => {
        for (const place of [0, 1, 2, 3, 4, 5, 6]) {
            const stage = new Stage({ seed: place, population: 7, publishMs: 50 })
            const { constituents } = stage.member('m0').door.paxos.government
            const leaver = stage.member([...stage.voters, ...constituents][place] ?? '')
            assert.ok(leave(stage, leaver, 4) <= 2)
            stage.crash(leaver.id)
            stage.pass(2)
            assert.equal(stage.voters.length, 5, 'somebody has its seat')
            settles(stage)
        }
    })

    it('is exiled, leader after leader, until one member is left', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed, publishMs: 50 })
            while (stage.world.living.length > 1) {
                const leaver = stage.member(stage.leader)
                leave(stage, leaver, 12)
                stage.crash(leaver.id)
                stage.publish(stage.leader, `without ${leaver.id}`, 4)
            }
            assert.equal(stage.member(stage.leader).door.paxos.leave(0), 'alone')
            settles(stage)
        }
    })

    it('keeps its seat at the floor until a newcomer can take the seat', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed, population: 3, parliamentSize: 3, parliamentFloor: 3 })
            const leaver = stage.member(stage.voters[seed % 3] ?? '')
            leaver.play('leave', {})
            stage.pass(10)
            assert.equal(stage.voters.length, 3)
            assert.ok(!leaver.door.paxos.exiled)
            const { colleagues } = stage.trial
            const heir = colleagues.join(colleagues.name(), colleagues.vacancy())
            stage.until('It is gone', () => leaver.door.paxos.exiled, 12)
            assert.ok(stage.voters.includes(heir.id))
            assert.equal(stage.voters.length, 3)
        }
    })

    it('is exiled although the leader crashes at any moment', () => {
        for (let step = 0; step < 20; step++) {
            const stage = new Stage({ seed: 4, publishMs: 50 })
            const leaver = stage.member(stage.voters[4] ?? '')
            leaver.play('leave', {})
            stage.pass(step / 10)
            stage.crash(stage.leader)
            stage.until('It is gone', () => leaver.door.paxos.exiled, 12)
        }
    })

    it('is replaced, member after member, while all members publish', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed, publishMs: 100 })
            const { colleagues } = stage.trial
            const old = [...stage.world.living]
            for (const leaver of old) {
                const heir = colleagues.join(colleagues.name(), colleagues.vacancy())
                const { paxos } = heir.door
                stage.until('It is ready', () => paxos.government.naturalized.includes(heir.id), 12)
                leave(stage, leaver, 12)
                stage.crash(leaver.id)
            }
            assert.equal(stage.voters.length, 5)
            assert.ok(!old.some(({ id }) => stage.voters.includes(id)))
            settles(stage)
        }
    })
})
