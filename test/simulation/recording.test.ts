import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Clock } from '../../src/base/clock.js'
import { Player } from '../../src/member/player.js'
import { Islander } from '../../src/publisher/islander.js'
import { Recording } from './checks/recording.js'
import { Violation } from './violation.js'

const OPTIONS = {
    ping: 250, timeout: 1000, parliamentSize: 3, parliamentFloor: 1, window: 8, batch: 512,
    history: 100_000
}

function finds(recording: Recording): void {
    const isFound = (error: unknown): boolean =>
        error instanceof Violation && error.property === 'S8'
    assert.throws(() => recording.check(), isFound)
}

/** A founder, recorded from its beginning on. */
function recorded() {
    const limits = { publishes: 9, publishesSize: 99, publishSize: 99 }
    const door = new Player(
        { ...OPTIONS, id: 'a', ...limits }, new Clock({ now: () => 1 }), () => {}
    )
    const recording = new Recording('a', OPTIONS, door)
    door.play('bootstrap', { republic: 'r', properties: {}, founding: 'f' })
    return { door, recording }
}

describe('the replay of a recording shows', () => {
    it('an input that the recording lacks', () => {
        const { door, recording } = recorded()
        recording.check()
        // What does not come by the door is not on the recording.
        door.islander.publish('unheard of')
        finds(recording)
    })

    it('a member that restores another cookie than the recorded cookie', () => {
        const { door, recording } = recorded()
        door.play('publish', 'x')
        door.play('published', { cookie: '1', promises: null })
        recording.check()
        const { restore } = Islander
        try {
            Islander.restore = (state) => restore({ ...state, cookie: '9' })
            finds(recording)
        } finally {
            Islander.restore = restore
        }
    })
})
