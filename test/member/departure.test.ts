import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KibitzErrorCode } from '../../src/index.js'
import { at, Island } from '../support/island.js'
import { differences, replay } from '../support/recording.js'

/** Advances time until a promise settles, and returns the promise. */
async function outcomeOf<T>(island: Island, promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settle = (): void => {
        isSettled = true
    }
    promise.then(settle, settle)
    for (let passed = 0; !isSettled; passed++) {
        assert.ok(passed < 60_000, 'it is never settled')
        island.pass(1)
        await Promise.resolve()
    }
    return promise
}

async function rejects(
    island: Island, promise: Promise<unknown>, code: KibitzErrorCode, says: RegExp
): Promise<void> {
    await assert.rejects(outcomeOf(island, promise), { name: 'KibitzError', code, message: says })
}

/** Every member's values, each list once. */
function valuesOf(island: Island): readonly string[] {
    const lists = island.residents.map(({ recording }) => JSON.stringify(recording.values))
    return [...new Set(lists)]
}

function checkRecordings(island: Island): void {
    for (const { id, recording } of island.all) {
        const options = { id, parliamentSize: 3 }
        assert.deepEqual(differences(recording.output, replay(options, recording.played)), [])
    }
}

describe('a member that leaves', () => {
    for (const leaver of ['a', 'b', 'c', 'd']) {
        test(`as ${leaver} of four is exiled, and its entries stay`, async () => {
            using island = new Island({ parliamentSize: 3 })
            island.settle('a', 'b', 'c', 'd')
            const kibitzer = island.kibitzer(leaver)
            await outcomeOf(island, kibitzer.publish('before'))
            const left = kibitzer.leave()
            assert.deepEqual(kibitzer.status().leaving, [leaver])
            await outcomeOf(island, left)
            assert.equal(kibitzer.status().role, 'exile')
            await assert.rejects(kibitzer.publish('after'), { code: 'exiled' })
            assert.equal(await kibitzer.leave(), undefined)
            island.crash(leaver)
            island.level()
            assert.deepEqual(valuesOf(island), ['["before"]'])
            const { government, leaving } = island.residents[0]?.kibitzer.status() ?? {}
            const { majority, minority, constituents } = government ?? {}
            assert.equal([majority, minority, constituents].flat().length, 3)
            assert.equal(majority?.length, 2, 'another has its seat')
            assert.deepEqual(leaving, [])
            checkRecordings(island)
        })
    }

    test('sees its own exile in its log', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c', 'd')
        await outcomeOf(island, island.kibitzer('c').leave())
        const last = island.resident('c').recording.log.at(-1)
        assert.equal(last?.method === 'government' ? last.body.exile?.id : last, 'c')
    })

    test('repeats its request under the next leader', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c', 'd')
        const left = island.kibitzer('d').leave()
        island.crash('a')
        await outcomeOf(island, left)
        island.level()
        assert.notEqual(island.residents[0]?.kibitzer.status().leader, 'a')
    })

    test('has left if the log exiled the member during a partition', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const away = island.kibitzer('c')
        island.fate = ({ from, to }) => (from === 'c' || to === 'c' ? 'lost' : null)
        const left = away.leave()
        island.until(() => !('c' in island.kibitzer('a').paxos.government.properties))
        assert.notEqual(away.status().role, 'exile')
        island.fate = () => null
        await outcomeOf(island, left)
        assert.equal(away.status().role, 'exile')
    })

    test('leaves right after its admission if it called leave before', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const late = island.land('late')
        late.join('republic', at('b'), at('late'))
        await outcomeOf(island, late.leave())
        const log = island.resident('a').recording.log
        const changes = log.flatMap((entry) => entry.method === 'government' ? [entry.body] : [])
        assert.equal(changes.at(-2)?.immigrate?.id, 'late')
        assert.equal(changes.at(-1)?.exile?.id, 'late')
    })

    test('resolves at once if the member never joined', async () => {
        using island = new Island()
        const stranger = island.land('a')
        await stranger.leave()
        assert.deepEqual(island.resident('a').recording.played, [])
    })

    test('rejects leave as alone if it is the only citizen', async () => {
        using island = new Island()
        const kibitzer = island.found('a')
        await rejects(island, kibitzer.leave(), 'alone', /goes on.*another member join/)
        assert.deepEqual(kibitzer.status().leaving, [])
        await outcomeOf(island, kibitzer.publish('still here'))
    })

    test('rejects leave if all other citizens left before', async () => {
        using island = new Island()
        island.settle('a', 'b')
        const [first, second] = [island.kibitzer('a').leave(), island.kibitzer('b').leave()]
        const told = await outcomeOf(island, Promise.allSettled([first, second]))
        assert.deepEqual(told.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
        island.admit('c', told[0]?.status === 'rejected' ? 'a' : 'b')
        island.pass(5000)
        assert.equal(island.kibitzer('c').status().government.constituents.length, 1)
    })

    test('rejects leave on an abort, and leaves all the same', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const kibitzer = island.kibitzer('c')
        const early = kibitzer.leave({ signal: AbortSignal.abort('now') })
        await rejects(island, early, 'aborted', /The wait to leave was aborted/)
        assert.deepEqual(kibitzer.status().leaving, [])
        const abort = new AbortController()
        const left = kibitzer.leave({ signal: abort.signal })
        abort.abort()
        await rejects(island, left, 'aborted', /The wait to leave was aborted/)
        island.until(() => kibitzer.status().role === 'exile')
    })

    test('rejects leave and cede once the Kibitzer is destroyed', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const left = island.kibitzer('c').leave()
        island.kibitzer('c').destroy()
        await rejects(island, left, 'destroyed', /was destroyed before the call was settled/)
        await rejects(island, island.kibitzer('c').leave(), 'destroyed', /is destroyed/)
        await rejects(island, island.kibitzer('c').cede('a'), 'destroyed', /is destroyed/)
    })
})

describe('a leader that cedes', () => {
    for (const successor of ['b', 'c', 'd']) {
        test(`to ${successor} of four loses no entry and duplicates no entry`, async () => {
            using island = new Island({ parliamentSize: 3 })
            island.settle('a', 'b', 'c', 'd')
            const values: string[] = []
            const publishAtAll = (round: number): void => {
                for (const { id, kibitzer } of island.residents) {
                    kibitzer.publish(`${id}${round}`)
                    values.push(`${id}${round}`)
                }
                island.pass(3)
            }
            publishAtAll(0)
            const ceded = island.kibitzer('a').cede(successor)
            assert.equal(island.kibitzer('a').status().ceding, successor)
            for (let round = 1; round < 10; round++) {
                publishAtAll(round)
            }
            const { promise } = await outcomeOf(island, ceded)
            island.level()
            const led = island.resident(successor).recording.log.find((entry) => {
                return entry.promise === promise
            })
            assert.equal(led?.method === 'government' && led.government.majority[0], successor)
            const { ceding, leader } = island.kibitzer('a').status()
            assert.deepEqual([ceding, leader], [null, successor])
            const [list, ...others] = valuesOf(island)
            assert.deepEqual(others, [])
            assert.deepEqual((JSON.parse(list ?? '') as string[]).sort(), values.sort())
            checkRecordings(island)
        })
    }

    test('to itself keeps its government', async () => {
        using island = new Island()
        const [leader] = island.settle('a', 'b', 'c')
        assert.equal((await leader?.cede('a'))?.promise, leader?.status().government.promise)
    })

    test('refuses an ineligible successor, and a member that does not lead refuses', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        island.admit('late', 'a', false)
        const leader = island.kibitzer('a')
        await rejects(island, leader.cede('late'), 'ineligible', /late is no naturalized citizen/)
        await rejects(island, leader.cede('nobody'), 'ineligible', /nobody is no naturalized/)
        await rejects(island, island.kibitzer('b').cede('c'), 'not-leader', /at the leader/)
        await rejects(island, island.land('x').cede('a'), 'not-leader', /does not lead/)
        assert.throws(() => leader.cede('no name'), { code: 'invalid-argument' })
        assert.throws(() => leader.cede(7 as never), { code: 'invalid-argument' })
    })

    test('refuses a second successor, and shares the result of equal calls', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const leader = island.kibitzer('a')
        const [first, second] = [leader.cede('b'), leader.cede('b')]
        await rejects(island, leader.cede('c'), 'not-ceded', /handing over to another/)
        assert.deepEqual(await outcomeOf(island, first), await second)
    })

    test('to a silent successor continues to lead and to commit entries', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const leader = island.kibitzer('a')
        island.fate = ({ from, to }) => (from === 'c' || to === 'c' ? 'lost' : null)
        island.pass(300)
        const ceded = leader.cede('c')
        await outcomeOf(island, leader.publish('meanwhile'))
        assert.equal(leader.status().ceding, 'c')
        await rejects(island, ceded, 'not-ceded', /c has not taken over in time/)
        assert.deepEqual([leader.status().role, leader.status().ceding], ['leader', null])
    })

    test('rejects cede on an abort, and the successor leads all the same', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const leader = island.kibitzer('a')
        const early = leader.cede('b', { signal: AbortSignal.abort() })
        await rejects(island, early, 'aborted', /The wait for a successor/)
        assert.equal(leader.status().ceding, null)
        const abort = new AbortController()
        const ceded = leader.cede('b', { signal: abort.signal })
        abort.abort()
        await rejects(island, ceded, 'aborted', /The wait for a successor/)
        island.until(() => island.kibitzer('b').status().role === 'leader')
    })

    test('rejects cede as not-ceded if the log exiles the leader meanwhile', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const leader = island.kibitzer('a')
        island.fate = ({ from, to }) => (from === 'a' || to === 'a' ? 'lost' : null)
        const ceded = leader.cede('b')
        island.until(() => !('a' in island.kibitzer('b').paxos.government.properties))
        island.fate = () => null
        await rejects(island, ceded, 'not-ceded', /not taken over/)
    })
})

describe('a republic with an older member', () => {
    test('survives a member that does not know the call cede', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        // An older member ignores unknown fields, and answers an unknown call with null.
        island.fate = ({ to, call }) => {
            if (to === 'b' && call.method === 'receive' && call.body.method === 'cede') {
                return { answer: null }
            }
            return null
        }
        const leader = island.kibitzer('a')
        await rejects(island, leader.cede('b'), 'not-ceded', /b has not taken over/)
        assert.equal(leader.status().role, 'leader')
        await outcomeOf(island, island.kibitzer('b').publish('on'))
        await outcomeOf(island, leader.cede('c'))
        assert.equal(leader.status().leader, 'c')
    })
})
