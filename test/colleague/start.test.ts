import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listen } from '../support/log-lines.js'
import { FOUNDERS, IDS, Service, startAll } from './service.js'

describe('start', () => {
    test('founds one republic by three founders, whatever their order', async () => {
        const orders = [['a', 'b', 'c'], ['c', 'b', 'a'], ['b', 'a', 'c']] as const
        for (const order of orders) {
            await using group = new Service()
            const [first] = await startAll(group, order)
            assert.equal(group.foundings().size, 1)
            await group.untilSettled(first.colleague.publish({ add: 1 }))
            await group.untilLevel()
        }
    })

    test('waits for a missing founder, and names it', async () => {
        await using group = new Service()
        const a = group.wake('a')
        group.wake('b')
        await group.advance(2000)
        const { start } = await group.untilSettled(a.colleague.health()) as { start: unknown }
        assert.deepEqual(Reflect.get(start as object, 'missing'), ['c (no answer)'])
        assert.equal(group.foundings().size, 0)
        group.wake('c')
        await group.untilSettled(a.started)
        assert.equal(group.foundings().size, 1)
    })

    test('comes back from the journal of every member, after all were killed at once', async () => {
        await using group = new Service()
        const [a] = await startAll(group)
        await group.untilSettled(a.colleague.publish({ add: 5 }))
        await group.untilLevel()
        for (const id of IDS) {
            await group.kill(id)
        }
        const again = await startAll(group, ['c', 'a', 'b'])
        assert.equal(group.foundings().size, 1)
        assert.deepEqual(again.map(({ application }) => application.total), [5, 5, 5])
    })

    test('lets a founder without its disk join the republic again', async () => {
        await using group = new Service()
        const [a] = await startAll(group)
        await group.until(() => {
            const { majority, minority } = a.colleague.kibitzer.paxos.government
            return majority.length + minority.length === 3
        })
        await group.untilSettled(a.colleague.publish({ add: 5 }))
        await group.lose('a')
        const [again, lostAt] = [group.wake('a'), Date.now()]
        await group.untilSettled(again.started)
        // The newcomer proves the loss, so the exile does not wait for `patience`, a week.
        assert.ok(Date.now() - lostAt < 15_000, String(Date.now() - lostAt))
        assert.equal(group.foundings().size, 1)
        assert.equal(again.application.total, 5)
        await group.until(() => {
            const { majority, minority } = again.colleague.kibitzer.paxos.government
            return majority.length + minority.length === 3
        })
    })

    test('keeps the seat of an absent member for a week', async () => {
        await using group = new Service()
        const [a] = await startAll(group)
        await group.kill('c')
        const { patience, parliamentFloor } = a.colleague.kibitzer.paxos.options
        assert.deepEqual([patience, parliamentFloor], [7 * 24 * 3_600_000, 3])
        await group.advance(100_000, 50)
        await group.untilSettled(a.colleague.publish({ add: 5 }))
        const { government } = a.colleague.kibitzer.paxos
        assert.deepEqual([...government.majority, ...government.minority].sort(), IDS)
        const c = group.wake('c')
        await group.untilSettled(c.started)
        assert.equal(c.application.total, 5)
    })

    test('reports a wait of more than five seconds once', async (t) => {
        const lines = listen(t)
        await using group = new Service()
        group.wake('b')
        await group.advance(12_000)
        const waits = lines.filter(({ name }) => name === 'wait')
        assert.equal(waits.length, 1)
        assert.match(String(waits[0]?.['reason']), /a \(no answer\), c \(no answer\)/)
    })

    test('refuses nobody and founds nothing while the lists of founders differ', async () => {
        await using group = new Service()
        const a = group.wake('a')
        group.wake('b')
        group.wake('c', { ...FOUNDERS, founders: ['c', 'b', 'a'] })
        await group.advance(4000)
        assert.equal(group.foundings().size, 0)
        const health = await a.colleague.health()
        assert.deepEqual(health?.start?.missing, ['c (starts with founders c, b, a)'])
    })

    test('founds by a number of members, the smallest id first', async () => {
        await using group = new Service()
        const options = { expect: 3, through: () => IDS.map((at) => ({ at })) }
        const starters = ['c', 'b'].map((id) => group.wake(id, options))
        await group.advance(3000)
        assert.equal(group.foundings().size, 0)
        starters.push(group.wake('a', options))
        for (const { started } of starters) {
            await group.untilSettled(started)
        }
        assert.equal(group.foundings().size, 1)
        assert.equal(starters[2]?.colleague.kibitzer.paxos.government.majority[0], 'a')
    })

    test('joins again with a new journal after an exile in absence', async () => {
        await using group = new Service({ patience: 2000, parliamentFloor: 1 })
        const [a] = await startAll(group)
        await group.kill('c')
        const { paxos } = a.colleague.kibitzer
        await group.until(() => !('c' in paxos.government.immigrated.promise))
        await group.untilSettled(a.colleague.publish({ add: 3 }))
        const c = group.wake('c')
        await group.untilSettled(c.started)
        assert.equal(c.application.total, 3)
        assert.equal(c.colleague.failure, null)
        await group.untilSettled(c.colleague.publish({ add: 4 }))
        assert.equal(await c.colleague.requests.enter(async () => 'served'), 'served')
        await group.untilLevel()
    })

    test('refuses to wait for ever without an address', async () => {
        await using group = new Service()
        const d = group.wake('d', { founders: IDS, through: [] })
        await assert.rejects(group.untilSettled(d.started), {
            code: 'invalid-argument', message: /start needs through, with at least one address/
        })
    })

    test('rejects as exiled if it must not join again', async () => {
        await using group = new Service({ patience: 2000, parliamentFloor: 1 })
        const [a] = await startAll(group)
        await group.kill('c')
        const { paxos } = a.colleague.kibitzer
        await group.until(() => !('c' in paxos.government.immigrated.promise))
        const c = group.wake('c', { ...FOUNDERS, rejoin: false })
        await assert.rejects(group.untilSettled(c.started), { code: 'exiled' })
        await assert.rejects(c.colleague.ended, { code: 'exiled' })
    })

    test('rejects in words at a newcomer of an earlier protocol version', async (t) => {
        const lines = listen(t)
        await using group = new Service()
        const [a] = await startAll(group)
        const d = group.wake('d', FOUNDERS, { highestVersion: 1 })
        await assert.rejects(group.untilSettled(d.started), {
            code: 'unsupported',
            message: /^The republic has protocol version 2, and .* versions 1 to 1\. /
        })
        const outdated = lines.filter(({ name }) => name === 'outdated')
        assert.deepEqual(outdated.map(({ newcomer, versions, republicVersion }) =>
            [newcomer, versions, republicVersion]), [['d', [1, 1], 2]])
        const { versions } = await group.untilSettled(a.colleague.health())
        assert.deepEqual(versions, { own: [1, 2], republic: 2, journal: 2 })
    })

    test('stops a leader after it has handed over', async () => {
        await using group = new Service()
        const [a, b] = await startAll(group)
        await group.until(() => a.colleague.kibitzer.paxos.government.majority.length === 2)
        await group.untilSettled(a.colleague.stop())
        const { government } = b.colleague.kibitzer.paxos
        assert.notEqual(government.majority[0], 'a')
    })
})

describe('bootstrap', () => {
    test('founds nothing where a member of the island answers', async () => {
        await using group = new Service()
        await startAll(group)
        const d = await group.start('d')
        const bootstrap = d.colleague.bootstrap({ through: () => [{ at: 'd' }, { at: 'b' }] })
        await assert.rejects(group.untilSettled(bootstrap), { code: 'refused' })
        assert.equal(d.colleague.kibitzer.paxos.republic, null)
    })
})
