import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HIGHEST_VERSION } from '../../../src/paxos/membership/versions.js'
import { inside } from '../../simulation/inside.js'
import { type Message, Wire } from '../wire.js'

/** A republic of the first version whose members take part in the highest version. */
function firstVersion(): Wire {
    return new Wire({ parliamentSize: 3, highestVersion: HIGHEST_VERSION, patience: 100_000 })
}

/** Reports a member to the founder as silent, again and again. */
function report(wire: Wire, id: string): void {
    const immigrated = wire.members.get(id)?.paxos.immigrated ?? '0/0'
    if (immigrated !== '0/0') {
        inside(wire.of('a').paxos).silenceReports.add([immigrated], wire.now)
    }
}

/** The version to which the leader may raise the republic; `null` if it may not. */
function raisable({ leader }: Wire): number | null {
    return leader.paxos.versions.raisable
}

describe('the leader may raise the version of the republic', () => {
    test('in spite of reports of silence about a member that answers the leader', () => {
        const wire = firstVersion()
        wire.delay = () => {
            report(wire, 'b')
            return 0
        }
        wire.settle('a', 'b', 'c')
        wire.until(() => raisable(wire) === HIGHEST_VERSION)
    })

    test('not while a member that a report names as silent answers the leader never', () => {
        const wire = firstVersion()
        const isBetween = ({ from, to }: Message, one: string, other: string): boolean =>
            (from === one && to === other) || (from === other && to === one)
        let isCut = true
        wire.delay = (message) => {
            report(wire, 'd')
            const isSeated = wire.members.get('d')?.paxos.government.constituents.includes('d')
            return isCut && isSeated === true && isBetween(message, 'a', 'd') ? null : 0
        }
        wire.settle('a', 'b', 'c', 'd')
        wire.pass(30_000)
        assert.equal(raisable(wire), null)
        isCut = false
        wire.until(() => raisable(wire) === HIGHEST_VERSION)
    })
})
