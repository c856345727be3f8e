import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kibitzer, type KibitzerOptions, type LogEntry, type Recovered } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import type { Holdings, Journal, JournalStat } from '../../src/journal/journal.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import '../support/silence.js'

/** Short enough for a test, and long enough to restart a member before its exile. */
const PACE = { ping: 50, timeout: 2000 }

/** A journal whose machine can lose its power: unflushed records are then lost. */
export class Powered implements Journal {
    readonly #journal: Journal
    /** The error of every later flush. */
    failure: Error | null = null
    /** Every later flush waits for this promise. */
    halt: Promise<void> | null = null
    /** Called with the records of each flush, as text, after the flush. */
    onFlushed: (records: readonly string[]) => void = () => {}
    #isOn = true
    #last = 0
    #memory: Uint8Array[] = []

    constructor(journal: Journal) {
        this.#journal = journal
    }

    /** Later records are lost, and no later flush succeeds. */
    cut(): void {
        this.#isOn = false
        this.#memory = []
    }

    /** Releases the folder, as the system does for a dead process. */
    async release(): Promise<void> {
        await this.#journal.close()
    }

    async open(owner: string): Promise<Holdings> {
        const holdings = await this.#journal.open(owner)
        this.#last = holdings.last
        return holdings
    }

    readSnapshot(): AsyncIterable<Uint8Array> {
        return this.#journal.readSnapshot()
    }

    read(from: number): AsyncIterable<Uint8Array> {
        return this.#journal.read(from)
    }

    append(record: Uint8Array): number {
        this.#assertPower()
        this.#memory.push(Uint8Array.from(record))
        this.#last++
        return this.#last
    }

    async flush(): Promise<number> {
        await this.halt
        this.#assertPower()
        const records = this.#memory.map((record) => Buffer.from(record).toString())
        this.#empty()
        const through = await this.#journal.flush()
        this.#assertPower()
        this.onFlushed(records)
        return through
    }

    async snapshot(
        through: number,
        state: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
    ): Promise<void> {
        this.#assertPower()
        this.#empty()
        await this.#journal.snapshot(through, state)
        this.#assertPower()
    }

    stat(): JournalStat {
        return this.#journal.stat()
    }

    async close(): Promise<void> {
        if (this.#isOn) {
            await this.#journal.close()
        }
    }

    #assertPower(): void {
        if (!this.#isOn) {
            throw new Error('The power is gone.')
        }
        if (this.failure !== null) {
            throw this.failure
        }
    }

    #empty(): void {
        for (const record of this.#memory) {
            this.#journal.append(record)
        }
        this.#memory = []
    }
}

/** One process of a Household: a member, its journal, and its log. */
export interface Inhabitant {
    readonly kibitzer: Kibitzer
    readonly journal: Powered
    readonly recovered: Recovered
    readonly ended: Promise<Error | null>
    /** Every entry of the log since the start of the process. */
    readonly log: readonly LogEntry[]
    readonly seen: (isSo: () => boolean) => Promise<void>
}

/** Members in one process, each with a journal in a folder of its own, that talk in real time. */
export class Household implements AsyncDisposable {
    readonly folder: string = mkdtempSync(join(tmpdir(), 'kibitz-household-'))
    readonly network: MemoryNetwork = new MemoryNetwork({ wire: 'json' })
    readonly #options: Partial<KibitzerOptions>
    readonly #inhabitants = new Map<string, Inhabitant>()

    constructor(options: Partial<KibitzerOptions> = {}) {
        this.#options = options
    }

    /** A member that has come back from its folder, and listens. */
    async enter(id: string, options: Partial<KibitzerOptions> = {}): Promise<Inhabitant> {
        const journal = new Powered(new FileJournal(join(this.folder, id)))
        const kibitzer = new Kibitzer({ ...PACE, ...this.#options, ...options, id, journal })
        const log: LogEntry[] = []
        let waiting: { isSo: () => boolean; resolve: () => void }[] = []
        kibitzer.log.shifter().pump((entry) => {
            if (entry !== null) {
                log.push(entry)
                const met = waiting.filter(({ isSo }) => isSo())
                waiting = waiting.filter((one) => !met.includes(one))
                for (const { resolve } of met) {
                    resolve()
                }
            }
        })
        const seen = (isSo: () => boolean): Promise<void> =>
            new Promise((resolve) => {
                if (isSo()) {
                    resolve()
                } else {
                    waiting.push({ isSo, resolve })
                }
            })
        const recovered = await kibitzer.recover()
        this.network.attach(kibitzer)
        const ended = kibitzer.listen().then(() => null, (error: Error) => error)
        const inhabitant = { kibitzer, journal, recovered, ended, log, seen }
        this.#inhabitants.set(id, inhabitant)
        return inhabitant
    }

    /** A republic of these members, the first of them the founder, all of them seated. */
    async settle(...ids: readonly string[]): Promise<readonly Inhabitant[]> {
        const [founder = 'a', ...others] = ids
        const first = await this.enter(founder)
        first.kibitzer.bootstrap('republic', { memory: founder })
        const all = [first]
        for (const id of others) {
            const inhabitant = await this.enter(id)
            const { kibitzer } = inhabitant
            await kibitzer.join('republic', { memory: founder }, { memory: id })
            await inhabitant.seen(() => kibitzer.paxos.government.promise !== '0/0')
            kibitzer.naturalize()
            all.push(inhabitant)
        }
        const isSeated = (): boolean => seats(first.log.at(-1), first) === ids.length
        await first.seen(isSeated)
        return all
    }

    /** A member by its name. */
    inhabitant(id: string): Inhabitant {
        const inhabitant = this.#inhabitants.get(id)
        assert(inhabitant !== undefined, `${id} was never there`)
        return inhabitant
    }

    /** The machines of these members lose their power at once; then their folders are free. */
    async kill(...ids: readonly string[]): Promise<void> {
        const victims = ids.map((id) => this.inhabitant(id))
        for (const { kibitzer, journal } of victims) {
            journal.cut()
            this.network.detach(kibitzer.id)
        }
        for (const { kibitzer, journal } of victims) {
            kibitzer.destroy()
            await journal.release()
            this.#inhabitants.delete(kibitzer.id)
        }
    }

    /** Empties the folder of a member, as a new machine would. */
    clear(id: string): void {
        rmSync(join(this.folder, id), { recursive: true })
    }

    async [Symbol.asyncDispose](): Promise<void> {
        for (const { kibitzer } of this.#inhabitants.values()) {
            kibitzer.destroy()
        }
        for (const { ended } of this.#inhabitants.values()) {
            await ended
        }
        rmSync(this.folder, { recursive: true })
    }
}

function seats(entry: LogEntry | undefined, { kibitzer }: Inhabitant): number {
    const { majority, minority } = kibitzer.paxos.government
    return entry === undefined ? 0 : majority.length + minority.length
}

/** The values that were published, in the order of a log. */
export function values(log: readonly LogEntry[]): readonly unknown[] {
    return log.flatMap((entry) => {
        return entry.method === 'entry' && entry.body.body !== null ? [entry.body.body] : []
    })
}
