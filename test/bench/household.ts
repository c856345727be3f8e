import { type ChildProcess, fork, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withoutCoverage } from '../support/environment.js'

/** The program itself: a process that does duties is this one with another first argument. */
const PROGRAM = fileURLToPath(new URL('run.js', import.meta.url))

/** How long a process that was told to end may take, in milliseconds. */
const END_MS = 5000

/** How much of what a server said last is kept, to be shown where it ends by itself. */
const SAID_MAX = 2000

/** How many ticks of processor time a second has, on every Linux that Node runs on. */
const TICKS = 100

/** A share of a duty's process: what it is told, and what it answers. */
interface Asked {
    readonly resolve: (answer: unknown) => void
    readonly reject: (error: Error) => void
}

/** What a process that does duties says. */
export type Reply =
    | { readonly ticket: number; readonly answer: unknown }
    | { readonly ticket: number; readonly failure: string }

/** A process of this program that does what it is asked, one answer to each question. */
export class Worker {
    readonly process: ChildProcess
    readonly #asked = new Map<number, Asked>()
    #tickets = 0

    constructor(child: ChildProcess) {
        this.process = child
        child.on('message', (reply: Reply) => {
            const asked = this.#asked.get(reply.ticket)
            this.#asked.delete(reply.ticket)
            if ('failure' in reply) {
                asked?.reject(new Error(reply.failure))
            } else {
                asked?.resolve(reply.answer)
            }
        })
        child.once('exit', (code, signal) => {
            for (const { reject } of this.#asked.values()) {
                reject(new Error(`A process of the benchmark ended: ${signal ?? code}.`))
            }
            this.#asked.clear()
        })
    }

    /** Has a duty done. What it answers is for the asker to know. */
    ask<Answer>(duty: string, given: object = {}): Promise<Answer> {
        return new Promise((resolve, reject) => {
            const ticket = ++this.#tickets
            this.#asked.set(ticket, { resolve: (answer) => resolve(answer as Answer), reject })
            this.process.send({ ticket, duty, given }, (error) => {
                if (error !== null) {
                    this.#asked.delete(ticket)
                    reject(error)
                }
            })
        })
    }
}

/** Microseconds of processor time that processes have used; `null` if the system has no figure. */
export function processorTime(processes: readonly ChildProcess[]): number | null {
    let ticks = 0
    for (const { pid } of processes) {
        try {
            const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
            // The name, which stands in parentheses, may hold blanks; user and system time are
            // the twelfth and thirteenth field behind it.
            const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
            ticks += Number(fields[11]) + Number(fields[12])
        } catch {
            return null
        }
    }
    return (ticks * 1_000_000) / TICKS
}

/**
 * Everything that a benchmark has started: processes, ended by their own ids alone, and folders.
 * Nothing of it outlives the program, whatever ends that short of a SIGKILL.
 */
export class Household implements AsyncDisposable {
    readonly #processes = new Set<ChildProcess>()
    readonly #folders: string[] = []
    readonly #parent: string
    readonly #onExit = (): void => this.#abandon()

    /** @param parent Where its folders are made. @default the system's temporary folder */
    constructor(parent: string = tmpdir()) {
        this.#parent = parent
        process.once('exit', this.#onExit)
    }

    /** A fresh folder that goes when the household does. */
    folder(parent: string = this.#parent): string {
        const folder = mkdtempSync(join(parent, 'kibitz-bench-'))
        this.#folders.push(folder)
        return folder
    }

    /** A process of this program. Coverage is off: V8 optimizes less under coverage. */
    hire(execArgv: readonly string[] = []): Worker {
        const child = fork(PROGRAM, ['--duties'], {
            env: withoutCoverage(),
            execArgv: [...execArgv],
            stdio: ['ignore', 'ignore', 'inherit', 'ipc']
        })
        this.#keep(child)
        return new Worker(child)
    }

    /** Has one duty done in a process of its own, which finds nothing that another left behind. */
    async once<Answer>(
        duty: string,
        given: object,
        execArgv: readonly string[] = []
    ): Promise<Answer> {
        const worker = this.hire(execArgv)
        try {
            return await worker.ask<Answer>(duty, given)
        } finally {
            await this.dismiss(worker.process)
        }
    }

    /** Starts a server; resolves when it says that it is ready. */
    serve(command: string, args: readonly string[], ready: RegExp): Promise<ChildProcess> {
        const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
        this.#keep(child)
        return new Promise((resolve, reject) => {
            let said = ''
            const hear = (chunk: Buffer): void => {
                said = (said + chunk.toString()).slice(-SAID_MAX)
                if (ready.test(said)) {
                    resolve(child)
                }
            }
            child.stdout.on('data', hear)
            child.stderr.on('data', hear)
            child.once('error', reject)
            child.once('exit', (code) => reject(new Error(`${command} ended: ${code}. ${said}`)))
        })
    }

    /** Ends one process in good order. */
    async dismiss(child: ChildProcess): Promise<void> {
        if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
            return
        }
        const ended = new Promise((resolve) => child.once('exit', resolve))
        // Deadline: What does not end when it is told to is killed.
        const watchdog = setTimeout(() => { child.kill('SIGKILL') }, END_MS)
        child.kill('SIGTERM')
        await ended
        clearTimeout(watchdog)
    }

    #keep(child: ChildProcess): void {
        this.#processes.add(child)
        child.once('exit', () => this.#processes.delete(child))
    }

    #abandon(): void {
        for (const child of this.#processes) {
            child.kill('SIGKILL')
        }
        this.#clear()
    }

    #clear(): void {
        for (const folder of this.#folders.splice(0)) {
            rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
        }
    }

    async [Symbol.asyncDispose](): Promise<void> {
        await Promise.all([...this.#processes].map((child) => this.dismiss(child)))
        process.removeListener('exit', this.#onExit)
        this.#clear()
    }
}
