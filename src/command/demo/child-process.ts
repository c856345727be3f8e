import { type ChildProcess, fork, type StdioOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LedgerEntry, LedgerLine } from './ledger.js'
import type { Answers, MemberCommand, TicketedCommand, Report } from './member.js'

/** This program: the process of a member runs the same program with the command `member`. */
const PROGRAM = fileURLToPath(new URL('../kibitz.js', import.meta.url))

/** The start of a member's process. */
export interface DemoProcessStart {
    /** The folder of the journal; `null` if the member has no journal. */
    readonly folder: string | null
    /** The former url of the member; empty at the first start. */
    readonly url: string
}

/** A member reports over IPC. Only an uncaught error goes to standard error. */
const STDIO: StdioOptions = ['ignore', 'ignore', 'inherit', 'ipc']

/** The time in which a process must end after `stop`, in milliseconds. */
const END_MS = 3000

interface PendingCommand {
    readonly resolve: (answer: Answers[MemberCommand['name']]) => void
    readonly reject: (error: Error) => void
}

/** The process of one member, from the parent's side: starts, commands and ends the process. */
export class DemoProcess {
    readonly id: string
    /** `false` after the process has ended, or after `kill`. */
    isAlive = true
    url = ''
    /** Number of journal records from which the member has recovered. */
    records = 0
    readonly #process: ChildProcess
    readonly #pending = new Map<number, PendingCommand>()
    /** Resolves when the process has ended. */
    readonly ended: Promise<void>
    readonly folder: string | null
    #tickets = 0

    /** Starts the process. The first report is `ready`. */
    constructor(
        id: string,
        { folder, url }: DemoProcessStart,
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
                for (const { reject } of this.#pending.values()) {
                    reject(new Error(`The process of ${id} has ended.`))
                }
                this.#pending.clear()
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

    /** Selects the line numbers that this member's log contains. */
    async find(numbers: readonly number[]): Promise<readonly number[]> {
        return (await this.#ask({ name: 'find', numbers })) as readonly number[]
    }

    /** The promise of an entry after every entry that was committed before the call. */
    async barrier(): Promise<string> {
        return (await this.#ask({ name: 'barrier' })) as string
    }

    /** This member's log through an entry. */
    async log(through: string): Promise<readonly LedgerEntry[]> {
        const response = await fetch(new URL(`/log?through=${through}`, this.url))
        return (await response.json()) as readonly LedgerEntry[]
    }

    /** Ends the process at once, with SIGKILL. */
    kill(): void {
        this.isAlive = false
        this.#process.kill('SIGKILL')
    }

    /** Asks the process to end; kills the process after 3 s. Resolves after the end. */
    async stop(): Promise<void> {
        const timer = setTimeout(() => this.kill(), END_MS)
        if (this.#process.connected) {
            this.#process.disconnect()
        }
        await this.ended
        clearTimeout(timer)
    }

    #ask(command: MemberCommand): Promise<Answers[MemberCommand['name']]> {
        return new Promise((resolve, reject) => {
            const ticket = ++this.#tickets
            const ticketed: TicketedCommand = { ticket, command }
            this.#pending.set(ticket, { resolve, reject })
            this.#process.send(ticketed, (error) => {
                if (error !== null) {
                    this.#pending.delete(ticket)
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
            const pending = this.#pending.get(report.ticket)
            this.#pending.delete(report.ticket)
            if (report.name === 'answer') {
                pending?.resolve(report.answer)
            } else {
                pending?.reject(new Error(report.message))
            }
        }
    }
}
