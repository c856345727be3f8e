import { type ChildProcess, fork, type StdioOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Kept, LedgerLine } from './ledger.js'
import type { Answers, MemberCommand, Ordered, Report } from './member.js'

/** The program itself: a member's process is this one with another command. */
const PROGRAM = fileURLToPath(new URL('../kibitz.js', import.meta.url))

/** How a member's process begins. */
export interface ChildStart {
    /** Where its journal is; `null` where it has none. */
    readonly folder: string | null
    /** Where it was reached before; empty where it was not there before. */
    readonly url: string
}

/** What a member says it says to its parent; only what kills it goes to standard error. */
const STDIO: StdioOptions = ['ignore', 'ignore', 'inherit', 'ipc']

/** How long a process that was told to end may take, in milliseconds. */
const END_MS = 3000

interface Asked {
    readonly resolve: (answer: Answers[MemberCommand['name']]) => void
    readonly reject: (error: Error) => void
}

/** The parent's side of one member's process: a service as its clients see it. */
export class Child {
    readonly id: string
    /** False as soon as the process is gone, or has been sent a signal that ends it. */
    isAlive = true
    url = ''
    /** How many inputs it has come back from. */
    records = 0
    readonly #process: ChildProcess
    readonly #asked = new Map<number, Asked>()
    /** Resolves when the process is gone. */
    readonly ended: Promise<void>
    readonly folder: string | null
    #tickets = 0

    /** Starts the process. Its reports come as they come; `ready` is the first. */
    constructor(
        id: string,
        { folder, url }: ChildStart,
        onReport: (report: Report) => void,
        onEnd: (code: number) => void
    ) {
        this.id = id
        this.folder = folder
        const port = url === '' ? '0' : new URL(url).port
        const args = folder === null ? [] : [port, folder]
        this.#process = fork(PROGRAM, ['member', id, ...args], { stdio: STDIO })
        this.#process.on('message', (report: Report) => {
            this.#settle(report)
            onReport(report)
        })
        this.ended = new Promise((resolve) => {
            this.#process.once('exit', (code) => {
                this.isAlive = false
                for (const { reject } of this.#asked.values()) {
                    reject(new Error(`${id} is gone.`))
                }
                this.#asked.clear()
                onEnd(code ?? 0)
                resolve()
            })
        })
    }

    get pid(): number | undefined {
        return this.#process.pid
    }

    async found(republic: string): Promise<void> {
        await this.#ask({ name: 'found', republic })
    }

    /** Resolves when the member is admitted. */
    async join(republic: string, urls: readonly string[]): Promise<void> {
        await this.#ask({ name: 'join', republic, urls })
    }

    /** Resolves when the line is in the log. */
    async publish(line: LedgerLine): Promise<void> {
        await this.#ask({ name: 'publish', line })
    }

    /** Which of these lines are in this member's log. */
    async find(numbers: readonly number[]): Promise<readonly number[]> {
        return (await this.#ask({ name: 'find', numbers })) as readonly number[]
    }

    /** The promise of an entry behind everything that was in the log before. */
    async barrier(): Promise<string> {
        return (await this.#ask({ name: 'barrier' })) as string
    }

    /** This member's log up to and with an entry. */
    async log(through: string): Promise<readonly Kept[]> {
        const response = await fetch(new URL(`/log?through=${through}`, this.url))
        return (await response.json()) as readonly Kept[]
    }

    /** Ends the process without a word of warning. */
    kill(): void {
        this.isAlive = false
        this.#process.kill('SIGKILL')
    }

    /** Lets the process end in good order; resolves when it has ended. */
    async stop(): Promise<void> {
        const timer = setTimeout(() => this.kill(), END_MS)
        if (this.#process.connected) {
            this.#process.disconnect()
        }
        await this.ended
        clearTimeout(timer)
    }

    #ask(order: MemberCommand): Promise<Answers[MemberCommand['name']]> {
        return new Promise((resolve, reject) => {
            const ticket = ++this.#tickets
            const ordered: Ordered = { ticket, order }
            this.#asked.set(ticket, { resolve, reject })
            this.#process.send(ordered, (error) => {
                if (error !== null) {
                    this.#asked.delete(ticket)
                    reject(error)
                }
            })
        })
    }

    #settle(report: Report): void {
        if (report.name === 'ready') {
            this.url = report.url
            this.records = report.records
        } else if (report.name !== 'government') {
            const asked = this.#asked.get(report.ticket)
            this.#asked.delete(report.ticket)
            if (report.name === 'answer') {
                asked?.resolve(report.answer)
            } else {
                asked?.reject(new Error(report.message))
            }
        }
    }
}
