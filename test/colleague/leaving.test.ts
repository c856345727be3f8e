import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ColleagueGroup } from './colleague-group.js'

describe('leaving', () => {
    for (const leaver of ['a', 'c']) {
        test(`makes a government and stops ${leaver === 'a' ? 'a leader' : 'a member'}`,
            async () => {
                await using group = new ColleagueGroup()
                const citizens = await group.startRepublic('a', 'b', 'c')
                const { colleague } = citizens.find(({ id }) => id === leaver) ?? {}
                assert(colleague !== undefined)
                const published = citizens.map((citizen) =>
                    citizen.colleague.publish({ add: 1 }).then(() => true, () => false))
                await group.untilSettled(colleague.leave())
                await group.untilSettled(colleague.ended)
                assert.equal(colleague.failure, null)
                await assert.rejects(colleague.publish({ add: 1 }), { code: 'destroyed' })
                group.crash(leaver)
                const acknowledged = await group.untilSettled(Promise.all(published))
                await group.untilLevel()
                const [other] = group.citizens
                assert(other !== undefined)
                const { government } = other.colleague.kibitzer.paxos
                assert.ok(!(leaver in government.properties))
                assert.ok(other.application.total >= acknowledged.filter(Boolean).length)
                await group.untilSettled(other.colleague.publish({ add: 1 }))
            })
    }

    test('is rejected with alone, and the member continues', async () => {
        await using group = new ColleagueGroup()
        const { colleague } = await group.found('a')
        await assert.rejects(group.untilSettled(colleague.leave()), { code: 'alone' })
        assert.equal((await group.untilSettled(colleague.publish({ add: 1 }))).result, 1)
    })

    test('happens although the wait was aborted', async () => {
        await using group = new ColleagueGroup()
        const [, b] = await group.startRepublic('a', 'b')
        assert(b !== undefined)
        const controller = new AbortController()
        const leaving = b.colleague.leave({ signal: controller.signal })
        controller.abort()
        await assert.rejects(group.untilSettled(leaving), { code: 'aborted' })
        await group.untilSettled(b.colleague.ended)
        assert.equal(b.colleague.failure, null)
        await assert.rejects(b.colleague.leave(), { code: 'destroyed' })
    })
})

describe('cede', () => {
    test('makes a named member the leader, and loses no entry', async () => {
        await using group = new ColleagueGroup()
        const citizens = await group.startRepublic('a', 'b', 'c')
        const [a] = citizens
        assert(a !== undefined)
        await group.until(() => a.colleague.kibitzer.paxos.government.minority.length === 1)
        const publishing = Promise.all(citizens.flatMap(({ colleague }) =>
            Array.from({ length: 20 }, () => colleague.publish({ add: 1 }))))
        const { promise } = await group.untilSettled(a.colleague.cede('c'))
        const { government } = a.colleague.kibitzer.paxos
        assert.deepEqual([government.promise, government.majority[0]], [promise, 'c'])
        await group.untilSettled(publishing)
        await group.untilLevel()
        for (const { application } of citizens) {
            assert.equal(application.total, 60)
        }
        await assert.rejects(group.untilSettled(a.colleague.cede('b')), { code: 'not-leader' })
    })
})
