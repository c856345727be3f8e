import { join } from 'node:path'
import { Monotonic } from '../../base/monotonic.js'
import { audit } from './compare-logs.js'
import { Child } from './child-process.js'
import { DemoClient, type DemoRecovery, type Supply } from './client.js'
import type { Kept, KeptGovernment, LedgerLine } from './ledger.js'
import type { Report } from './member.js'
import type { DemoOptions } from './options.js'
import type { Progress } from './progress.js'
import { RunWait } from './run-wait.js'
import type { Blackout, Interregnum, Result } from './result-table.js'
import type { Text } from './texts.js'

/** What of the options tells how a run goes. */
type RunOptions = Pick<DemoOptions, 'members' | 'journal' | 'killAll'>

const REPUBLIC = 'demo'
const NAMES = [...'abcdefghijklmnopqrstuvwxyz']

/** One run of the demonstration: the processes, the clients, and what is known of both. */
export class DemoRun {
    readonly #text: Text
    /** The folder of all journals; `null` where there are none. */
    readonly #journal: string | null
    readonly #killsAll: boolean
    readonly #progress: Progress
    readonly #publishers: readonly string[]
    readonly #clients: readonly DemoClient[]
    readonly #members = new Map<string, Child>()
    readonly #exiled = new Set<string>()
    /** Which member replaces an exiled one. */
    readonly #heirs = new Map<string, string>()
    readonly #recoveries: DemoRecovery[] = []
    /** The newest government of each member's log. */
    readonly #known = new Map<string, Monotonic>()
    readonly #wait = new RunWait((reason) => this.fail(reason))
    /** The newest government that was heard of. */
    #government: KeptGovernment | null = null
    #taken = 0
    #settled = 0

    constructor(text: Text, options: RunOptions, progress: Progress) {
        const { members, journal, killAll } = options
        this.#text = text
        this.#journal = journal ?? null
        this.#killsAll = killAll === true
        this.#progress = progress
        this.#publishers = NAMES.slice(0, members)
        const supply: Supply = {
            take: (publisher) => this.#take(publisher),
            onSettled: () => this.#onSettled()
        }
        this.#clients = this.#publishers.map((publisher) => new DemoClient(publisher, supply))
    }

    /** The whole story. Whatever its end, no process is left when this settles. */
    async tell(): Promise<Result> {
        const { name, lines, isCut } = this.#text
        try {
            await this.#gather()
            const beganAt = performance.now()
            for (const client of this.#clients) {
                client.start(this.#member(client.publisher))
            }
            await this.#wait.until(() => this.#settled * 2 >= lines.length && this.#isSeated)
            const before = { lines: this.#settled, ms: performance.now() - beganAt }
            const outage = this.#killsAll ? await this.#blackOut() : await this.#decapitate()
            await this.#wait.until(() => this.#settled === lines.length)
            const publishedMs = performance.now() - beganAt
            const exile = 'from' in outage ? outage.from : null
            await this.#wait.until(() => (!exile || this.#exiled.has(exile)) && this.#isSeated)
            const logs = await this.#collect()
            return {
                text: { name, lines: lines.length, isCut },
                verdict: audit(lines, logs),
                log: [...logs.values()][0] ?? [],
                publishedMs,
                before,
                outage,
                recoveries: this.#recoveries
            }
        } catch (error) {
            // What a failure breaks is not its cause.
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

    /** Starts as many processes as were asked for, and makes one republic of them. */
    async #gather(): Promise<void> {
        const members = this.#publishers.map((id) => this.#start(id))
        await this.#wait.until(() => members.every(({ url }) => url !== ''))
        const [founder, ...others] = members
        await founder?.found(REPUBLIC)
        await Promise.all(others.map((other) => this.#admit(other, [founder?.url ?? ''])))
        await this.#wait.until(() => this.#isSeated)
    }

    /** Kills the leader, and waits until there is another. */
    async #decapitate(): Promise<Interregnum> {
        const from = this.#leader
        const killedAt = performance.now()
        this.#member(from).kill()
        this.#progress.tell(`SIGKILL for ${from}, the leader`)
        await this.#wait.until(() => this.#leader !== from)
        const { promise } = this.#government ?? { promise: '0/0' }
        return { from, to: this.#leader, promise, ms: performance.now() - killedAt }
    }

    /** Kills every member, and waits until all are back and have finished what they published. */
    async #blackOut(): Promise<Blackout> {
        const victims = [...this.#members.values()]
        const killedAt = performance.now()
        for (const victim of victims) {
            victim.kill()
        }
        this.#progress.tell(`SIGKILL for all: ${victims.map(({ id }) => id).join(', ')}`)
        await Promise.all(victims.map(({ ended }) => ended))
        const again = victims.map(({ id, url }) => this.#start(id, url))
        await this.#wait.until(() => again.every(({ url }) => url !== ''))
        for (const client of this.#clients) {
            const member = this.#member(client.publisher)
            // Publishes keep their order: what is not before the barrier was never written down.
            await member.barrier()
            await this.#resume(client, member)
        }
        const records = again.map(({ id, records: each }) => [id, each] as const)
        return { ms: performance.now() - killedAt, records }
    }

    /** Lets another member join, and whoever published through the lost one go on through it. */
    async #replace(lost: string): Promise<void> {
        const name = NAMES[this.#members.size]
        if (name === undefined) {
            throw new Error(`Too many members were exiled; the last is ${lost}.`)
        }
        const urls = this.#survivors.map(({ url }) => url)
        const newcomer = this.#start(name)
        this.#heirs.set(lost, name)
        await this.#wait.until(() => newcomer.url !== '')
        await this.#admit(newcomer, urls)
        await this.#wait.until(() => this.#exiled.has(name) ||
            this.#government?.naturalized.includes(name) === true)
        for (const client of this.#clients) {
            if (client.through !== null && this.#member(client.through) === newcomer) {
                // Its state is that of its admission or newer, which is behind the exile.
                await this.#resume(client, newcomer)
            }
        }
    }

    /** Waits for an admission. If the member is exiled meanwhile, its heir joins instead. */
    async #admit(member: Child, urls: readonly string[]): Promise<void> {
        await member.join(REPUBLIC, urls).catch((error: Error) => {
            if (!this.#exiled.has(member.id)) {
                throw error
            }
        })
    }

    /** The log of everyone who is left, up to and with the same entry. */
    async #collect(): Promise<Map<string, readonly Kept[]>> {
        const survivors = this.#survivors
        const through = (await survivors[0]?.barrier()) ?? '0/0'
        const logs = survivors.map(async (member) => {
            return [member.id, await member.log(through)] as const
        })
        return new Map(await Promise.all(logs))
    }

    /**
     * Whether every seat is taken and every member lives and knows it. Until they know it, a new
     * parliament cannot do without the one before.
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

    get #survivors(): Child[] {
        return [...this.#members.values()].filter(({ isAlive }) => isAlive)
    }

    get #leader(): string {
        return this.#government?.majority[0] ?? ''
    }

    /** A member; if it was exiled, the member that replaces it. */
    #member(id: string): Child {
        const heir = this.#heirs.get(id)
        const member = heir === undefined ? this.#members.get(id) : this.#member(heir)
        if (member === undefined) {
            throw new Error(`There is no member ${id}.`)
        }
        return member
    }

    #start(id: string, url: string = ''): Child {
        const folder = this.#journal === null ? null : join(this.#journal, id)
        const member = new Child(
            id,
            { folder, url },
            (report) => this.#onReport(id, report),
            (code) => this.#onEnd(id, code)
        )
        this.#members.set(id, member)
        this.#progress.tell(`${id} is process ${member.pid}`)
        return member
    }

    async #resume(client: DemoClient, member: Child): Promise<void> {
        const recovery = await client.resume(member)
        const { publisher, through, found, absent } = recovery
        const unsettled = `${found + absent} unsettled lines of ${publisher}`
        this.#progress.tell(`${unsettled}: ${found} in the log, ${absent} again through ${through}`)
        this.#recoveries.push(recovery)
    }

    #onReport(id: string, report: Report): void {
        if (report.name === 'government') {
            const { government } = report
            const { promise, change, exiled } = government
            this.#known.set(id, promise)
            if (Monotonic.compare(promise, this.#government?.promise ?? '0/0') > 0) {
                this.#government = government
                this.#progress.tell(`${promise}: ${change}`)
            }
            if (exiled !== null && !this.#exiled.has(exiled) && this.#wait.failure === null) {
                this.#onExile(exiled)
            }
        }
        this.#wait.notify()
    }

    #onExile(id: string): void {
        this.#exiled.add(id)
        // Whoever was exiled though it lives was too slow for this republic.
        this.#members.get(id)?.kill()
        this.#replace(id).catch((error: Error) => this.fail(error))
    }

    #onEnd(id: string, code: number): void {
        // An exiled member has an heir.
        if (code !== 0 && !this.#exiled.has(id)) {
            this.fail(new Error(`${id} ended with code ${code}.`))
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
