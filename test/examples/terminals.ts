import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onAbort } from '../../src/base/abort-signal.js'
import { endWithTests } from '../support/children.js'
import { withoutCoverage } from '../support/environment.js'
import { freePorts } from '../support/free-port.js'
import '../support/silence.js'

const IDS = ['a', 'b', 'c']

/** The limit of the wait for a line, in milliseconds. */
const LINE_MS = 60_000

/** A line of the output or of the log of a member, without the id. */
export interface TerminalLine {
    readonly id: string
    readonly text: string
}

/** Whether a line shows a government with three seats. */
function hasThreeSeats({ text }: TerminalLine): boolean {
    return /^government .*; voters [abc], [abc], [abc];/.test(text)
}

/** Three processes of an example, as in three terminals. */
export class Terminals implements AsyncDisposable {
    readonly lines: TerminalLine[] = []
    readonly #program: string
    readonly #ports: readonly number[]
    readonly #children = new Map<string, ChildProcessByStdio<Writable, Readable, Readable>>()
    /** Called when a line arrives. */
    #arrive: () => void = () => {}

    private constructor(program: string, ports: readonly number[]) {
        this.#program = program
        this.#ports = ports
    }

    /** Starts the members a, b and c of an example. */
    static async open(example: string): Promise<Terminals> {
        const program = new URL(`../../src/examples/${example}.js`, import.meta.url)
        const terminals = new Terminals(fileURLToPath(program), await freePorts(3))
        for (const id of IDS) {
            terminals.start(id)
        }
        try {
            for (const id of IDS) {
                await terminals.line((line) => line.id === id && line.text === 'has started')
            }
            // The members must know the government: without the leader, a majority that does not
            // know the two new seats could not go on.
            for (const id of IDS) {
                await terminals.line((line) => line.id === id && hasThreeSeats(line))
            }
            return terminals
        } catch (error) {
            await terminals[Symbol.asyncDispose]()
            throw error
        }
    }

    /** Starts one member. */
    start(id: string): void {
        const child = endWithTests(spawn(process.execPath,
            [this.#program, id, this.#ports.join(',')],
            { env: { ...withoutCoverage(), KIBITZ_LOG: 'info' }, stdio: 'pipe' }))
        for (const output of [child.stdout, child.stderr]) {
            createInterface(output).on('line', (line) => {
                // The standard error carries the log, for example with each government.
                const [, text = line] = /^(?:kibitz )?[abc](?:@\S+:)? (.*)$/.exec(line) ?? []
                this.lines.push({ id, text })
                this.#arrive()
            })
        }
        this.#children.set(id, child)
    }

    /** Sends a signal to a member. */
    signal(id: string, signal: NodeJS.Signals): void {
        this.#children.get(id)?.kill(signal)
    }

    /** Presses control and C, and resolves with the exit code of the member. */
    async interrupt(id: string): Promise<number | null> {
        const child = this.#children.get(id)
        if (child === undefined) {
            throw new Error(`${id} does not run.`)
        }
        const ended = once(child, 'exit', { signal: AbortSignal.timeout(LINE_MS) })
        child.kill('SIGINT')
        await ended
        return child.exitCode
    }

    /** Types a line. */
    type(id: string, text: string): void {
        this.#children.get(id)?.stdin.write(`${text}\n`)
    }

    /**
     * Resolves with the first line, from an index on, that a test looks for. Rejects after a
     * minute with all lines.
     */
    async line(isSought: (line: TerminalLine) => boolean, from: number = 0): Promise<TerminalLine> {
        const late = AbortSignal.timeout(LINE_MS)
        for (;;) {
            const found = this.lines.slice(from).find(isSought)
            if (found !== undefined) {
                return found
            }
            if (late.aborted) {
                const lines = this.lines.map(({ id, text }, index) => `${index} ${id} ${text}`)
                throw new Error(`${isSought} finds no line from ${from} on:\n${lines.join('\n')}`)
            }
            const arrival = new Promise<void>((resolve) => { this.#arrive = resolve })
            const forget = onAbort(late, () => this.#arrive())
            await arrival
            forget()
        }
    }

    /**
     * Starts a member that was killed, and resolves after the new life of the member has a seat
     * beside two others: then each of the three may end by SIGINT.
     */
    async restart(id: string): Promise<void> {
        const from = this.lines.length
        this.start(id)
        await this.line((line) => line.id === id && line.text === 'has started', from)
        await this.line((line) => line.id === id && hasThreeSeats(line), from)
    }

    async [Symbol.asyncDispose](): Promise<void> {
        for (const child of this.#children.values()) {
            child.kill('SIGKILL')
            if (child.exitCode === null && child.signalCode === null) {
                await once(child, 'exit')
            }
        }
    }
}
