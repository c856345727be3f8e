import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Kibitzer, type KibitzerOptions } from '../../src/index.js'
import { Island } from '../support/island.js'
import '../support/silence.js'

const DAY_MS = 86_400_000
const TIMEOUT_MS = 1000

/** The options of members that keep a seat for a day. */
const PATIENT: Partial<KibitzerOptions> =
    { patience: DAY_MS, timeout: TIMEOUT_MS, parliamentSize: 3, parliamentFloor: 3 }

function seats({ paxos: { government: { majority, minority } } }: Kibitzer): readonly string[] {
    return [...majority, ...minority].sort()
}

/** Three seated members; `a` leads. */
function settled(options: Partial<KibitzerOptions> = {}): Island {
    const island = new Island({ ...PATIENT, ...options })
    island.settle('a', 'b', 'c')
    island.until(() => seats(island.kibitzer('a')).length === 3)
    island.level()
    return island
}

/** The outcome of a promise, in words, after the island has gone on. */
async function outcome(
    island: Island, promise: Promise<unknown>, withinMs: number
): Promise<string> {
    let said = 'waits'
    promise.then(() => {
        said = 'done'
    }, ({ code, message }) => {
        said = `${code}: ${message}`
    })
    for (let passed = 0; passed < withinMs && said === 'waits'; passed += 10) {
        island.pass(10)
        await null
        await null
    }
    return said
}

describe('exile', () => {
    test('removes a lost voter at once, and a newcomer takes the seat', async () => {
        using island = settled()
        const leader = island.kibitzer('a')
        island.crash('c')
        island.pass(10 * TIMEOUT_MS)
        assert.deepEqual(seats(leader), ['a', 'b', 'c'], 'absence alone costs no seat')
        const exiling = leader.exile('c')
        assert.equal(await outcome(island, exiling, 2 * TIMEOUT_MS), 'done')
        const { government } = leader.paxos
        assert.deepEqual(await exiling, { promise: government.promise })
        assert.ok(!Object.hasOwn(government.properties, 'c'))
        leader.publish('on')
        island.level()
        island.admit('d', 'b')
        island.until(() => seats(leader).length === 3)
        assert.deepEqual(seats(leader), ['a', 'b', 'd'])
        assert.ok(!Object.hasOwn(leader.paxos.government.properties, 'c'), 'no newcomer is c')
    })

    test('is recorded: a replay leads to the same government', async () => {
        using island = settled()
        island.crash('c')
        assert.equal(await outcome(island, island.kibitzer('a').exile('c'), 2 * TIMEOUT_MS), 'done')
        const replayed = new Kibitzer({ id: 'a' })
        for (const played of island.resident('a').recording.played) {
            replayed.replay(played)
        }
        assert.deepEqual(replayed.paxos.government, island.kibitzer('a').paxos.government)
        replayed.destroy()
    })

    test('removes a constituent', async () => {
        using island = settled()
        island.admit('d', 'a')
        island.crash('d')
        assert.equal(await outcome(island, island.kibitzer('a').exile('d'), 4 * TIMEOUT_MS), 'done')
    })

    test('removes no member that answers, and keeps no memory of the request', async () => {
        using island = settled()
        const leader = island.kibitzer('a')
        assert.equal(await outcome(island, leader.exile('b'), 2 * TIMEOUT_MS),
            'ineligible: b answers this leader. End its process first, or call leave() there. ' +
                'Nothing was changed.')
        island.crash('b')
        island.pass(10 * TIMEOUT_MS)
        assert.deepEqual(seats(leader), ['a', 'b', 'c'])
    })

    test('needs a majority of the voters', async () => {
        using island = settled()
        const leader = island.kibitzer('a')
        for (const id of ['b', 'c']) {
            island.crash(id)
        }
        const said = await outcome(island, leader.exile('c'), 10 * TIMEOUT_MS)
        assert.match(said, /^not-leader: This member does not lead any more, and c may still be ex/)
        assert.deepEqual(seats(leader), ['a', 'b', 'c'])
    })
})

describe('exile is refused', () => {
    test('at its limit, before the silence of the citizen is long enough', async () => {
        using island = settled()
        island.crash('c')
        const exiling = island.kibitzer('a').exile('c', { timeout: 100 })
        const said = await outcome(island, exiling, TIMEOUT_MS)
        assert.match(said, /^timed-out: The exile has waited for 0\.1 s, its limit: /)
        assert.match(said, /The citizen may still be exiled; look at status\(\)\.government\.$/)
        island.until(() => seats(island.kibitzer('a')).length === 2)
    })

    test('at a member that does not lead, and for other ids than those of citizens', async () => {
        using island = settled()
        const [leader, citizen] = [island.kibitzer('a'), island.kibitzer('b')]
        await assert.rejects(citizen.exile('c'), {
            code: 'not-leader', message: /exiles no member\. Nothing was done\. Call exile at the l/
        })
        await assert.rejects(leader.exile('x'), {
            code: 'ineligible', message: 'x is no citizen. Nothing was changed.'
        })
        await assert.rejects(leader.exile('a'), { code: 'ineligible', message: /call leave\(\)/ })
        assert.throws(() => leader.exile(7 as never), { code: 'invalid-argument' })
        await assert.rejects(new Kibitzer({ id: 'z' }).exile('a'), { code: 'not-leader' })
    })

    test('in a republic of version 1', async () => {
        using island = settled({ highestVersion: 1 })
        await assert.rejects(island.kibitzer('a').exile('c'), {
            code: 'unsupported', message: /version 1, in which .* start a newcomer under the id/
        })
    })

    test('when the leader loses its office, or ends', async () => {
        using island = settled()
        const leader = island.kibitzer('a')
        island.crash('c')
        island.fate = ({ from, to }) => (from === 'a' || to === 'a' ? 'lost' : null)
        const aborting = new AbortController()
        const exiles = [leader.exile('c'), leader.exile('c', { signal: aborting.signal })]
        aborting.abort()
        await assert.rejects(exiles[1] as Promise<unknown>, { code: 'aborted' })
        leader.destroy()
        await assert.rejects(exiles[0] as Promise<unknown>, {
            code: 'destroyed', message: /The exile may happen all the same/
        })
        await assert.rejects(leader.exile('c'), { code: 'destroyed' })
    })
})
