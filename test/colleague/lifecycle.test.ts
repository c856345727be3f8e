import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Application, ApplicationEntry, Colleague } from '../../src/index.js'
import { Counter } from './counter.js'
import { ColleagueGroup } from './colleague-group.js'

/** Adds numbers, and throws for any other value. */
class Picky extends Counter {
    override apply(entry: ApplicationEntry): number {
        if ((entry.body as { readonly add: number }).add === 13) {
            throw new Error('planted')
        }
        return super.apply(entry)
    }
}

/** Applies entries slowly. */
class Slow implements Application<unknown, number> {
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

function publish(colleague: Colleague<unknown, number>, add: number) {
    return colleague.publish({ add })
}

describe('a publish', () => {
    test('resolves with the result of the application', async () => {
        await using group = new ColleagueGroup()
        const [a, b] = await group.startRepublic('a', 'b')
        assert(a !== undefined && b !== undefined)
        const results = await group.untilSettled(Promise.all([
            publish(a.colleague, 1), publish(b.colleague, 10),
            publish(a.colleague, 100), publish(b.colleague, 1000),
            b.colleague.publishAll([{ add: 10_000 }, { add: 100_000 }])
        ]))
        const flat = results.flat().sort((left, right) => left.result - right.result)
        assert.equal(flat.at(-1)?.result, 111_111)
        for (const { promise } of flat) {
            assert.ok(a.application.applied.includes(promise))
        }
        await group.untilLevel()
        assert.equal(a.application.total, 111_111)
        assert.deepEqual(a.application.applied, b.application.applied)
    })

    test('may be aborted, and the other publishes receive their own results', async () => {
        await using group = new ColleagueGroup()
        const [, b] = await group.startRepublic('a', 'b')
        assert(b !== undefined)
        const controller = new AbortController()
        const given = b.colleague.publish({ add: 1 }, { signal: controller.signal })
        const kept = publish(b.colleague, 2)
        await new Promise(setImmediate)
        controller.abort()
        await assert.rejects(given, { code: 'aborted' })
        assert.equal((await group.untilSettled(kept)).result, 3)
    })

    test('waits until the application has a state', async () => {
        await using group = new ColleagueGroup()
        const [a] = await group.startRepublic('a')
        assert(a !== undefined)
        await group.untilSettled(publish(a.colleague, 1))
        const { colleague } = await group.start('b')
        const early = publish(colleague, 10)
        colleague.join({ through: () => [{ at: 'a' }] })
        assert.equal((await group.untilSettled(early)).result, 11)
    })

    test('is applied after the previous one has been applied', async () => {
        await using group = new ColleagueGroup()
        const application = new Slow()
        const { colleague } = await group.startWith('a', application)
        await colleague.bootstrap()
        const publishing = [1, 2, 3, 4, 5].map((add) => publish(colleague, add))
        const all = await group.untilSettled(Promise.all(publishing))
        assert.deepEqual(all.map(({ result }) => result), [1, 3, 6, 10, 15])
        assert.equal(application.most, 1)
    })

    test('is rejected like a publish of a Kibitzer', async () => {
        await using group = new ColleagueGroup({ publishSize: 10 })
        const [a] = await group.startRepublic('a')
        assert(a !== undefined)
        await assert.rejects(a.colleague.publish(null), { code: 'invalid-argument' })
        await assert.rejects(a.colleague.publish('x'.repeat(20)), { code: 'too-large' })
        await assert.rejects(a.colleague.publishAll([]), { code: 'invalid-argument' })
    })
})

describe('a Colleague', () => {
    test('stops if its application throws, and the others continue', async () => {
        await using group = new ColleagueGroup()
        const [a, b] = await group.startRepublic('a', 'b')
        assert(a !== undefined && b !== undefined)
        const { colleague, application } = await group.startWith('c', new Picky())
        await group.untilSettled(colleague.join({ through: () => [{ at: 'a' }] }))
        const waiting = assert.rejects(publish(colleague, 13), { code: 'application-failed' })
        await group.untilSettled(publish(a.colleague, 13))
        await group.untilSettled(waiting)
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
        await group.untilSettled(publish(b.colleague, 1))
        assert.equal(b.application.total, 27)
    })

    test('stops after an exile that its log lacks', async () => {
        await using group = new ColleagueGroup()
        const [a, , c] = await group.startRepublic('a', 'b', 'c')
        assert(a !== undefined && c !== undefined)
        group.isCut = (from, to) => from === 'c' || to === 'c'
        await group.until(() => !('c' in a.colleague.kibitzer.paxos.government.properties))
        group.isCut = () => false
        const { colleague } = c
        await assert.rejects(group.untilSettled(colleague.ended), { code: 'exiled' })
        assert.ok(colleague.kibitzer.destroyed)
    })

    test('reads every committed entry after a barrier', async () => {
        await using group = new ColleagueGroup()
        const [a, b] = await group.startRepublic('a', 'b')
        assert(a !== undefined && b !== undefined)
        await group.untilSettled(publish(a.colleague, 7))
        await group.untilSettled(b.colleague.barrier())
        assert.equal(b.application.total, 7)
    })

    test('shows the leader and the tolerated failures', async () => {
        await using group = new ColleagueGroup({ parliamentFloor: 3 })
        const [a] = await group.startRepublic('a', 'b', 'c')
        assert(a !== undefined)
        const told = async () => (await a.colleague.health())?.tolerance.text
        await group.until(() => a.colleague.kibitzer.paxos.government.minority.length === 1)
        assert.equal(await told(), '5 configured, 3 voting, tolerates 1')
        group.crash('c')
        await group.advance(4000)
        assert.equal(await told(), '5 configured, 2 voting, tolerates 0')
    })

    test('settles all calls on destroy', async () => {
        await using group = new ColleagueGroup()
        const [, b] = await group.startRepublic('a', 'b')
        assert(b !== undefined)
        group.crash('a')
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
