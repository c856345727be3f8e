import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isSeatKept } from './checks/judge.js'
import { rescue } from './heal.js'
import { Stage } from './stage.js'

describe('a parliament at its floor', () => {
    it('seats a restarted voter again under its id, and never shrinks to one seat', () => {
        for (let seed = 1; seed <= 6; seed++) {
            const stage = new Stage({ seed, population: 3, parliamentSize: 3, parliamentFloor: 3 })
            const one = stage.member(stage.voters[2] ?? '')
            stage.crash(one.id)
            const heir = stage.trial.colleagues.succeed(one, true)
            stage.until('It is seated again', () => {
                assert.ok(stage.voters.length > 1)
                return stage.voters.includes(heir.id) && stage.world.isCitizen(heir)
            }, 10)
            assert.equal(stage.voters.length, 3)
            stage.trial.workload.end()
            stage.until('All is settled', () => stage.isSettled(), 12)
        }
    })

    it('keeps the seat of a crashed voter until a newcomer takes the seat', () => {
        const stage = new Stage({ population: 4, parliamentSize: 5, parliamentFloor: 5 })
        const { world, trial: { colleagues } } = stage
        const constituent = world.living.find(({ id }) => !stage.voters.includes(id))
        world.citizen(stage.leader)?.play('cede', { id: constituent?.id ?? '' })
        stage.until('Four have seats', () => stage.voters.length === 4, 5)
        stage.until('One leads', () => stage.leader === constituent?.id, 5)
        assert.ok(!isSeatKept(world, world.living), 'nobody asks')
        const one = stage.member(stage.voters[3] ?? '')
        stage.crash(one.id)
        const double = colleagues.succeed(one, true)
        stage.pass(20)
        assert.ok(!world.isCitizen(double))
        assert.equal(stage.voters.length, 4)
        assert.ok(isSeatKept(world, world.living))
        const newcomer = colleagues.join(colleagues.name(), colleagues.vacancy())
        assert.ok(!isSeatKept(world, world.living), 'somebody else comes')
        stage.until('It has the seat', () => stage.voters.includes(newcomer.id), 12)
        stage.until('The other is back', () => stage.voters.includes(double.id), 12)
        stage.trial.workload.end()
        stage.until('All is settled', () => stage.isSettled(), 12)
    })

    it('is rescued by an operator only while a crashed voter keeps its seat', () => {
        const stage = new Stage({ population: 3, parliamentSize: 5, parliamentFloor: 5 })
        const { world, trial: { colleagues } } = stage
        const core = { hosts: new Set(world.network.hosts.keys()), isWhole: true }
        rescue(world, colleagues, core)
        assert.equal(world.residents.length, 3)
        const one = stage.member(stage.voters[2] ?? '')
        stage.crash(one.id)
        colleagues.succeed(one, true)
        rescue(world, colleagues, core)
        assert.equal(world.residents.length, 5)
        rescue(world, colleagues, core)
        assert.equal(world.residents.length, 5, 'once')
        stage.until('A newcomer has the seat', () => stage.voters.includes('n0'), 12)
    })
})
