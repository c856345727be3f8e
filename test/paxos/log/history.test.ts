import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Wire } from '../wire.js'

describe('a history shorter than the entries under way', () => {
    const range = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)

    function froze(history: number, values: readonly unknown[]): Wire {
        const wire = new Wire({ history, parliamentFloor: 5, patience: 1e9 })
        const [a, b, c] = wire.settle('a', 'b', 'c', 'd', 'e')
        assert(a !== undefined && b !== undefined && c !== undefined)
        assert.equal(a.paxos.government.majority.length, 3)
        // Three of five are alive, and all three are needed.
        const alive = a.paxos.government.majority
        let isOver = false
        wire.delay = ({ from, to, answer }) => {
            const isAlive = alive.includes(from) && alive.includes(to)
            const isLost = isOver && answer === undefined && (from === 'a' || to === 'a')
            return isAlive && !isLost ? 0 : null
        }
        const before = a.paxos.committed
        assert(wire.propose(a, 1, values))
        // The run arrives at the other voters; the commit mark does not.
        isOver = true
        wire.deliverAll()
        assert.notEqual(a.paxos.committed, before)
        assert.equal(b.paxos.committed, before)
        wire.pass(10_000)
        assert.equal([...wire.members.values()].some(({ paxos }) => paxos.isLeading), false)
        isOver = false
        return wire
    }

    for (const history of [1, 24]) {
        test(`keeps the commit mark of every voter in the log: ${history}`, () => {
            const wire = froze(history, range(400))
            wire.until(() => [...wire.members.values()].some(({ paxos }) => paxos.isLeading))
            const { leader } = wire
            assert(wire.propose(leader, 1000, ['more']))
            wire.until(() => leader.log.at(-1)?.body !== undefined &&
                'cookie' in (leader.log.at(-1)?.body ?? {}))
        })
    }

    test('keeps entries that are larger than a run until the voters can elect a leader', () => {
        const large = 'x'.repeat(200_000)
        const wire = froze(1, [large, large, large].map((text, n) => `${n}${text}`))
        wire.until(() => [...wire.members.values()].some(({ paxos }) => paxos.isLeading))
    })
})
