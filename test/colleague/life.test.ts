import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Application, ApplicationEntry, Colleague } from '../../src/index.js'
import { Counter } from './counter.js'
import { Town } from './town.js'

/** Adds, but not just anything. */
class Picky extends Counter {
    override apply(entry: ApplicationEntry): number {
        if ((entry.body as { readonly add: number }).add === 13) {
            throw new Error('planted')
        }
        return super.apply(entry)
    }
}

/** Takes its time. */
class Slow implements Application<number> {
    readonly counter = new Counter()
    busy = 0
    most = 0

    async apply(entry: ApplicationEntry): Promise<number> {
        this.busy++
        this.most = Math.max(this.most, this.busy)
        await new Promise(setImmediate)
        await new Promise(setImmediate)
        this.busy--
        return this.counter.apply(entry)
    }

    async governed(): Promise<void> {
        this.most = Math.max(this.most, this.busy + 1)
        await new Promise(setImmediate)
    }

    snapshot(): Promise<string> {
        return Promise.resolve('')
    }

    restore(): void {}
}

function publish(colleague: Colleague<number>, add: number) {
    return colleague.publish({ add })
}

describe('what is published', () => {
    test('comes back with what the application said to it', async () => {
        await using town = new Town()
        const [a, b] = await town.settle('a', 'b')
        assert(a !== undefined && b !== undefined)
        const results = await town.during(Promise.all([
            publish(a.colleague, 1), publish(b.colleague, 10),
            publish(a.colleague, 100), publish(b.colleague, 1000),
            b.colleague.publishAll([{ add: 10_000 }, { add: 100_000 }])
        ]))
        const flat = results.flat().sort((left, right) => left.result - right.result)
        assert.equal(flat.at(-1)?.result, 111_111)
        for (const { promise } of flat) {
            assert.ok(a.application.applied.includes(promise))
        }
        await town.level()
        assert.equal(a.application.total, 111_111)
        assert.deepEqual(a.application.applied, b.application.applied)
    })

    test('may be given up, and the others still learn their own result', async () => {
        await using town = new Town()
        const [, b] = await town.settle('a', 'b')
        assert(b !== undefined)
        const controller = new AbortController()
        const given = b.colleague.publish({ add: 1 }, { signal: controller.signal })
        const kept = publish(b.colleague, 2)
        await new Promise(setImmediate)
        controller.abort()
        await assert.rejects(given, { code: 'aborted' })
        assert.equal((await town.during(kept)).result, 3)
    })

    test('waits until there is a state', async () => {
        await using town = new Town()
        const [a] = await town.settle('a')
        assert(a !== undefined)
        await town.during(publish(a.colleague, 1))
        const { colleague } = await town.land('b')
        const early = publish(colleague, 10)
        colleague.join({ through: () => [{ at: 'a' }] })
        assert.equal((await town.during(early)).result, 11)
    })

    test('is applied one after another, however long that takes', async () => {
        await using town = new Town()
        const application = new Slow()
        const { colleague } = await town.house('a', application)
        await colleague.bootstrap()
        const publishing = [1, 2, 3, 4, 5].map((add) => publish(colleague, add))
        const all = await town.during(Promise.all(publishing))
        assert.deepEqual(all.map(({ result }) => result), [1, 3, 6, 10, 15])
        assert.equal(application.most, 1)
    })

    test('is refused as a Kibitzer refuses it', async () => {
        await using town = new Town({ publishSize: 10 })
        const [a] = await town.settle('a')
        assert(a !== undefined)
        await assert.rejects(a.colleague.publish(null), { code: 'invalid-argument' })
        await assert.rejects(a.colleague.publish('x'.repeat(20)), { code: 'too-large' })
        await assert.rejects(a.colleague.publishAll([]), { code: 'invalid-argument' })
    })
})

describe('a Colleague', () => {
    test('stops where its application throws, and the others go on', async () => {
        await using town = new Town()
        const [a, b] = await town.settle('a', 'b')
        assert(a !== undefined && b !== undefined)
        const { colleague, application } = await town.house('c', new Picky())
        await town.during(colleague.join({ through: () => [{ at: 'a' }] }))
        const waiting = assert.rejects(publish(colleague, 13), { code: 'application-failed' })
        await town.during(publish(a.colleague, 13))
        await town.during(waiting)
        await assert.rejects(colleague.ended, (error: Error) => {
            assert.match(String(error.cause), /planted/)
            return true
        })
        assert.equal((await colleague.health())?.failure, 'application-failed')
        assert.ok(!application.applied.includes(a.application.applied.at(-1) ?? ''))
        for (const late of [publish(colleague, 1), colleague.barrier()]) {
            await assert.rejects(late, { code: 'application-failed' })
        }
        assert.deepEqual(await colleague.answer({}), { refusal: 'malformed' })
        await town.during(publish(b.colleague, 1))
        assert.equal(b.application.total, 27)
    })

    test('stops where it was exiled unawares', async () => {
        await using town = new Town()
        const [a, , c] = await town.settle('a', 'b', 'c')
        assert(a !== undefined && c !== undefined)
        town.isCut = (from, to) => from === 'c' || to === 'c'
        await town.until(() => !('c' in a.colleague.kibitzer.paxos.government.properties))
        town.isCut = () => false
        const { colleague } = c
        await assert.rejects(town.during(colleague.ended), { code: 'exiled' })
        assert.ok(colleague.kibitzer.destroyed)
    })

    test('reads what was committed anywhere behind a barrier', async () => {
        await using town = new Town()
        const [a, b] = await town.settle('a', 'b')
        assert(a !== undefined && b !== undefined)
        await town.during(publish(a.colleague, 7))
        await town.during(b.colleague.barrier())
        assert.equal(b.application.total, 7)
    })

    test('tells who leads how many more may fail', async () => {
        await using town = new Town({ parliamentFloor: 3 })
        const [a] = await town.settle('a', 'b', 'c')
        assert(a !== undefined)
        const told = async () => (await a.colleague.health())?.tolerance.text
        await town.until(() => a.colleague.kibitzer.paxos.government.minority.length === 1)
        assert.equal(await told(), '5 configured, 3 voting, tolerates 1')
        town.crash('c')
        await town.pass(4000)
        assert.equal(await told(), '5 configured, 2 voting, tolerates 0')
    })

    test('settles everything when it is destroyed', async () => {
        await using town = new Town()
        const [, b] = await town.settle('a', 'b')
        assert(b !== undefined)
        town.crash('a')
        const { colleague } = b
        const asking = colleague.outOfBand('total', 1)
        const waiting = [colleague.barrier(), publish(colleague, 1), asking]
        colleague.destroy()
        colleague.destroy()
        const settled = await Promise.allSettled(waiting)
        assert.deepEqual(settled.map(({ status }) => status), ['rejected', 'rejected', 'rejected'])
        await colleague.ended
        assert.equal((await colleague.health())?.failure, null)
    })
})
