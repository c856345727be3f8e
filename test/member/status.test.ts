import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { endTurn } from '../../src/base/event-loop-yield.js'
import { Kibitzer } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { at, type Fate, Island } from '../support/island.js'
import '../support/silence.js'

describe('Kibitzer.status', () => {
    test('describes a stranger', () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        kibitzer.publish('x')
        const { government, waits, ...status } = kibitzer.status()
        assert.equal(government.promise, '0/0')
        assert.deepEqual(waits.map(({ kind, count }) => [kind, count]), [['publish', 1]])
        assert.deepEqual(status, {
            id: 'a',
            republic: null,
            role: 'stranger',
            versions: { own: [1, 2], republic: null, journal: null },
            leader: null,
            isLed: false,
            leaderSeenMs: null,
            leaving: [],
            isMoving: false,
            ceding: null,
            leftBehind: [], lag: {},
            committed: '0/0',
            health: { waiting: 0, pending: 1 },
            pending: 1,
            pendingSize: 3,
            backlog: 0,
            backlogSize: 0,
            proposals: 0,
            rejected: {}, refused: {}, refusedRuns: {},
            superseded: null, certificates: [], certificateExpiry: null, open: null, relay: null,
            destroyed: false,
            journal: null,
            foldedSize: 0, failure: null
        })
        kibitzer.destroy()
    })

    test('describes a leader and citizens', () => {
        using island = new Island()
        const [leader, citizen] = island.settle('a', 'b', 'c')
        assert.equal(leader?.status().role, 'leader')
        assert.equal(citizen?.status().role, 'citizen')
        for (const { kibitzer } of island.residents) {
            const { republic, leader: leading, committed, government } = kibitzer.status()
            assert.deepEqual([republic, leading], ['republic', 'a'])
            assert.equal(committed, leader?.status().committed)
            assert.deepEqual(government.properties, { a: at('a'), b: at('b'), c: at('c') })
        }
    })

    test('shows the lag of each voter at the leader', () => {
        using island = new Island()
        const [leader, citizen] = island.settle('a', 'b', 'c')
        island.pass(1000)
        assert.deepEqual(leader?.status().lag, { b: 0, c: 0 })
        assert.deepEqual(citizen?.status().lag, {})
        island.fate = ({ from, to }) => (from === 'c' || to === 'c' ? 'lost' : null)
        for (let count = 0; count < 5; count++) {
            leader?.publish(count)
            island.pass(100)
        }
        assert.deepEqual(leader?.status().lag, { b: 0, c: 5 })
    })

    test('describes a candidate while no member reaches a majority', () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        island.fate = () => 'lost'
        island.pass(5000)
        const roles = island.residents.map(({ kibitzer }) => kibitzer.status().role)
        assert.deepEqual(roles, ['candidate', 'candidate', 'candidate'])
        island.fate = () => null
        island.pass(10_000)
        const healed = island.residents.map(({ kibitzer }) => kibitzer.status().role).sort()
        assert.deepEqual(healed, ['citizen', 'citizen', 'leader'])
    })

    test('describes an exile', () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        island.fate = ({ from, to }) => (from === 'c' || to === 'c' ? 'lost' : null)
        island.until(() => !('c' in island.kibitzer('a').paxos.government.properties))
        assert.notEqual(island.kibitzer('c').status().role, 'exile')
        island.fate = () => null
        island.until(() => island.kibitzer('c').status().role === 'exile')
    })

    test('counts waiting and pending entries', () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        island.fate = () => 'lost'
        const [leader, citizen] = [island.kibitzer('a'), island.kibitzer('b')]
        for (const value of [1, 2, 3]) {
            leader.publish(value)
            citizen.publish(value)
        }
        assert.deepEqual(citizen.status().health, { waiting: 0, pending: 3 })
        endTurn()
        assert.deepEqual(citizen.status().health, { waiting: 3, pending: 0 })
        assert.deepEqual([citizen.status().pending, citizen.status().proposals], [3, 0])
        assert.equal(leader.status().pending, 3)
        island.fate = () => null
        island.level()
        assert.deepEqual(citizen.status().health, { waiting: 0, pending: 0 })
    })
})

describe('Kibitzer.governed', () => {
    test('reports each government after its entry is on the log', () => {
        using island = new Island()
        island.found('a')
        const kibitzer = island.land('b')
        const { recording } = island.resident('b')
        const heard: unknown[] = []
        const hear = (): void => {
            kibitzer.governed.wait((government) => {
                const last = recording.log.at(-1)
                heard.push([government.promise, last?.promise, last?.method])
                hear()
            })
        }
        hear()
        kibitzer.join('republic', at('a'), at('b'))
        island.until(() => heard.length === 1)
        kibitzer.naturalize()
        kibitzer.publish('x')
        island.admit('c', 'b')
        island.level()
        const governments = recording.log.filter(({ method }) => method === 'government')
        assert.deepEqual(heard, governments.map(({ promise, method }) => {
            return [promise, promise, method]
        }))
        assert.ok(heard.length >= 3)
    })

    test('reports the new leader', () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const leaders: unknown[] = []
        island.kibitzer('c').governed.wait(({ majority }) => leaders.push(majority[0]))
        island.crash('a')
        island.until(() => leaders.length !== 0)
        assert.deepEqual(leaders, [island.kibitzer('c').status().leader])
        assert.notEqual(leaders[0], 'a')
    })
})

describe('a member that answers but takes no entry', () => {
    test('has no journal while the journal closes, and afterwards', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'kibitz-status-'))
        try {
            const kibitzer = new Kibitzer({ id: 'a', journal: new FileJournal(folder) })
            await kibitzer.recover()
            kibitzer.bootstrap('republic', at('a'))
            const listening = kibitzer.listen()
            await kibitzer.publish('x')
            assert.notEqual(kibitzer.status().journal, null)
            let hasEnded = false
            void listening.then(() => {
                hasEnded = true
            })
            kibitzer.destroy()
            while (!hasEnded) {
                kibitzer.status()
                await new Promise(setImmediate)
            }
            assert.equal(kibitzer.status().journal, null)
        } finally {
            rmSync(folder, { recursive: true })
        }
    })

    test('is exiled once its log ends before the history of the others', () => {
        using island = new Island({ history: 64, batch: 8, window: 4 })
        island.settle('a', 'b', 'c')
        const { paxos } = island.kibitzer('c')
        /** The answer of a member that takes no entry. */
        const idle = (): Fate => {
            const { id, immigrated, government: { promise }, committed } = paxos
            const minimum = { version: promise, reduced: committed }
            const from = { id, immigrated, versions: [1, 2] }
            const said = { ballot: '1/1/0', minimum, naturalizing: [], silent: [] }
            return { answer: {
                method: 'synchronized', from, government: promise, committed, ...said
            } }
        }
        island.fate = ({ to, call }) => (to === 'c' && call.method === 'receive' ? idle() : null)
        const kibitzer = island.kibitzer('a')
        const publish = (count: number): void => {
            void kibitzer.publishAll(Array.from({ length: count }, (_, index) => index))
            island.until(() => kibitzer.status().pending === 0)
        }
        publish(50)
        island.pass(5000)
        assert.ok('c' in kibitzer.paxos.government.properties, 'it answers, and can still be fed')
        publish(500)
        assert.ok((kibitzer.paxos.history(null) ?? []).length <= 64, 'memory is bounded')
        island.until(() => !('c' in kibitzer.paxos.government.properties))
        island.fate = () => null
        island.until(() => island.kibitzer('c').status().role === 'exile')
    })
})
