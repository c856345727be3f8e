import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Monotonic } from '../../src/base/monotonic.js'
import { Lan } from './lan.js'
import type { Observation } from './log.js'
import type {
    Manner, MemberAnswer, MemberOrder, MemberOrdered, MemberReport, Seats
} from './orders.js'

const PROGRAM = fileURLToPath(new URL('./member.js', import.meta.url))

/** An order that was given, and whoever waits for its answer. */
type Settle = (answer: MemberAnswer) => void

/** Why there is no answer. */
const GONE: MemberAnswer = { name: 'failed', code: 'gone', message: 'The process is gone.' }

/** Reasons to end: it was exiled, or it is a newcomer that nobody could hand a state to. */
const FAIR = new Set(['exiled', 'stateless', 'unreachable'])

/** Where an incarnation begins, under which name, and how it reads. */
export interface Birth {
    readonly machine: number
    readonly name: string
    readonly manner: Manner
}

/** One incarnation of a member: the process that is it, and all that was seen of it. */
export class Resident {
    readonly machine: number
    readonly id: string
    /** What tells it from other incarnations of the same id. */
    readonly name: string
    /** Every entry of its log that it told of. */
    readonly observations: Observation[] = []
    /** The newest government of its log; `null` before its admission. */
    seats: Seats | null = null
    role = ''
    /** Why it ended by itself; `null` while it did not. */
    code: string | null = null
    isReady = false
    isAlive = true
    isStopped = false
    /** Resolves once the process has ended and all it said was heard. */
    readonly ended: Promise<void>
    readonly #process: ChildProcess
    readonly #asked = new Map<number, Settle>()
    #tickets = 0
    #isExpendable = false

    /**
     * Starts the process on its machine. Calls back after whatever is heard of it; with an error,
     * if it ends and has no reason to.
     */
    constructor(
        lan: Lan,
        { machine, name, manner }: Birth,
        onMove: (error?: Error) => void
    ) {
        this.machine = machine
        this.id = `n${machine}`
        this.name = name
        this.#process = lan.node(machine, PROGRAM, this.id, Lan.address(machine), manner)
        this.#process.on('message', (report: MemberReport) => {
            this.#hear(report)
            onMove()
        })
        this.ended = new Promise((resolve) => {
            this.#process.once('close', (code, signal) => {
                this.isAlive = false
                for (const settle of this.#asked.values()) {
                    settle(GONE)
                }
                this.#asked.clear()
                resolve()
                const isFair = this.#isExpendable || (code === 0 && FAIR.has(this.code ?? ''))
                const how = `code ${code}, signal ${signal}, role ${this.role}, ${this.code}`
                onMove(isFair ? undefined : new Error(`${name} ended: ${how}.`))
            })
        })
    }

    /** The last entry it told of. */
    get last(): Monotonic {
        return this.observations.at(-1)?.promise ?? '0/0'
    }

    /** Orders the process to do something; who is gone has failed, who is stopped is awaited. */
    ask(order: MemberOrder): Promise<MemberAnswer> {
        return new Promise((resolve) => {
            if (!this.isAlive || !this.#process.connected) {
                resolve(GONE)
                return
            }
            const ticket = ++this.#tickets
            const ordered: MemberOrdered = { ticket, order }
            this.#asked.set(ticket, resolve)
            this.#process.send(ordered, (error) => {
                if (error !== null) {
                    this.#asked.delete(ticket)
                    resolve(GONE)
                }
            })
        })
    }

    /** SIGKILL: no last word. */
    kill(): void {
        this.#isExpendable = true
        this.isAlive = false
        this.#process.kill('SIGKILL')
    }

    /** SIGSTOP: it lives, and does nothing. */
    stop(): void {
        this.isStopped = true
        this.#process.kill('SIGSTOP')
    }

    /** SIGCONT: it goes on, and knows of nothing. */
    resume(): void {
        this.isStopped = false
        this.#process.kill('SIGCONT')
    }

    /** Lets it end by itself: that it does shows that its Kibitzer left nothing behind. */
    async dismiss(): Promise<void> {
        this.#isExpendable = true
        void this.ask({ name: 'stop' })
        await this.ended
    }

    #hear(report: MemberReport): void {
        switch (report.name) {
            case 'ready':
                this.isReady = true
                break
            case 'role':
                this.role = report.role
                break
            case 'ended':
                this.code ??= report.code
                break
            case 'governed':
                this.seats = report.government
                break
            case 'seen':
                for (const observation of report.observations) {
                    this.observations.push(observation)
                }
                break
            case 'answer':
                this.#asked.get(report.ticket)?.(report.answer)
                this.#asked.delete(report.ticket)
                break
            default:
                report satisfies never
        }
    }
}
