import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Colleague } from '../../src/index.js'
import { Counter } from './counter.js'
import '../support/silence.js'

test('three colleagues over HTTP agree', { timeout: 60_000 }, async () => {
    const members = ['a', 'b', 'c'].map((colleagueId) => {
        const application = new Counter()
        const colleague = new Colleague({ islandName: 'counter', colleagueId, application })
        return { colleague, application }
    })
    const [a, b, c] = members
    assert(a && b && c)
    const { properties } = await a.colleague.listen()
    await a.colleague.bootstrap()
    assert.equal((await a.colleague.publish({ add: 1 })).result, 1)
    for (const { colleague } of [b, c]) {
        await colleague.listen()
        await colleague.join({ through: [String(properties.url)] })
        await colleague.publish({ add: 2 })
    }
    const { promise } = await a.colleague.publish({ add: 10 })
    await Promise.all(members.map(({ colleague }) => colleague.barrier()))
    for (const { application } of members) {
        assert.equal(application.total, 15)
        assert.ok(application.applied.includes(promise))
    }
    console.log(await b.colleague.health(), await b.colleague.outOfBand('total', 1))
    for (const { colleague } of members) {
        colleague.destroy()
        await colleague.ended
    }
})
