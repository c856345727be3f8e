import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Status } from '../../src/member/status.js'
import { ColleagueGroup } from '../colleague/colleague-group.js'
import { Island } from '../support/island.js'

/** The default of the option `timeout`, in milliseconds. */
const TIMEOUT_MS = 1000

function contact({ role, leader, isLed }: Status): unknown {
    return { role, leader, isLed }
}

describe('the contact with a leader', () => {
    test('holds at each member of an idle republic', () => {
        using island = new Island({ parliamentSize: 3 })
        island.settle('a', 'b', 'c', 'd', 'e')
        for (let passed = 0; passed < 60_000; passed += 250) {
            island.pass(250)
            for (const { kibitzer } of island.residents) {
                const { leader, isLed, leaderSeenMs } = kibitzer.status()
                assert.deepEqual([leader, isLed], ['a', true])
                assert.ok(leaderSeenMs !== null && leaderSeenMs < TIMEOUT_MS, `${leaderSeenMs}`)
            }
        }
    })

    for (const size of [1, 3]) {
        test(`ends at each member within three timeouts, of ${size} seats`, () => {
            using island = new Island({ parliamentSize: size, patience: 20_000 })
            island.settle('a', 'b', 'c', 'd', 'e')
            const { majority, minority, constituents } = island.kibitzer('a').paxos.government
            assert.equal(majority.length + minority.length, size)
            assert.equal(constituents.length, 5 - size)
            island.fate = () => 'lost'
            island.pass(3 * TIMEOUT_MS)
            for (const { id, kibitzer } of island.residents) {
                const isVoter = [...majority, ...minority].includes(id)
                const isAlone = size === 1 && isVoter
                const lost = { role: isVoter ? 'candidate' : 'citizen', leader: null, isLed: false }
                const kept = { role: 'leader', leader: 'a', isLed: true }
                assert.deepEqual(contact(kibitzer.status()), isAlone ? kept : lost, id)
                const { leaderSeenMs } = kibitzer.status()
                if (id === 'a') {
                    assert.equal(leaderSeenMs, isAlone ? 0 : null)
                } else {
                    assert.ok(leaderSeenMs !== null && leaderSeenMs >= 2 * TIMEOUT_MS, id)
                }
            }
            island.fate = () => null
            island.until(() => island.residents.every(({ kibitzer }) => kibitzer.status().isLed))
        })
    }

    test('ends at one isolated constituent, and returns with the link', () => {
        using island = new Island({ parliamentSize: 3, patience: 20_000 })
        const kibitzer = island.settle('a', 'b', 'c', 'd')[3]
        assert(kibitzer !== undefined)
        island.fate = ({ from, to }) => (from === 'd' || to === 'd' ? 'lost' : null)
        island.pass(3 * TIMEOUT_MS)
        const lost = { role: 'citizen', leader: null, isLed: false }
        assert.deepEqual(contact(kibitzer.status()), lost)
        assert.equal(island.kibitzer('b').status().leader, 'a')
        island.fate = () => null
        island.until(() => kibitzer.status().isLed)
        assert.equal(kibitzer.status().leader, 'a')
    })

    test('does not exist at a stranger or an exile', () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        void island.kibitzer('c').leave()
        island.until(() => island.kibitzer('c').status().role === 'exile')
        const { leader, isLed, leaderSeenMs } = island.kibitzer('c').status()
        assert.deepEqual([leader, isLed, leaderSeenMs], [null, false, null])
        assert.equal(island.land('z').status().isLed, false)
    })
})

describe('the health of a Colleague', () => {
    test('reports a missing leader at voters and at constituents', async () => {
        await using group = new ColleagueGroup({ parliamentSize: 3 })
        const citizens = await group.startRepublic('a', 'b', 'c', 'd')
        await group.advance(2000)
        const told = async (id: string): Promise<unknown> => {
            const { colleague } = citizens.find((citizen) => citizen.id === id) ?? {}
            const health = await colleague?.health()
            assert(health !== undefined)
            const { leader, isLed, isCurrent, tolerance: { tolerates, text } } = health
            return { leader, isLed, isCurrent, tolerates, text }
        }
        const isWell = { leader: 'a', isLed: true, isCurrent: true }
        const text = '3 configured, 3 voting, tolerates 1'
        assert.deepEqual(await told('d'), { ...isWell, tolerates: 1, text })
        group.crash('a')
        group.crash('b')
        await group.advance(3 * TIMEOUT_MS)
        for (const id of ['c', 'd']) {
            assert.deepEqual(await told(id), {
                leader: null, isLed: false, isCurrent: false,
                tolerates: 0, text: '3 configured, no leader known, tolerates 0'
            })
        }
    })
})
