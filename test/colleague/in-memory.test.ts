import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Colleague, inMemory, type StartOptions } from '../../src/index.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { Counter } from './counter.js'
import '../support/silence.js'

const FOUNDERS = ['a', 'b', 'c']
const OPTIONS = { islandName: 'i', parliamentSize: 3, parliamentFloor: 3, outOfBandTimeout: 300 }

interface Member {
    readonly colleague: Colleague<unknown, number>
    readonly application: Counter
}

/** The Colleagues of a network, each with its journal. */
class Service implements AsyncDisposable {
    readonly network = new MemoryNetwork()
    readonly #stores = new Map<string, MemoryStore>()
    readonly #members = new Map<string, Member>()

    /** Starts a member, with the journal that its id had before. */
    async start(id: string, options: Partial<StartOptions> = {}): Promise<void> {
        const store = this.#stores.get(id) ?? new MemoryStore()
        this.#stores.set(id, store)
        const journal = new MemoryJournal(store)
        const application = new Counter()
        const colleague = new Colleague<unknown, number>({
            ...OPTIONS, colleagueId: id, application, journal
        })
        this.#members.set(id, { colleague, application })
        await colleague.start({ attach: inMemory(this.network), founders: FOUNDERS, ...options })
    }

    /** Starts the founders at the same time. */
    async found(): Promise<void> {
        await Promise.all(FOUNDERS.map((id) => this.start(id)))
    }

    member(id: string): Member {
        const member = this.#members.get(id)
        assert.ok(member)
        return member
    }

    /** The total at a member after a barrier. */
    async total(id: string): Promise<number> {
        const { colleague, application } = this.member(id)
        await colleague.barrier()
        return application.total
    }

    async [Symbol.asyncDispose](): Promise<void> {
        for (const { colleague } of this.#members.values()) {
            colleague.destroy()
            await colleague.ended
        }
    }
}

describe('a service in memory', { timeout: 60_000 }, () => {
    test('is founded, gains a member with the state, and needs no address', async () => {
        await using service = new Service()
        await service.found()
        await service.member('b').colleague.publish({ add: 2 })
        await service.start('d')
        assert.equal(service.member('d').application.restorations, 1)
        await service.member('d').colleague.publish({ add: 3 })
        assert.deepEqual(
            await Promise.all(['a', 'b', 'c', 'd'].map((id) => service.total(id))), [5, 5, 5, 5])
        const { result } = await service.member('c').colleague.publish({ add: 1 })
        assert.equal(result, 6)
        const leader = service.member('d').colleague
        assert.deepEqual(await leader.outOfBand('total', 7), { total: 6, post: 7 })
    })

    test('keeps a member that returns with its journal', async () => {
        await using service = new Service()
        await service.found()
        await service.member('a').colleague.publish({ add: 2 })
        await service.member('b').colleague.stop()
        await service.member('a').colleague.publish({ add: 3 })
        await service.start('b')
        assert.equal(await service.total('b'), 5)
        const { immigrated } = service.member('b').colleague.kibitzer.status().government
        assert.equal(Object.keys(immigrated.promise).length, 3)
    })

    test('loses the questions of an isolated newcomer until the network heals', async () => {
        await using service = new Service()
        await service.found()
        service.network.isolate('d')
        const starting = service.start('d')
        const { colleague } = service.member('d')
        const asked = service.network.carries.bind(service.network)
        await new Promise<void>((resolve) => {
            service.network.carries = (from, to) => {
                setImmediate(from === 'd' ? resolve : () => {})
                return asked(from, to)
            }
        })
        assert.equal(colleague.kibitzer.status().republic, null)
        service.network.heal()
        await starting
        assert.equal(await service.total('d'), 0)
    })

    test('has each id once', async () => {
        await using service = new Service()
        await service.found()
        const other = new Colleague({
            ...OPTIONS, colleagueId: 'a', application: new Counter()
        })
        await assert.rejects(other.attach(inMemory(service.network)), { code: 'address-in-use' })
        other.destroy()
        await other.ended
    })

    test('rejects an argument that is no network', () => {
        assert.throws(() => inMemory({} as MemoryNetwork),
            { code: 'invalid-argument', message: /must be a MemoryNetwork/ })
    })
})
