import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Wire } from '../wire.js'

const HEADER = 'republic,founding,from,to,government,committed,minimum,standing'

/** The different lists of field names of all requests of a kind. */
function fieldsOf({ sent }: Wire, method: string): readonly string[] {
    const requests = sent.map(({ request }) => request).filter((each) => each.method === method)
    return [...new Set(requests.map((request) => Object.keys(request).join()))].sort()
}

test('a request has its fields in one order, with and without an age, a move and a loss', () => {
    const wire = new Wire({ parliamentSize: 3, history: 8, patience: 60_000, highestVersion: 2 })
    wire.version = 2
    wire.settle('l', 'a', 'b', 'c')
    wire.delay = () => 100
    const [, feeder = ''] = wire.leader.paxos.government.majority
    wire.of(feeder).paxos.move(wire.now, { at: 'elsewhere' })
    wire.propose(wire.leader, 1, [1])
    wire.pass(3000)
    wire.delay = ({ from, to }) => from === 'b' || to === 'b' ? null : 0
    for (let first = 2; first < 40_000; first += 1000) {
        wire.propose(wire.leader, first, Array.from({ length: 1000 }, (_, index) => index))
        wire.pass(10)
    }
    wire.delay = () => 0
    wire.pass(3000)
    const aged = 'age,echo'
    const learned = 'method,welcome,previous,entries'
    assert.deepEqual(fieldsOf(wire, 'register'), [
        `${HEADER},${aged},method,ballot,previous,entries`
    ])
    assert.deepEqual(fieldsOf(wire, 'synchronize'), [
        `${HEADER},${aged},${learned}`,
        `${HEADER},${aged},${learned},moved`,
        `${HEADER},${aged},${learned},trimmed`,
        `${HEADER},${learned}`
    ])
})
