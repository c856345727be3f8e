import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Application, type ApplicationEntry, Colleague } from '../../src/index.js'
import { ColleagueGroup } from './colleague-group.js'
import { Counter } from './counter.js'

/** A counter that holds back entries on demand. */
class Slow implements Application<number> {
    readonly counter = new Counter()
    release: () => void = () => {}
    #gate: Promise<void> | null = null

    hold(): void {
        this.#gate = new Promise((resolve) => {
            this.release = resolve
        })
    }

    async apply(entry: ApplicationEntry): Promise<number> {
        await this.#gate
        return this.counter.apply(entry)
    }

    snapshot(): Generator<string> {
        return this.counter.snapshot()
    }

    restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        return this.counter.restore(chunks)
    }
}

describe('a read of a Colleague', () => {
    test('finds the own write at another member by the promise of the publish', async () => {
        await using group = new ColleagueGroup({ patience: 60_000 })
        const [a, , c] = await group.startRepublic('a', 'b', 'c')
        assert(a !== undefined && c !== undefined)
        group.isCut = (from, to) => from === 'c' || to === 'c'
        const { promise } = await group.untilSettled(a.colleague.publish({ add: 7 }))
        assert.ok(!c.application.applied.includes(promise))
        const waiting = c.colleague.read({ after: promise, timeout: 30_000 })
        group.isCut = () => false
        const reading = await group.untilSettled(waiting)
        assert.equal(reading.promise, promise)
        assert.ok(c.application.applied.includes(promise))
    })

    test('tells the applied position and its age at once without conditions', async () => {
        await using group = new ColleagueGroup()
        for (const { colleague, application } of await group.startRepublic('a', 'b', 'c')) {
            const { promise, stalenessMs } = await colleague.read()
            assert.equal(promise, application.applied.at(-1))
            assert.ok(stalenessMs !== null && stalenessMs < 2000, String(stalenessMs))
        }
    })

    test('rejects a state that is too old, and takes the state after contact', async () => {
        await using group = new ColleagueGroup({ patience: 60_000 })
        const [, , c] = await group.startRepublic('a', 'b', 'c')
        assert(c !== undefined)
        group.isCut = (from, to) => from === 'c' || to === 'c'
        await group.advance(2500)
        await assert.rejects(c.colleague.read({ maxStalenessMs: 1500, timeout: 0 }), {
            name: 'KibitzError', code: 'too-stale', message: /the age is at most 1500 ms\./
        })
        const waiting = c.colleague.read({ maxStalenessMs: 1500, timeout: 30_000 })
        group.isCut = () => false
        const { stalenessMs } = await group.untilSettled(waiting)
        assert.ok(stalenessMs !== null && stalenessMs <= 1500)
    })

    test('waits for a slow application', async () => {
        await using group = new ColleagueGroup()
        const [a] = await group.startRepublic('a', 'b', 'c')
        const application = new Slow()
        const slow = await group.startWith('d', application)
        assert(a !== undefined)
        const joining = slow.colleague.join({ through: () => [{ at: 'a' }] })
        await group.untilSettled(joining)
        application.hold()
        const { promise } = await group.untilSettled(a.colleague.publish({ add: 1 }))
        await group.until(() => slow.colleague.kibitzer.paxos.committed === promise)
        const read = slow.colleague.read({ after: promise, timeout: 30_000 })
        const soon = slow.colleague.read({ maxStalenessMs: 3000 })
        assert.notEqual((await group.untilSettled(soon)).promise, promise)
        await group.advance(5000)
        assert.notEqual((await slow.colleague.read()).promise, promise)
        const old = slow.colleague.read({ maxStalenessMs: 3000, timeout: 0 })
        await assert.rejects(old, { code: 'too-stale' })
        application.release()
        assert.equal((await group.untilSettled(read)).promise, promise)
        group.stop(slow)
    })

    test('waits for the first state of a newcomer', async () => {
        await using group = new ColleagueGroup()
        const { colleague } = await group.startWith('a', new Slow())
        await assert.rejects(colleague.read({ timeout: 0 }), {
            code: 'too-stale', message: /this member has no state yet/
        })
        const waiting = colleague.read()
        await group.untilSettled(colleague.bootstrap())
        assert.equal((await group.untilSettled(waiting)).stalenessMs, 0)
        group.stop({ id: 'a', colleague })
    })

    test('ends with the reason for which the Colleague has stopped', async () => {
        const colleague = new Colleague({
            islandName: 's', colleagueId: 'a', application: new Slow()
        })
        await colleague.listen({ port: 0 })
        const reading = colleague.read()
        await assert.rejects(colleague.read({ after: '' }), { code: 'invalid-argument' })
        colleague.destroy()
        await assert.rejects(reading, { code: 'destroyed' })
        await colleague.ended
    })
})
