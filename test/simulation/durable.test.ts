import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Dice } from '../../src/testing/dice.js'
import { draw } from './draw.js'
import { DAMAGES } from './image.js'
import { attempt } from './outcome.js'
import type { Durable } from './plan.js'
import type { Resident } from './resident.js'
import { Stage } from './stage.js'

const DURABLE: Durable = {
    patienceMs: 20_000, flushMs: 3, snapshotMs: Number.POSITIVE_INFINITY, isAjar: false
}

/** Within how many seeds an open gate is found, of those with disks. */
const SEEDS = 60

/** Three members with disks, of whom each publishes a few values at once. */
function three(durable: Durable = DURABLE): Stage {
    return new Stage({ population: 3, parliamentSize: 3, durable })
}

function publishAll(stage: Stage): void {
    for (const one of stage.world.living) {
        one.publish(`${one.id} first`)
        one.publish(`${one.id} second`)
    }
}

/** How often a flush ended, or was about to, while so much was published. */
function boundaries(): number {
    const stage = three()
    let count = 0
    stage.world.flushing = () => count++
    publishAll(stage)
    stage.until('All is settled', () => stage.isSettled(), 5)
    return count
}

/** All lose their power at one boundary; what each still has of what was not flushed is given. */
function blackOut(stage: Stage, spared: (one: Resident) => number): void {
    const { world } = stage
    for (const one of world.living) {
        world.cutPower(one, spared(one))
    }
}

/** How many publishes a member has been told of. */
function acknowledged(stage: Stage, { door }: Resident): number {
    return stage.world.realm.publishers.settledOf(door.paxos.immigrated)
}

function outlive(boundary: number, share: number): void {
    const stage = three()
    const { world } = stage
    const before = stage.world.living
    const immigrated = world.realm.chronicle.government?.immigrated
    let count = 0
    let told: readonly number[] = []
    world.flushing = () => {
        if (count++ === boundary) {
            told = before.map((one) => acknowledged(stage, one))
            blackOut(stage, ({ disk }) => Math.floor((disk?.unflushed ?? 0) * share))
        }
    }
    publishAll(stage)
    stage.until('The power is gone', () => world.living.length === 0, 5)
    stage.pass(2)
    for (const dead of before) {
        stage.trial.colleagues.comeBack(dead)
    }
    stage.publish(stage.leader, 'afterwards', 6)
    stage.until('All is settled', () => stage.isSettled(), 12)
    for (const [index, { id }] of before.entries()) {
        const values = [`${id} first`, `${id} second`].slice(0, told[index])
        assert.ok(values.every((value) => stage.isLogged(value)), `${boundary}: ${values}`)
        assert.equal(stage.member(id).cookie, before[index]?.cookie)
    }
    assert.deepEqual(world.realm.chronicle.government?.immigrated, immigrated)
}

/** Power fails after so many sends of the leader: at the leader, or at all members. */
function cutBetweenSends(durable: Durable, sends: number, isWide: boolean): void {
    const stage = three(durable)
    const { world } = stage
    const leader = stage.member(stage.leader)
    const dying = isWide ? world.living : [leader]
    leader.sendsLeft = sends
    leader.cutting = () => {
        for (const one of dying) {
            world.cutPower(one, 0)
        }
    }
    publishAll(stage)
    stage.until('The power is gone', () => !leader.isAlive, 5)
    stage.pass(2)
    for (const one of dying) {
        stage.trial.colleagues.comeBack(one)
    }
    stage.publish(stage.leader, 'afterwards', 6)
    stage.until('All is settled', () => stage.isSettled(), 12)
    assert.equal(world.living.length, 3)
}

describe('a republic whose members record their inputs', () => {
    it('survives a power failure of all members at every boundary of every flush', () => {
        const count = boundaries()
        assert.ok(count > 30, `${count} boundaries`)
        for (let boundary = 0; boundary < count; boundary++) {
            for (const share of [0, 0.5, 1]) {
                outlive(boundary, share)
            }
        }
    })

    it('survives a power failure between two sends of the leader', () => {
        for (let sends = 0; sends < 6; sends++) {
            cutBetweenSends(DURABLE, sends, false)
            cutBetweenSends(DURABLE, sends, true)
        }
    })

    it('violates S6 between two sends if the gate releases output before the flush', () => {
        const ajar = { ...DURABLE, isAjar: true }
        for (const isWide of [false, true]) {
            assert.throws(() => {
                for (let sends = 0; sends < 6; sends++) {
                    cutBetweenSends(ajar, sends, isWide)
                }
            }, /^Violation: S6: /)
        }
    })

    it('continues without a member whose flush fails, and takes the member back', () => {
        const stage = three()
        const failing = stage.member(stage.voters[1] ?? '')
        Object.assign(failing.disk ?? {}, { isFailing: true })
        stage.publish(stage.leader, 'without it', 6)
        assert.equal(failing.isAlive, false)
        stage.trial.colleagues.comeBack(failing)
        stage.until('All is settled', () => stage.isSettled(), 12)
        assert.equal(stage.world.living.length, 3)
    })

    it('violates S6 if a disk acknowledges a flush without storing the bytes', () => {
        const stage = three()
        const deceived = stage.member(stage.voters[1] ?? '')
        Object.assign(deceived.disk ?? {}, { isLying: true })
        stage.publish(stage.leader, 'promised', 6)
        stage.world.cutPower(deceived, 0)
        assert.throws(() => stage.trial.colleagues.comeBack(deceived), /^Violation: S6: /)
    })

    it('replaces a member with damaged bytes by a newcomer', () => {
        for (const damage of DAMAGES) {
            const stage = three({ ...DURABLE, patienceMs: 3000 })
            stage.publish(stage.leader, 'x'.repeat(2000), 6)
            stage.publish(stage.leader, 'afterwards', 6)
            const damaged = stage.member(stage.voters[1] ?? '')
            stage.world.cutPower(damaged, 0)
            damaged.disk?.rot(damage, new Dice(1, damage))
            stage.trial.colleagues.comeBack(damaged)
            const newcomer = stage.world.network.hosts[damaged.host]
            assert.notEqual(newcomer?.id, damaged.id, damage)
            stage.until(`${damaged.id} is exiled`, () => !stage.voters.includes(damaged.id), 20)
            stage.until('All is settled', () => stage.isSettled(), 12)
        }
    })

    it('violates a safety property if the gate releases output before the flush', () => {
        const found: string[] = []
        for (let seed = 1, tried = 0; tried < SEEDS && found.length === 0; seed++) {
            const plan = draw(seed)
            if (plan.durable !== null) {
                tried++
                const durable = { ...plan.durable, isAjar: true }
                const { failure } = attempt({ ...plan, durable })
                found.push(...(failure === null ? [] : [failure.property]))
            }
        }
        assert.match(found.join(), /^S\d+$/)
    })
})
