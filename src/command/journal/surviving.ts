import { buffer } from 'node:stream/consumers'
import type { Holdings, Journal, JournalStat } from '../../journal/journal.js'
import { oneByOne, readMany, readSnapshot } from '../../journal/reader.js'
import { Kibitzer } from '../../member/kibitzer.js'
import { Monotonic } from '../../base/monotonic.js'
import type { Government, LogEntry, Properties, Republic } from '../../paxos/messages/messages.js'
import { unpackAll } from '../../paxos/messages/run-encoding.js'
import { FolderError, inspect, type InspectedJournal } from './inspect.js'

/** What a journal holds of a republic. */
export interface Survivor {
    readonly journal: InspectedJournal
    readonly id: string
    readonly republic: Republic
    readonly founding: string
    readonly government: Government
    readonly properties: Properties
    /** The ballot under which the member accepted its last entries. */
    readonly accepted: string
    /** The last entry that the member holds, known to be committed or not. */
    readonly head: Monotonic
    /** The state of the application in the last snapshot; `null` if the log has no beginning. */
    readonly state: Buffer | null
    /** The values behind that state, in the order of the log. */
    readonly bodies: readonly unknown[]
}

/** A journal that reads a folder, and writes nothing. */
class ReadJournal implements Journal {
    readonly #journal: InspectedJournal
    #last: number

    constructor(journal: InspectedJournal) {
        this.#journal = journal
        this.#last = journal.scan.position.last
    }

    open(): Promise<Holdings> {
        const { first, position: { last }, contents: { snapshot } } = this.#journal.scan
        const through = snapshot === null ? null : { through: snapshot.through }
        return Promise.resolve({ snapshot: through, first, last })
    }

    async* readSnapshot(): AsyncGenerator<Uint8Array, void, undefined> {
        const { place, scan: { identity, contents: { snapshot } } } = this.#journal
        if (snapshot !== null) {
            yield* readSnapshot(place, identity, snapshot)
        }
    }

    async* readMany(from: number): AsyncGenerator<readonly Uint8Array[], void, undefined> {
        yield* readMany(this.#journal.place, this.#journal.scan, from)
    }

    async* read(from: number): AsyncGenerator<Uint8Array, void, undefined> {
        yield* oneByOne(this.readMany(from))
    }

    append(): number {
        this.#last++
        return this.#last
    }

    flush(): Promise<number> {
        return Promise.resolve(this.#last)
    }

    snapshot(): Promise<void> {
        return Promise.reject(new Error('This journal is read only.'))
    }

    stat(): JournalStat {
        const last = this.#last
        return {
            first: 1, last, stable: last, waiting: 0, commits: 0, segments: 0, size: 0,
            snapshot: null, snapshotSize: 0
        }
    }

    close(): Promise<void> {
        return Promise.resolve()
    }
}

/** Destroys a Kibitzer. Resolves after the Kibitzer has ended, and so has closed its journal. */
export function end(kibitzer: Kibitzer): Promise<unknown> {
    const ended = new Promise((resolve) => kibitzer.destruction.wait(resolve))
    kibitzer.destroy()
    return ended
}

/**
 * Reads the member of a folder: its republic, the state of its application, and every value behind
 * that state. Changes nothing.
 *
 * @throws FolderError if a process holds the folder, or if the folder holds no usable membership;
 * KibitzError if the journal is damaged.
 */
export async function surviving(folder: string): Promise<Survivor> {
    const journal = await inspect(folder)
    const { holders, place, scan: { identity: { owner } } } = journal
    if (holders.length > 0) {
        throw new FolderError(`${place.folder} is in use by ${holders.join(', ')}. Nothing was `
            + 'changed; stop the member first.')
    }
    const kibitzer = new Kibitzer({ id: owner, journal: new ReadJournal(journal), logger: false })
    const log = kibitzer.log.shifter()
    try {
        const { recovered, exiled, snapshot } = await kibitzer.recover()
        const state = snapshot === null ? null : await buffer(snapshot.state)
        const { paxos } = kibitzer
        const entries: LogEntry[] = []
        for (let entry = log.shift(); entry !== null; entry = log.shift()) {
            entries.push(entry)
        }
        const hasBeginning = state !== null || entries[0]?.promise === '1/0'
        if (!recovered || exiled || paxos.republic === null || !hasBeginning) {
            const reason = exiled ? 'of a member that was exiled' : 'without a state of the log'
            throw new FolderError(`${place.folder} is the journal ${reason}. Nothing was changed; `
                + 'name the folder of another member.')
        }
        const { republic, founding, government, committed } = paxos
        const { accepted, head } = paxos.inspect()
        const suffix = unpackAll(paxos.state().log.entries).filter(({ promise }) =>
            Monotonic.compare(promise, committed) > 0)
        const values = [...entries, ...suffix].flatMap(({ body }) =>
            'cookie' in body && body.body !== null ? [body.body] : [])
        return {
            journal, id: owner, republic, founding, government, accepted, head, state,
            properties: government.properties[owner] ?? null,
            bodies: values
        }
    } finally {
        await end(kibitzer)
    }
}

/**
 * The most advanced survivor. An acknowledged entry is in the suffix under the highest ballot, or
 * in the longest log under that ballot.
 *
 * @throws FolderError if the folders belong to different republics.
 */
export function mostAdvanced(survivors: readonly Survivor[]): Survivor {
    const [first, ...others] = survivors
    if (first === undefined) {
        throw new FolderError('No folder was named.')
    }
    return others.reduce((best, next) => {
        if (next.republic !== best.republic || next.founding !== best.founding) {
            throw new FolderError(`${best.journal.place.folder} and ${next.journal.place.folder} `
                + 'belong to different republics. Nothing was changed.')
        }
        const order = Monotonic.compare(next.accepted, best.accepted)
            || Monotonic.compare(next.head, best.head)
        return order > 0 ? next : best
    }, first)
}
