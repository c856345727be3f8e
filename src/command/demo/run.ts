import { join } from 'node:path'
import { Monotonic } from '../../base/monotonic.js'
import { compareLogs } from './compare-logs.js'
import { DemoProcess } from './child-process.js'
import { DemoClient, type DemoRecovery, type LineSource } from './client.js'
import type { LedgerEntry, LedgerGovernment, LedgerLine } from './ledger.js'
import type { Report } from './member.js'
import type { DemoOptions } from './options.js'
import type { Progress } from './progress.js'
import { RunWait } from './run-wait.js'
import type { FullOutage, LeaderOutage, Result } from './result-table.js'
import type { Text } from './texts.js'

/** The options that control a run. */
type RunOptions = Pick<DemoOptions, 'members' | 'journal' | 'killAll'>

const REPUBLIC = 'demo'
const NAMES = [...'abcdefghijklmnopqrstuvwxyz']

/** One run of the demo: starts the processes and the clients, and follows their reports. */
export class DemoRun {
    readonly #text: Text
    /** The folder of all journals; `null` if the members have no journals. */
    readonly #journal: string | null
    readonly #killsAll: boolean
    readonly #progress: Progress
    readonly #publishers: readonly string[]
    readonly #clients: readonly DemoClient[]
    readonly #members = new Map<string, DemoProcess>()
    readonly #exiled = new Set<string>()
    /** The replacement of each exiled member, by id. */
    readonly #replacements = new Map<string, string>()
    readonly #recoveries: DemoRecovery[] = []
    /** The newest government in the log of each member. */
    readonly #known = new Map<string, Monotonic>()
    readonly #wait = new RunWait((reason) => this.fail(reason))
    /** The newest government that a member has reported. */
    #government: LedgerGovernment | null = null
    #taken = 0
    #settled = 0

    constructor(text: Text, options: RunOptions, progress: Progress) {
        const { members, journal, killAll } = options
        this.#text = text
        this.#journal = journal ?? null
        this.#killsAll = killAll === true
        this.#progress = progress
        this.#publishers = NAMES.slice(0, members)
        const supply: LineSource = {
            take: (publisher) => this.#take(publisher),
            onSettled: () => this.#onSettled()
        }
        this.#clients = this.#publishers.map((publisher) => new DemoClient(publisher, supply))
    }

    /** Runs the demo to its end. Settles after every process has ended. */
    async finish(): Promise<Result> {
        const { name, lines, isCut } = this.#text
        try {
            await this.#startRepublic()
            const beganAt = performance.now()
            for (const client of this.#clients) {
                client.start(this.#member(client.publisher))
            }
            await this.#wait.until(() => this.#settled * 2 >= lines.length && this.#isSeated)
            const before = { lines: this.#settled, ms: performance.now() - beganAt }
            const outage = this.#killsAll ? await this.#killAll() : await this.#killLeader()
            await this.#wait.until(() => this.#settled === lines.length)
            const publishedMs = performance.now() - beganAt
            const exile = 'from' in outage ? outage.from : null
            await this.#wait.until(() => (!exile || this.#exiled.has(exile)) && this.#isSeated)
            const logs = await this.#collectLogs()
            return {
                text: { name, lines: lines.length, isCut },
                verdict: compareLogs(lines, logs),
                log: [...logs.values()][0] ?? [],
                publishedMs,
                before,
                outage,
                recoveries: this.#recoveries
            }
        } catch (error) {
            // The first failure is the cause; the failure has also ended every other wait.
            throw this.#wait.failure ?? error
        } finally {
            this.#wait.end()
            await this.#stop()
        }
    }

    /** Ends the run early. */
    fail(reason: Error): void {
        this.#wait.fail(reason)
        void this.#stop()
    }

    /** Starts the processes; the first founds a republic, and the others join. */
    async #startRepublic(): Promise<void> {
        const members = this.#publishers.map((id) => this.#start(id))
        await this.#wait.until(() => members.every(({ url }) => url !== ''))
        const [founder, ...others] = members
        await founder?.found(REPUBLIC)
        await Promise.all(others.map((other) => this.#admit(other, [founder?.url ?? ''])))
        await this.#wait.until(() => this.#isSeated)
    }

    /** Kills the leader, and waits for the next leader. */
    async #killLeader(): Promise<LeaderOutage> {
        const from = this.#leader
        const killedAt = performance.now()
        this.#member(from).kill()
        this.#progress.print(`SIGKILL for ${from}, the leader`)
        await this.#wait.until(() => this.#leader !== from)
        const { promise } = this.#government ?? { promise: '0/0' }
        return { from, to: this.#leader, promise, ms: performance.now() - killedAt }
    }

    /** Kills and restarts every member, and settles the lines that were unsettled at the kill. */
    async #killAll(): Promise<FullOutage> {
        const victims = [...this.#members.values()]
        const killedAt = performance.now()
        for (const victim of victims) {
            victim.kill()
        }
        this.#progress.print(`SIGKILL for all: ${victims.map(({ id }) => id).join(', ')}`)
        await Promise.all(victims.map(({ ended }) => ended))
        const restarted = victims.map(({ id, url }) => this.#start(id, url))
        await this.#wait.until(() => restarted.every(({ url }) => url !== ''))
        for (const client of this.#clients) {
            const member = this.#member(client.publisher)
            // The publishes of a member keep their order. So a line that is not before the barrier
            // was never in the member's journal.
            await member.barrier()
            await this.#resume(client, member)
        }
        const records = restarted.map(({ id, records: each }) => [id, each] as const)
        return { ms: performance.now() - killedAt, records }
    }

    /** Starts a newcomer; the clients of the lost member continue through the newcomer. */
    async #replace(lost: string): Promise<void> {
        const name = NAMES[this.#members.size]
        if (name === undefined) {
            throw new Error(`Too many members were exiled; the last is ${lost}.`)
        }
        const urls = this.#survivors.map(({ url }) => url)
        const newcomer = this.#start(name)
        this.#replacements.set(lost, name)
        await this.#wait.until(() => newcomer.url !== '')
        await this.#admit(newcomer, urls)
        await this.#wait.until(() => this.#exiled.has(name) ||
            this.#government?.naturalized.includes(name) === true)
        for (const client of this.#clients) {
            if (client.through !== null && this.#member(client.through) === newcomer) {
                // The newcomer's state is as of its admission or later, so after the exile.
                await this.#resume(client, newcomer)
            }
        }
    }

    /** Waits for an admission. If the member is exiled first, its replacement joins instead. */
    async #admit(member: DemoProcess, urls: readonly string[]): Promise<void> {
        await member.join(REPUBLIC, urls).catch((error: Error) => {
            if (!this.#exiled.has(member.id)) {
                throw error
            }
        })
    }

    /** The logs of all surviving members, through the same entry. */
    async #collectLogs(): Promise<Map<string, readonly LedgerEntry[]>> {
        const survivors = this.#survivors
        const through = (await survivors[0]?.barrier()) ?? '0/0'
        const logs = survivors.map(async (member) => {
            return [member.id, await member.log(through)] as const
        })
        return new Map(await Promise.all(logs))
    }

    /**
     * Whether every seat is taken, and every member lives and has received the newest government.
     * Before the members have received the new parliament, the next election still needs the
     * former parliament.
     */
    get #isSeated(): boolean {
        const { majority = [], minority = [], naturalized = [], promise } = this.#government ?? {}
        const size = Math.min(5, this.#publishers.length)
        const survivors = this.#survivors
        return (
            majority.length + minority.length === size - ((size + 1) % 2) &&
            survivors.length === this.#publishers.length &&
            survivors.every(({ id }) => naturalized.includes(id) && this.#known.get(id) === promise)
        )
    }

    get #survivors(): DemoProcess[] {
        return [...this.#members.values()].filter(({ isAlive }) => isAlive)
    }

    get #leader(): string {
        return this.#government?.majority[0] ?? ''
    }

    /** A member; the replacement if the member was exiled. */
    #member(id: string): DemoProcess {
        const next = this.#replacements.get(id)
        const member = next === undefined ? this.#members.get(id) : this.#member(next)
        if (member === undefined) {
            throw new Error(`There is no member ${id}.`)
        }
        return member
    }

    #start(id: string, url: string = ''): DemoProcess {
        const folder = this.#journal === null ? null : join(this.#journal, id)
        const member = new DemoProcess(
            id,
            { folder, url },
            (report) => this.#onReport(id, report),
            (code) => this.#onEnd(id, code)
        )
        this.#members.set(id, member)
        this.#progress.print(`${id} is process ${member.pid}`)
        return member
    }

    async #resume(client: DemoClient, member: DemoProcess): Promise<void> {
        const recovery = await client.resume(member)
        const { publisher, through, found, absent } = recovery
        const unsettled = `${found + absent} unsettled lines of ${publisher}`
        const again = `${absent} again through ${through}`
        this.#progress.print(`${unsettled}: ${found} in the log, ${again}`)
        this.#recoveries.push(recovery)
    }

    #onReport(id: string, report: Report): void {
        if (report.name === 'government') {
            const { government } = report
            const { promise, change, exiled } = government
            this.#known.set(id, promise)
            if (Monotonic.compare(promise, this.#government?.promise ?? '0/0') > 0) {
                this.#government = government
                this.#progress.print(`${promise}: ${change}`)
            }
            if (exiled !== null && !this.#exiled.has(exiled) && this.#wait.failure === null) {
                this.#onExile(exiled)
            }
        }
        this.#wait.notify()
    }

    #onExile(id: string): void {
        this.#exiled.add(id)
        // An exiled member may still live: the member was too slow for the republic.
        this.#members.get(id)?.kill()
        this.#replace(id).catch((error: Error) => this.fail(error))
    }

    #onEnd(id: string, code: number): void {
        // An exiled member has a replacement.
        if (code !== 0 && !this.#exiled.has(id)) {
            this.fail(new Error(`The process of ${id} has ended with exit code ${code}.`))
        }
        this.#wait.notify()
    }

    #take(publisher: string): LedgerLine | null {
        const text = this.#text.lines[this.#taken]
        if (text === undefined) {
            return null
        }
        this.#taken++
        return { publisher, number: this.#taken, text }
    }

    #onSettled(): void {
        this.#settled++
        this.#progress.show(this.#settled)
        this.#wait.notify()
    }

    async #stop(): Promise<void> {
        await Promise.all([...this.#members.values()].map((member) => member.stop()))
    }
}
