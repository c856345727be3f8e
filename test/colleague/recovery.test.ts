import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Colleague } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import { Counter } from './counter.js'
import type { Citizen } from './town.js'
import { Town } from './town.js'

const throughA = { through: () => [{ at: 'a' }] }

/** Members with journals, which lose their power and come back. */
class Durable extends Town {
    readonly stores = new Map<string, MemoryStore>()

    /** A process with whatever is left of an earlier one in its journal. */
    async wake(id: string, snapshotEvery: number = 2 ** 26): Promise<Citizen> {
        const store = this.stores.get(id) ?? new MemoryStore()
        this.stores.set(id, store)
        const journal = new MemoryJournal(store)
        return await this.land(id, { journal, snapshotEvery, chunkSize: 16 })
    }

    /** Its power is gone, and with it whatever was not flushed. */
    async outage(...ids: readonly string[]): Promise<void> {
        for (const id of ids) {
            this.stores.get(id)?.crash()
            this.crash(id)
        }
        await this.pass(10)
    }

    /** Three members, the same every time. */
    async republic(snapshotEvery?: number): Promise<readonly [Citizen, Citizen, Citizen]> {
        const a = await this.wake('a', snapshotEvery)
        await a.colleague.bootstrap({ islandId: 'run' })
        const [b, c] = [await this.wake('b', snapshotEvery), await this.wake('c', snapshotEvery)]
        await this.during(b.colleague.join(throughA))
        await this.during(c.colleague.join(throughA))
        return [a, b, c]
    }

    async publish({ colleague }: Citizen, count: number): Promise<void> {
        for (let add = 1; add <= count; add++) {
            await this.during(colleague.publish({ add }))
        }
    }
}

describe('a Colleague with a journal', () => {
    for (const [what, every] of [['records alone', 2 ** 26], ['a snapshot', 500]] as const) {
        test(`comes back from ${what}, and goes on`, async () => {
            await using town = new Durable()
            const a = await town.wake('a', every)
            await a.colleague.bootstrap()
            await town.publish(a, 5)
            await town.pass(1500)
            await town.publish(a, 5)
            const applied = [...a.application.applied]
            assert.equal(town.stores.get('a')?.state !== null, every === 500)
            await town.outage('a')
            const again = await town.wake('a', every)
            await town.during(again.colleague.bootstrap())
            assert.deepEqual(again.application.applied.slice(0, applied.length), applied)
            assert.equal(again.application.total, 30)
            assert.equal((await town.during(again.colleague.publish({ add: 1 }))).result, 31)
            await town.outage('a')
            const thrice = await town.wake('a', every)
            await town.during(thrice.colleague.join(throughA))
            assert.equal(thrice.application.total, 31)
            assert.deepEqual(new Set(thrice.application.applied).size,
                thrice.application.applied.length)
        })
    }

    test('comes back with all others, and none asks another for its state', async () => {
        await using town = new Durable()
        const [, b] = await town.republic(700)
        await town.publish(b, 20)
        await town.level()
        const { applied, total } = b.application
        await town.outage('a', 'b', 'c')
        town.questions.length = 0
        const woken = [await town.wake('c'), await town.wake('b'), await town.wake('a')]
        for (const { colleague } of woken) {
            await town.during(colleague.join(throughA))
        }
        await town.publish(woken[0] ?? b, 3)
        await town.level()
        assert.deepEqual(town.questions, [])
        for (const { application } of woken) {
            assert.deepEqual(application.applied.slice(0, applied.length), applied)
            assert.equal(application.total, total + 6)
        }
        assert.ok(woken.some(({ application }) => application.restorations > 0))
    })

    test('takes the state over again where its own was not written yet', async () => {
        await using town = new Durable()
        const [a] = await town.republic()
        await town.publish(a, 5)
        const d = await town.wake('d')
        let hasDied = false
        town.fate = ({ from, post }) => {
            const { index } = post.post as { readonly index?: number }
            if (from === 'd' && index === 3 && !hasDied) {
                hasDied = true
                void town.outage('d')
            }
            return null
        }
        const joining = d.colleague.join(throughA)
        await assert.rejects(town.during(joining), { code: /destroyed|journal-failed/ })
        const again = await town.wake('d')
        await town.during(again.colleague.join(throughA))
        await town.level()
        assert.deepEqual(again.application.applied, a.application.applied)
        assert.equal(again.application.restorations, 1)
        await town.until(() => a.colleague.kibitzer.paxos.government.naturalized.includes('d'))
        // It says that it may hold a seat once it would come back with a state.
        assert.ok(town.stores.get('d')?.state !== null)
        await town.outage('d')
        const asked = town.questions.length
        const thrice = await town.wake('d')
        await town.during(thrice.colleague.join(throughA))
        await town.level()
        assert.deepEqual(thrice.application.applied, a.application.applied)
        assert.equal(town.questions.length, asked)
    })

    test('keeps its journal from growing without bound', async () => {
        await using town = new Durable()
        const a = await town.wake('a', 2000)
        await a.colleague.bootstrap()
        for (let round = 0; round < 8; round++) {
            await town.publish(a, 20)
            await town.pass(1100)
            const { journal } = a.colleague.kibitzer.status()
            assert.ok(journal !== null && journal.size < 2000, String(journal?.size))
        }
        const { journal } = await a.colleague.health() ?? {}
        assert.ok((journal?.last ?? 0) > 160 && (journal?.snapshot ?? 0) > 100)
    })

    test('does not go on under another address', async () => {
        await using town = new Durable()
        const a = await town.wake('a')
        await a.colleague.bootstrap()
        await town.publish(a, 1)
        await town.outage('a')
        const journal = new MemoryJournal(town.stores.get('a'))
        const moved = town.land('a', { journal, properties: { zone: 'north' } })
        await assert.rejects(moved, { code: 'invalid-argument' })
        town.stores.get('a')?.crash()
        const again = await town.wake('a')
        await town.during(again.colleague.bootstrap())
        assert.equal(again.application.total, 1)
    })

    test('stops where its journal fails', async () => {
        await using town = new Durable()
        const a = await town.wake('a')
        await a.colleague.bootstrap()
        town.stores.get('a')?.crash()
        const publishing = a.colleague.publish({ add: 1 })
        await assert.rejects(town.during(publishing), { code: 'journal-failed' })
        await assert.rejects(town.during(a.colleague.ended), { code: 'journal-failed' })
        assert.equal(a.colleague.failure?.code, 'journal-failed')
    })

    test('is told where the journal is not its own', async () => {
        await using town = new Durable()
        const a = await town.wake('a')
        await a.colleague.bootstrap()
        await town.outage('a')
        town.stores.set('b', town.stores.get('a') ?? new MemoryStore())
        await assert.rejects(town.wake('b'), { code: 'journal-foreign' })
    })

    test('that was exiled meanwhile stops', async () => {
        await using town = new Durable()
        const [a] = await town.republic()
        await town.outage('c')
        await town.until(() => !('c' in a.colleague.kibitzer.paxos.government.properties))
        const { colleague } = await town.wake('c')
        await assert.rejects(town.during(colleague.ended), { code: 'exiled' })
        await town.outage('c')
        await assert.rejects(town.wake('c'), { code: 'exiled' })
    })
})

test('a Colleague comes back from its folder, on the port it had', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-colleague-'))
    context.after(() => rmSync(folder, { recursive: true }))
    let port = 0
    for (const total of [1, 2, 3]) {
        const application = new Counter()
        const journal = new FileJournal(folder)
        const colleague = new Colleague({
            islandName: 'durable', colleagueId: 'a', application, journal, snapshotEvery: 1
        })
        const { properties } = await colleague.listen({ port })
        port = Number(new URL(String(properties['url'])).port)
        await colleague.bootstrap()
        assert.equal((await colleague.publish({ add: 1 })).result, total)
        colleague.destroy()
        await colleague.ended
    }
})
