import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Journal } from '../../src/index.js'
import type { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import { Counter } from './counter.js'
import { FOUNDERS, Service, startAll, type Starter } from './service.js'

/** A service whose journals tell when they move aside. */
class Observed extends Service {
    onSetAside = (): void => {}

    override journalOf(store: MemoryStore): MemoryJournal {
        const journal = super.journalOf(store)
        const setAside = journal.setAside.bind(journal)
        journal.setAside = (): Promise<Journal> => {
            this.onSetAside()
            return setAside()
        }
        return journal
    }

    /** A member is exiled while it is away. */
    async exile(): Promise<void> {
        const [a] = await startAll(this)
        await this.kill('c')
        const { paxos } = a.colleague.kibitzer
        await this.until(() => !('c' in paxos.government.immigrated.promise))
    }

    /** Starts a member that was exiled while it was away. */
    async wakeExile(): Promise<Starter> {
        await this.exile()
        return this.wake('c', FOUNDERS)
    }
}

/** The Colleague has ended, and stays so. */
async function assertEnded(group: Observed, { colleague, started }: Starter): Promise<void> {
    await assert.rejects(group.untilSettled(started), { code: 'destroyed' })
    await group.untilSettled(colleague.ended)
    await assert.rejects(colleague.requests.enter(async () => 'served'), { code: 'destroyed' })
    const { kibitzer } = colleague
    await group.advance(2000)
    assert.equal(colleague.kibitzer, kibitzer)
    assert.equal(kibitzer.destroyed, true)
}

describe('start of an exiled member', () => {
    const options = { patience: 2000, parliamentFloor: 1 }

    test('begins no second life if the owner destroys the Colleague at the exile', async () => {
        await using group = new Observed(options)
        const c = await group.wakeExile()
        c.colleague.kibitzer.destruction.wait(() => c.colleague.destroy())
        await assertEnded(group, c)
    })

    test('begins no second life if the owner destroys it while its journal moves', async () => {
        await using group = new Observed(options)
        const c = await group.wakeExile()
        group.onSetAside = () => c.colleague.destroy()
        await assertEnded(group, c)
    })

    test('begins no second life if the owner stops it while its journal moves', async () => {
        await using group = new Observed(options)
        const c = await group.wakeExile()
        let stopped: Promise<void> | null = null
        group.onSetAside = () => {
            stopped = c.colleague.stop()
        }
        await assertEnded(group, c)
        await (stopped ?? assert.fail('the journal has not moved'))
    })

    test('ends a second life that has begun', async () => {
        await using group = new Observed(options)
        const c = await group.wakeExile()
        const first = c.colleague.kibitzer
        await group.until(() => c.colleague.kibitzer !== first)
        c.colleague.destroy()
        await assertEnded(group, c)
    })

    test('takes the transport that was attached before start', async () => {
        await using group = new Observed(options)
        await group.exile()
        const journal = group.journalOf(group.stores.get('c') ?? assert.fail('c has no disk'))
        const colleague = group.create('c', new Counter(), { journal })
        let attachments = 0
        await colleague.attach((attachable) => {
            attachments++
            return group.attach('c', attachable)
        })
        await group.untilSettled(colleague.start(FOUNDERS))
        await group.untilSettled(colleague.publish({ add: 1 }))
        assert.equal(attachments, 2)
    })
})
