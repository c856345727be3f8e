import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stage } from './stage.js'

describe('a parliament at its floor', () => {
    it('lets who held a seat come back under its id, and never shrinks to one', () => {
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
})
