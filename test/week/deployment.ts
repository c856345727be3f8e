import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../support/free-port.js'
import { start } from './start.js'
import type { Order, Page, Pod, PodOptions, PodPlan, Report, Sight } from './words.js'

/** How long a step may take on a busy machine, in milliseconds. */
const DEADLINE_MS = 120_000
const FOUNDERS = ['pod-0', 'pod-1', 'pod-2']

/** The options of a pod at its first start. */
const OPTIONS: PodOptions = {
    ping: 100, timeout: 500, parliamentSize: 5, history: 100_000, snapshotEvery: 2 ** 26
}

/** The pods of a StatefulSet, each a process, and clients in a process of their own. */
export class Deployment implements AsyncDisposable {
    /** The options of the pods that start from now on. */
    options: PodOptions = OPTIONS
    readonly #folder: string
    readonly #clients: ChildProcess
    readonly #pods = new Map<string, Pod>()
    readonly #processes = new Map<string, ChildProcess>()
    #report: Report | null = null
    #order = 0
    /** Whether the file of contacts lists the pods. */
    #hasContacts = true
    #unable: readonly string[] = []
    /** Called after each report, and after an end of a process that the test did not order. */
    #wake: () => void = () => {}
    #failure: Error | null = null

    constructor(folder: string) {
        this.#folder = folder
        this.#clients = start('./clients.js', [])
        this.#clients.on('message', (report) => {
            this.#report = report as Report
            this.#wake()
        })
        this.#watch('the clients', this.#clients)
    }

    get ids(): readonly string[] {
        return [...this.#processes.keys()]
    }

    get acknowledged(): number {
        return this.#report?.acknowledged ?? 0
    }

    get poison(): number | null {
        return this.#report?.poison ?? null
    }

    /** The folder of the journal of a pod. */
    folderOf(id: string): string {
        return join(this.#folder, id, 'journal')
    }

    /** Starts a pod, with the same call at every start. */
    async start(id: string): Promise<void> {
        const known = this.#pods.get(id)
        const pod = known ?? { id, port: await freePort(), clientPort: await freePort() }
        this.#pods.set(id, pod)
        const contacts = join(this.#folder, 'contacts')
        const listed = this.#hasContacts ? [...this.#pods.values()] : []
        writeFileSync(contacts, listed.map(({ port }) => `127.0.0.1:${port}\n`).join(''))
        const { options } = this
        const plan: PodPlan =
            { ...pod, folder: this.folderOf(id), contacts, founders: FOUNDERS, options }
        const child = start('./pod.js', [JSON.stringify(plan)])
        this.#processes.set(id, child)
        this.#watch(id, child)
        this.#tell()
    }

    /** Ends a pod: `SIGKILL` without notice, `SIGTERM` as Kubernetes does. */
    async end(id: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
        const child = this.#processes.get(id)
        assert.ok(child, `${id} does not run`)
        this.#processes.delete(id)
        const ended = once(child, 'exit')
        child.kill(signal)
        await ended
    }

    /** Resolves with the exit code of a pod that ends by itself, after `cause` was called. */
    async untilEnded(id: string, cause: () => void): Promise<number | null> {
        const child = this.#processes.get(id)
        assert.ok(child, `${id} does not run`)
        this.#processes.delete(id)
        cause()
        await this.until(`${id} ends`, () => child.exitCode !== null || child.signalCode !== null)
        return child.exitCode
    }

    /** Gives a pod another address at its next start. */
    move(id: string): void {
        this.#pods.delete(id)
    }

    /** Whether a starting pod finds addresses in the file of contacts, or only in its journal. */
    listContacts(hasContacts: boolean): void {
        this.#hasContacts = hasContacts
    }

    /** Resolves after every pod knows the address of every pod. */
    async untilMoved(): Promise<void> {
        await this.until('every pod knows every address', () => this.ids.every((id) => {
            const known = this.sight(id)?.health?.government.properties
            return this.ids.every((other) => {
                const port = this.#pods.get(other)?.port
                return known?.[other]?.url === `http://127.0.0.1:${port}/kibitz`
            })
        }))
    }

    /** The promise of the admission of each pod, as a pod knows it. */
    admissions(id: string): Readonly<Record<string, string>> | undefined {
        return this.sight(id)?.health?.government.immigrated.promise
    }

    /** Removes the disk of a pod that has ended. */
    lose(id: string): void {
        rmSync(this.folderOf(id), { recursive: true })
    }

    /** A pod gives its seat up for good. */
    async remove(id: string): Promise<void> {
        const pod = this.#pods.get(id)
        const child = this.#processes.get(id)
        assert.ok(pod && child)
        this.#processes.delete(id)
        const ended = once(child, 'exit')
        const response = await fetch(`http://127.0.0.1:${pod.clientPort}/`, { method: 'DELETE' })
        assert.equal(response.status, 200, await response.text())
        child.kill('SIGTERM')
        await ended
        this.#pods.delete(id)
        this.#tell()
    }

    /** An operator asks the leader for the exile of a pod that never returns. */
    async exile(id: string): Promise<void> {
        this.#pods.delete(id)
        this.#tell()
        await this.until('another pod leads', () => ![null, id].includes(this.leader))
        const port = this.#pods.get(this.leader ?? '')?.clientPort
        const response = await fetch(`http://127.0.0.1:${port}/${id}`, { method: 'DELETE' })
        assert.equal(response.status, 200, await response.text())
    }

    /** From now on these pods must neither be ready nor answer a client. */
    async forbid(...ids: readonly string[]): Promise<void> {
        this.#unable = ids
        await this.#tellAndWait()
    }

    /** A client sends a value that the service cannot apply. */
    async sendPoison(): Promise<void> {
        await this.#tellAndWait({ poison: true })
        await this.until('a pod answers to the poison', () => this.poison !== null)
    }

    /** The longest waits since the last call, in milliseconds: of a write, and of the clients. */
    async longestWaits(): Promise<Pick<Report, 'longestMs' | 'stalledMs'>> {
        const { longestMs = 0, stalledMs = 0 } = this.#report ?? {}
        await this.#tellAndWait({ isMeasuredAnew: true })
        return { longestMs, stalledMs }
    }

    /** The leader, as the leader itself knows; `null` while no pod leads. */
    get leader(): string | null {
        return this.#report?.sights.find(({ id, health }) => health?.leader === id)?.id ?? null
    }

    /** The citizens of the republic, as the leader knows them. */
    get citizens(): readonly string[] {
        const led = this.#report?.sights.find(({ id, health }) => health?.leader === id)
        const { majority = [], minority = [], constituents = [] } = led?.health?.government ?? {}
        return [...majority, ...minority, ...constituents]
    }

    /** Resolves after so many further rounds of probes. */
    async untilProbed(count: number): Promise<void> {
        const goal = (this.#report?.rounds ?? 0) + count
        await this.until('the pods are probed', () => (this.#report?.rounds ?? 0) >= goal)
    }

    /** What the load balancer sees of a pod. */
    sight(id: string): Sight | undefined {
        return this.#report?.sights.find((sight) => sight.id === id)
    }

    /** Resolves after all pods are ready, and the republic tolerates so many failures. */
    async untilWhole(tolerates: number): Promise<void> {
        await this.until(`all pods are ready and ${tolerates} may fail`, () => {
            const sights = this.ids.map((id) => this.sight(id))
            // An earlier report may show a former process of a pod.
            return this.#report?.order === this.#order
                && sights.every((sight) => sight?.isReady === true)
                && sights.some((sight) => (sight?.health?.tolerance.tolerates ?? 0) >= tolerates)
        })
    }

    /** Resolves after the clients have written so many further values. */
    async untilWritten(count: number): Promise<void> {
        const goal = this.acknowledged + count
        await this.until(`${count} writes are served`, () => this.acknowledged >= goal)
    }

    /** Reads the whole log from a pod that is ready. */
    async read(id: string): Promise<Page> {
        const response = await fetch(`http://127.0.0.1:${this.#pods.get(id)?.clientPort}/0`)
        return await response.json() as Page
    }

    /** Reads the whole log from every pod. All pods show the same log. */
    async untilLevel(): Promise<void> {
        // The clients go on writing while the pods answer.
        const { acknowledged } = this
        const pages = await Promise.all(this.ids.map((id) => this.read(id)))
        const [first] = pages.map(({ values }) => values).sort((a, b) => a.length - b.length)
        assert.ok(first && first.length >= acknowledged,
            `${first?.length} of ${acknowledged} acknowledged values are in the shortest log`)
        assert.equal(new Set(first).size, first.length, 'each value is in the log once')
        for (const { values } of pages) {
            assert.deepEqual(values.slice(0, first.length), first)
        }
    }

    /** Resolves after a condition holds. Rejects after a fault, and after the deadline. */
    async until(what: string, isSo: () => boolean): Promise<void> {
        const fail = (): void => {
            this.#failure ??= new Error(`never: ${what}: ${JSON.stringify(this.#report)}`)
            this.#wake()
        }
        // Deadline: a condition that does not hold by then fails the test.
        const deadline = setTimeout(() => fail(), DEADLINE_MS)
        try {
            this.#check()
            while (!isSo()) {
                await new Promise<void>((resolve) => {
                    this.#wake = resolve
                })
                this.#check()
            }
        } finally {
            clearTimeout(deadline)
        }
    }

    async [Symbol.asyncDispose](): Promise<void> {
        this.#clients.removeAllListeners('exit')
        const children = [...this.#processes.values(), this.#clients]
        this.#processes.clear()
        for (const child of children) {
            child.kill('SIGKILL')
        }
        await Promise.all(children.map((child) => child.exitCode === null
            && child.signalCode === null ? once(child, 'exit') : null))
    }

    #check(): void {
        if (this.#failure !== null) {
            throw this.#failure
        }
        assert.deepEqual(this.#report?.faults ?? [], [])
    }

    #watch(name: string, child: ChildProcess): void {
        child.on('exit', (code, signal) => {
            if (this.#processes.get(name) === child || child === this.#clients) {
                this.#failure ??= new Error(`${name} has ended by itself: ${code ?? signal}`)
                this.#wake()
            }
        })
    }

    async #tellAndWait(wishes: Partial<Order> = {}): Promise<void> {
        const order = this.#tell(wishes)
        await this.until('the clients follow', () => this.#report?.order === order)
    }

    #tell(wishes: Partial<Order> = {}): number {
        const order: Order = {
            poison: false, isMeasuredAnew: false, ...wishes,
            order: ++this.#order, pods: [...this.#pods.values()], unable: this.#unable
        }
        this.#clients.send(order)
        return this.#order
    }
}
