import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onAbort } from '../../../src/base/abort-signal.js'
import { endWithTests } from '../../support/children.js'
import { withoutCoverage } from '../../support/environment.js'
import { freePorts } from '../../support/free-port.js'
import { Resource } from './resource.js'
import { IDS, type LifeEvent, type MemberPlan } from './words.js'

/** The limit of a wait, in milliseconds. */
const WAIT_MS = 300_000

/** The events that the error of a wait shows. */
const SHOWN = 40

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** Three members with journals, each a process, and the resource that checks their tokens. */
export class DailyMembers implements AsyncDisposable {
    readonly events: LifeEvent[] = []
    readonly resource = new Resource()
    readonly #folder = mkdtempSync(join(tmpdir(), 'kibitz-daily-'))
    readonly #children = new Map<string, Child>()
    readonly #lives = new Map<string, number>()
    readonly #errors: string[] = []
    readonly #paused = new Set<string>()
    #ports: readonly number[] = []
    /** Called after each event, and after an end of a process that the test did not order. */
    #wake: () => void = () => {}
    #failure: Error | null = null

    /** Starts the three members. */
    static async open(): Promise<DailyMembers> {
        const members = new DailyMembers()
        members.#ports = await freePorts(IDS.length)
        members.resource.server.listen(0, '127.0.0.1')
        await once(members.resource.server, 'listening')
        for (const id of IDS) {
            members.start(id)
        }
        return members
    }

    /** The number of the present life of a member. */
    life(id: string): number {
        return this.#lives.get(id) ?? 0
    }

    /** Starts a member, with the journal that the member had before. */
    start(id: string): void {
        const life = this.life(id) + 1
        this.#lives.set(id, life)
        const { port: resource } = this.resource.server.address() as AddressInfo
        const plan: MemberPlan =
            { id, life, folder: join(this.#folder, id), ports: this.#ports, resource }
        const program = fileURLToPath(new URL('./member.js', import.meta.url))
        const child = endWithTests(spawn(process.execPath, [program, JSON.stringify(plan)],
            { env: { ...withoutCoverage(), KIBITZ_LOG: 'error' }, stdio: 'pipe' }))
        this.#children.set(id, child)
        createInterface(child.stdout).on('line', (line) => {
            this.events.push(JSON.parse(line) as LifeEvent)
            this.#wake()
        })
        createInterface(child.stderr).on('line', (line) => this.#errors.push(`${id} ${line}`))
        child.stdin.on('error', () => {})
        child.once('exit', (code, signal) => {
            if (this.#children.get(id) === child) {
                this.#failure = new Error(`${id} has ended: ${code ?? signal}`)
                this.#wake()
            }
        })
    }

    /** Ends a member: `SIGKILL` at once, `SIGTERM` as a service does. Resolves with the code. */
    async end(id: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
        const child = this.#child(id)
        this.#children.delete(id)
        // The output ends after the process: no event of the member is missing afterwards.
        const closed = once(child, 'close', { signal: AbortSignal.timeout(WAIT_MS) })
        child.kill(signal)
        await closed.catch((cause: unknown) => {
            child.kill('SIGKILL')
            throw new Error(`${id} does not end after ${signal}.\n${this.#story()}`, { cause })
        })
        return child.exitCode
    }

    /** Stops a member with SIGSTOP. */
    pause(id: string): void {
        this.#paused.add(id)
        this.#child(id).kill('SIGSTOP')
    }

    /** Continues a member. */
    continue(id: string): void {
        this.#paused.delete(id)
        this.#child(id).kill('SIGCONT')
    }

    /** Sends a line to a member. */
    order(id: string, text: string): void {
        this.#child(id).stdin.write(`${text}\n`)
    }

    /** Resolves with the first value that a function finds in the events so far. */
    async until<Found>(what: string, find: () => Found | undefined | false): Promise<Found> {
        const late = AbortSignal.timeout(WAIT_MS)
        for (;;) {
            const found = find()
            if (found !== undefined && found !== false) {
                return found
            }
            if (this.#failure !== null || late.aborted) {
                throw new Error(`${what}: ${this.#failure?.message ?? 'not within five minutes'}\n`
                    + this.#story())
            }
            const event = new Promise<void>((resolve) => { this.#wake = resolve })
            const forget = onAbort(late, () => this.#wake())
            await event
            forget()
        }
    }

    /** Resolves with the first event from an index on. */
    next<Event extends LifeEvent>(
        what: string, isSought: (event: LifeEvent) => event is Event, from: number
    ): Promise<Event> {
        return this.until(what, () => this.events.slice(from).find(isSought))
    }

    /** The leader of the republic, as the members that run see the leader. */
    leader(): string | undefined {
        return this.#views().find(({ view }) => view?.role === 'leader')?.id
    }

    /** Resolves when all members are up, one of them leads, and any one of them may end. */
    async untilWhole(): Promise<void> {
        await this.until('the republic is whole', () => {
            const leading = this.#views().filter(({ view }) => view?.role === 'leader')
            return this.#children.size === IDS.length && leading.length === 1
                && (leading[0]?.view?.tolerates ?? 0) >= 1
                && this.#views().every(({ view }) => view !== undefined)
        })
    }

    #views() {
        return [...this.#children.keys()].map((id) => ({
            id,
            view: this.events.filter((event) => event.kind === 'view').findLast((event) =>
                event.member === id && event.life === this.life(id))
        }))
    }

    #child(id: string): Child {
        const child = this.#children.get(id)
        if (child === undefined) {
            throw new Error(`${id} does not run.`)
        }
        return child
    }

    #story(): string {
        const shown = this.events.filter(({ kind }) => kind !== 'asks' && kind !== 'sees')
        return [...shown.slice(-SHOWN).map((event) => JSON.stringify(event)), ...this.#errors]
            .join('\n')
    }

    async [Symbol.asyncDispose](): Promise<void> {
        const children = [...this.#children.values()]
        this.#children.clear()
        await Promise.all(children.map(async (child) => {
            if (child.exitCode === null && child.signalCode === null) {
                const closed = once(child, 'close')
                child.kill('SIGKILL')
                await closed
            }
        }))
        this.resource.server.closeAllConnections()
        this.resource.server.close()
        rmSync(this.#folder, { recursive: true, force: true })
    }
}
