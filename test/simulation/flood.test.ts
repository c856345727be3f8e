import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stage } from './stage.js'

/** The values of one publisher, as the log has them. */
function loggedBy(stage: Stage, id: string): unknown[] {
    return stage.world.realm.chronicle.entries.flatMap(({ body }) =>
        'cookie' in body && body.id === id && body.body !== null ? [body.body] : [])
}

describe('a republic with a hundred thousand publishes that wait for a leader', () => {
    it('logs each publish once, in the order of each publisher, after the partition', () => {
        const stage = new Stage()
        const { voters, elections } = stage
        const mend = stage.cut(() => true)
        stage.until('Nobody leads', () =>
            stage.world.living.every(({ door }) => !door.paxos.isLeading), 5)
        for (let index = 0; index < 20_000; index++) {
            for (const id of voters) {
                stage.member(id).publish(`waited ${id} ${index}`)
            }
        }
        stage.pass(3)
        mend()
        stage.until('All is settled', () => stage.isSettled(), 20)
        assert.ok(stage.elections > elections)
        for (const id of voters) {
            const expected = Array.from({ length: 20_000 }, (_, index) => `waited ${id} ${index}`)
            assert.deepEqual(loggedBy(stage, id), expected)
        }
    })

    it('logs the publishes of one member after the leader crashes', () => {
        const stage = new Stage()
        const [leader = '', , , , publisher = ''] = stage.voters
        stage.crash(leader)
        const one = stage.member(publisher)
        for (let index = 0; index < 100_000; index++) {
            one.publish(index)
        }
        stage.until('All is settled', () => stage.isSettled(), 20)
        const values = loggedBy(stage, publisher)
        assert.equal(values.length, 100_000)
        assert.ok(values.every((value, index) => value === index))
    })
})
