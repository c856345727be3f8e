import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Colleague } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import { Counter } from './counter.js'
import type { Citizen } from './colleague-group.js'
import { ColleagueGroup } from './colleague-group.js'
import { freePort } from '../support/free-port.js'
import '../support/silence.js'

const throughA = { through: () => [{ at: 'a' }] }

/** Members with journals that lose power and restart. */
class Durable extends ColleagueGroup {
    readonly stores = new Map<string, MemoryStore>()

    /** Starts a member with the journal of its former process. */
    async wake(id: string, snapshotEvery: number = 2 ** 26): Promise<Citizen> {
        const store = this.stores.get(id) ?? new MemoryStore()
        this.stores.set(id, store)
        const journal = new MemoryJournal(store)
        return await this.start(id, { journal, snapshotEvery, chunkSize: 16 })
    }

    /** Simulates a power loss: the journal loses all unflushed records. */
    async outage(...ids: readonly string[]): Promise<void> {
        for (const id of ids) {
            this.stores.get(id)?.crash()
            this.crash(id)
        }
        await this.advance(10)
    }

    /** Starts three members. */
    async republic(snapshotEvery?: number): Promise<readonly [Citizen, Citizen, Citizen]> {
        const a = await this.wake('a', snapshotEvery)
        await a.colleague.bootstrap({ islandId: 'run' })
        const [b, c] = [await this.wake('b', snapshotEvery), await this.wake('c', snapshotEvery)]
        await this.untilSettled(b.colleague.join(throughA))
        await this.untilSettled(c.colleague.join(throughA))
        return [a, b, c]
    }

    async publish({ colleague }: Citizen, count: number): Promise<void> {
        for (let add = 1; add <= count; add++) {
            await this.untilSettled(colleague.publish({ add }))
        }
    }
}

describe('a Colleague with a journal', () => {
    for (const [what, every] of [['records alone', 2 ** 26], ['a snapshot', 500]] as const) {
        test(`restarts from ${what}, and continues`, async () => {
            await using group = new Durable()
            const a = await group.wake('a', every)
            await a.colleague.bootstrap()
            await group.publish(a, 5)
            await group.advance(1500)
            await group.publish(a, 5)
            const applied = [...a.application.applied]
            assert.equal(group.stores.get('a')?.state !== null, every === 500)
            await group.outage('a')
            const again = await group.wake('a', every)
            await group.untilSettled(again.colleague.bootstrap())
            assert.deepEqual(again.application.applied.slice(0, applied.length), applied)
            assert.equal(again.application.total, 30)
            assert.equal((await group.untilSettled(again.colleague.publish({ add: 1 }))).result, 31)
            await group.outage('a')
            const thrice = await group.wake('a', every)
            await group.untilSettled(thrice.colleague.join(throughA))
            assert.equal(thrice.application.total, 31)
            assert.deepEqual(new Set(thrice.application.applied).size,
                thrice.application.applied.length)
        })
    }

    test('restarts with all others, and no member asks for a state', async () => {
        await using group = new Durable()
        const [, b] = await group.republic(700)
        await group.publish(b, 20)
        await group.untilLevel()
        const { applied, total } = b.application
        await group.outage('a', 'b', 'c')
        group.questions.length = 0
        const woken = [await group.wake('c'), await group.wake('b'), await group.wake('a')]
        for (const { colleague } of woken) {
            await group.untilSettled(colleague.join(throughA))
        }
        await group.publish(woken[0] ?? b, 3)
        await group.untilLevel()
        assert.deepEqual(group.questions, [])
        for (const { application } of woken) {
            assert.deepEqual(application.applied.slice(0, applied.length), applied)
            assert.equal(application.total, total + 6)
        }
        assert.ok(woken.some(({ application }) => application.restorations > 0))
    })

    test('takes over the state again if its journal lacks the state', async () => {
        await using group = new Durable()
        const [a] = await group.republic()
        await group.publish(a, 5)
        const d = await group.wake('d')
        let hasDied = false
        group.faultOf = ({ from, post }) => {
            const { index } = post.post as { readonly index?: number }
            if (from === 'd' && index === 3 && !hasDied) {
                hasDied = true
                void group.outage('d')
            }
            return null
        }
        const joining = d.colleague.join(throughA)
        await assert.rejects(group.untilSettled(joining), { code: /destroyed|journal-failed/ })
        const again = await group.wake('d')
        await group.untilSettled(again.colleague.join(throughA))
        await group.untilLevel()
        assert.deepEqual(again.application.applied, a.application.applied)
        assert.equal(again.application.restorations, 1)
        await group.until(() => a.colleague.kibitzer.paxos.government.naturalized.includes('d'))
        // The member naturalizes after its journal contains the state.
        assert.ok(group.stores.get('d')?.state !== null)
        await group.outage('d')
        const asked = group.questions.length
        const thrice = await group.wake('d')
        await group.untilSettled(thrice.colleague.join(throughA))
        await group.untilLevel()
        assert.deepEqual(thrice.application.applied, a.application.applied)
        assert.equal(group.questions.length, asked)
    })

    test('limits the growth of its journal', async () => {
        await using group = new Durable()
        const a = await group.wake('a', 2000)
        await a.colleague.bootstrap()
        for (let round = 0; round < 8; round++) {
            await group.publish(a, 20)
            await group.advance(1100)
            const { journal } = a.colleague.kibitzer.status()
            assert.ok(journal !== null && journal.size < 2000, String(journal?.size))
        }
        const { journal } = await a.colleague.health() ?? {}
        assert.ok((journal?.last ?? 0) > 160 && (journal?.snapshot ?? 0) > 100)
    })

    test('moves if it comes back with other properties', async () => {
        await using group = new Durable()
        const a = await group.wake('a')
        await a.colleague.bootstrap()
        await group.publish(a, 1)
        await group.outage('a')
        const journal = new MemoryJournal(group.stores.get('a'))
        const moved = await group.start('a', { journal, properties: { zone: 'north' } })
        await group.untilSettled(moved.colleague.bootstrap())
        assert.equal(moved.application.total, 1)
        const { paxos } = moved.colleague.kibitzer
        await group.until(() => !paxos.isMoving)
        assert.deepEqual(paxos.government.properties['a'], { at: 'a', zone: 'north' })
    })

    test('writes nothing about its properties if they are the same', async () => {
        await using group = new Durable()
        const a = await group.wake('a')
        await a.colleague.bootstrap()
        await group.publish(a, 1)
        await group.outage('a')
        const again = await group.wake('a')
        await group.untilSettled(again.colleague.bootstrap())
        await group.publish(again, 1)
        const { promise } = again.colleague.kibitzer.paxos.government
        assert.equal(promise, a.colleague.kibitzer.paxos.government.promise)
    })

    test('does not move in a republic of version 1, but may have further properties', async () => {
        await using group = new Durable({ highestVersion: 1 })
        const a = await group.wake('a')
        await a.colleague.bootstrap()
        await group.publish(a, 1)
        await group.outage('a')
        const journal = (): MemoryJournal => new MemoryJournal(group.stores.get('a'))
        const moved = group.start('a', { journal: journal(), properties: { at: 'elsewhere' } })
        await assert.rejects(moved, { code: 'unsupported', message: /former address/ })
        group.stores.get('a')?.crash()
        const again = await group.start('a', { journal: journal(), properties: { zone: 'north' } })
        await group.untilSettled(again.colleague.bootstrap())
        assert.equal(again.application.total, 1)
        assert.deepEqual(again.colleague.kibitzer.paxos.government.properties['a'], { at: 'a' })
    })

    test('stops if its journal fails', async () => {
        await using group = new Durable()
        const a = await group.wake('a')
        await a.colleague.bootstrap()
        group.stores.get('a')?.crash()
        const publishing = a.colleague.publish({ add: 1 })
        await assert.rejects(group.untilSettled(publishing), { code: 'journal-failed' })
        await assert.rejects(group.untilSettled(a.colleague.ended), { code: 'journal-failed' })
        assert.equal(a.colleague.failure?.code, 'journal-failed')
    })

    test('rejects the journal of another member', async () => {
        await using group = new Durable()
        const a = await group.wake('a')
        await a.colleague.bootstrap()
        await group.outage('a')
        group.stores.set('b', group.stores.get('a') ?? new MemoryStore())
        await assert.rejects(group.wake('b'), { code: 'journal-foreign' })
    })

    test('stops after an exile during its absence', async () => {
        await using group = new Durable({ patience: 2000, parliamentFloor: 1 })
        const [a] = await group.republic()
        await group.outage('c')
        await group.until(() => !('c' in a.colleague.kibitzer.paxos.government.properties))
        const { colleague } = await group.wake('c')
        await assert.rejects(group.untilSettled(colleague.ended), { code: 'exiled' })
        await group.outage('c')
        await assert.rejects(group.wake('c'), { code: 'exiled' })
    })
})

test('a Colleague restarts from its folder on the former port', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-colleague-'))
    context.after(() => rmSync(folder, { recursive: true }))
    const port = await freePort()
    for (const total of [1, 2, 3]) {
        const application = new Counter()
        const journal = new FileJournal(folder)
        const colleague = new Colleague({
            islandName: 'durable', colleagueId: 'a', application, journal, snapshotEvery: 1
        })
        await colleague.listen({ port })
        await colleague.bootstrap()
        assert.equal((await colleague.publish({ add: 1 })).result, total)
        colleague.destroy()
        await colleague.ended
    }
})
