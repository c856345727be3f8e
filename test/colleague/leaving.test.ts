import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Town } from './town.js'

describe('leaving', () => {
    for (const leaver of ['a', 'c']) {
        test(`is a government, and the end of ${leaver === 'a' ? 'a leader' : 'a member'}`,
            async () => {
                await using town = new Town()
                const citizens = await town.settle('a', 'b', 'c')
                const { colleague } = citizens.find(({ id }) => id === leaver) ?? {}
                assert(colleague !== undefined)
                const published = citizens.map((citizen) =>
                    citizen.colleague.publish({ add: 1 }).then(() => true, () => false))
                await town.during(colleague.leave())
                await town.during(colleague.ended)
                assert.equal(colleague.failure, null)
                await assert.rejects(colleague.publish({ add: 1 }), { code: 'destroyed' })
                town.crash(leaver)
                const acknowledged = await town.during(Promise.all(published))
                await town.level()
                const [other] = town.citizens
                assert(other !== undefined)
                const { government } = other.colleague.kibitzer.paxos
                assert.ok(!(leaver in government.properties))
                assert.ok(other.application.total >= acknowledged.filter(Boolean).length)
                await town.during(other.colleague.publish({ add: 1 }))
            })
    }

    test('is refused to who is alone, and it goes on', async () => {
        await using town = new Town()
        const { colleague } = await town.found('a')
        await assert.rejects(town.during(colleague.leave()), { code: 'alone' })
        assert.equal((await town.during(colleague.publish({ add: 1 }))).result, 1)
    })

    test('may be given up waiting for, and comes all the same', async () => {
        await using town = new Town()
        const [, b] = await town.settle('a', 'b')
        assert(b !== undefined)
        const controller = new AbortController()
        const leaving = b.colleague.leave({ signal: controller.signal })
        controller.abort()
        await assert.rejects(town.during(leaving), { code: 'aborted' })
        await town.during(b.colleague.ended)
        assert.equal(b.colleague.failure, null)
        await assert.rejects(b.colleague.leave(), { code: 'destroyed' })
    })
})

describe('handing over', () => {
    test('makes a named member lead, and loses nothing', async () => {
        await using town = new Town()
        const citizens = await town.settle('a', 'b', 'c')
        const [a] = citizens
        assert(a !== undefined)
        await town.until(() => a.colleague.kibitzer.paxos.government.minority.length === 1)
        const publishing = Promise.all(citizens.flatMap(({ colleague }) =>
            Array.from({ length: 20 }, () => colleague.publish({ add: 1 }))))
        const { promise } = await town.during(a.colleague.cede('c'))
        const { government } = a.colleague.kibitzer.paxos
        assert.deepEqual([government.promise, government.majority[0]], [promise, 'c'])
        await town.during(publishing)
        await town.level()
        for (const { application } of citizens) {
            assert.equal(application.total, 60)
        }
        await assert.rejects(town.during(a.colleague.cede('b')), { code: 'not-leader' })
    })
})
