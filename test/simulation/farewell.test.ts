import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkClosed, exhaust } from './checks/farewell.js'
import { draw } from './draw.js'
import { Stage } from './stage.js'
import { VirtualTimeline } from '../../src/testing/virtual-timeline.js'
import { Trial } from './trial.js'
import { Violation } from './violation.js'

function leaves(something: () => void): void {
    assert.throws(something, (error) => error instanceof Violation && error.property === 'L4')
}

/** Five of whom one is about to publish what will never appear. */
function waiting(): { stage: Stage, publication: Promise<unknown> } {
    const stage = new Stage({ publishMs: 100 })
    const one = stage.member(stage.voters[3] ?? '')
    stage.cut((from, to) => from === one.id || to === one.id)
    const first = one.door.islander.tickets + 1
    const ticket = { first, count: 1, weight: 1, isList: false, signal: undefined }
    const publication = one.door.publications.wait(ticket)
    one.publish('never seen')
    return { stage, publication }
}

describe('a republic whose members all close', () => {
    it('L4: leaves nothing behind, and rejects the pending publishes', async () => {
        const { stage, publication } = waiting()
        stage.world.close()
        await assert.rejects(publication, { code: 'destroyed' })
    })

    it('L4: leaves nothing behind at the end of any trial', () => {
        for (let seed = 2_000_001; seed <= 2_000_030; seed++) {
            const trial = new Trial(draw(seed))
            trial.run()
            trial.world.close()
        }
    })

    it('P8: ignores the timers and calls that arrive after the close', () => {
        const { stage } = waiting()
        const { living, timeline } = stage.world
        const asked: unknown[] = []
        for (const one of living) {
            one.lateMs = 900
        }
        stage.pass(1)
        for (const one of living) {
            one.close()
            one.serve('enqueue', { republic: 'utopia', entries: [] }, (answer) => {
                asked.push(answer)
            })
        }
        const { events } = timeline
        stage.pass(3)
        assert.ok(timeline.events - events > 5, 'timers fired')
        assert.deepEqual(asked, living.map(() => null))
        living.forEach(checkClosed)
    })
})

describe('the checker of closed members finds', () => {
    it('an open member, and a closed member with an appointment', () => {
        const stage = new Stage({ population: 1 })
        const [one] = stage.world.living
        assert.ok(one !== undefined)
        leaves(() => checkClosed(one))
        one.close()
        checkClosed(one)
        one.door.paxos.scheduler.schedule(0, 'ping', 'ping')
        leaves(() => checkClosed(one))
    })

    it('a pending publish, before and after the close', () => {
        const { stage, publication } = waiting()
        const one = stage.member(stage.voters[3] ?? '')
        publication.catch(() => {})
        one.door.paxos.scheduler.clear()
        leaves(() => checkClosed(one))
        one.close()
        checkClosed(one)
        one.door.publications.wait({
            first: 1, count: 1, weight: 1, isList: false, signal: undefined
        })
        leaves(() => checkClosed(one))
    })

    it('a closed member that still sends calls', () => {
        const stage = new Stage()
        const [one] = stage.world.living
        assert.ok(one !== undefined)
        one.isClosed = true
        leaves(() => stage.pass(1))
    })

    it('a timer that rearms itself for ever', () => {
        const timeline = new VirtualTimeline()
        const goOn = (): void => {
            timeline.after(1, goOn)
        }
        goOn()
        leaves(() => exhaust(timeline))
    })
})
