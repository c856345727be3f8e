import type { Attachable, Attachment, ColleagueOptions, StartOptions } from '../../src/index.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import { Counter } from './counter.js'
import { type Citizen, ColleagueGroup } from './colleague-group.js'

export const IDS = ['a', 'b', 'c'] as const
export const FOUNDERS: StartOptions = {
    founders: IDS, through: () => IDS.map((at) => ({ at }))
}

/** A process whose start may be under way. */
export interface Starter extends Citizen {
    readonly started: Promise<void>
}

/** Members with journals that call `start` with the same options at every start. */
export class Service extends ColleagueGroup {
    readonly stores = new Map<string, MemoryStore>()

    /** A process on the disk of the former process of this id, if there was one. */
    wake(
        id: string,
        options: StartOptions = FOUNDERS,
        given: Pick<ColleagueOptions, 'highestVersion'> = {}
    ): Starter {
        const store = this.stores.get(id) ?? new MemoryStore()
        this.stores.set(id, store)
        const application = new Counter()
        const journal = this.journalOf(store)
        const colleague = this.create(id, application, { ...given, journal })
        const attach = (attachable: Attachable): Attachment => this.attach(id, attachable)
        const started = colleague.start({ ...options, attach })
        started.catch(() => {})
        const starter = { id, colleague, application, started }
        this.citizensById.set(id, starter)
        return starter
    }

    /** The journal of a process on its disk. */
    journalOf(store: MemoryStore): MemoryJournal {
        return new MemoryJournal(store)
    }

    /** A process ends without notice; its disk keeps everything that was flushed. */
    async kill(id: string): Promise<void> {
        this.stores.get(id)?.crash()
        this.crash(id)
        await this.advance(10)
    }

    /** A process ends without notice, and its disk is lost. */
    async lose(id: string): Promise<void> {
        await this.kill(id)
        this.stores.delete(id)
    }

    foundings(): ReadonlySet<string> {
        return new Set(this.citizens.flatMap(({ colleague: { kibitzer: { paxos } } }) =>
            paxos.government.promise === '0/0' ? [] : [paxos.founding]))
    }
}

export type Three<T> = readonly [T, T, T]

export async function startAll(group: Service, ids: Three<string> = IDS): Promise<Three<Starter>> {
    const [a, b, c] = ids
    const starters: Three<Starter> = [group.wake(a), group.wake(b), group.wake(c)]
    for (const { started } of starters) {
        await group.untilSettled(started)
    }
    return starters
}
