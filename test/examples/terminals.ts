import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import '../support/silence.js'

/** A line of a member, without the id. */
export interface TerminalLine {
    readonly id: string
    readonly text: string
}

/** Ports that are free at this moment. */
async function freePorts(count: number): Promise<readonly number[]> {
    const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
    await Promise.all(servers.map((server) => once(server, 'listening')))
    const ports = servers.map((server) => (server.address() as AddressInfo).port)
    await Promise.all(servers.map((server) => once(server.close(), 'close')))
    return ports
}

/** Three processes of an example, as in three terminals. */
export class Terminals implements AsyncDisposable {
    readonly lines: TerminalLine[] = []
    readonly #program: string
    readonly #ports: readonly number[]
    readonly #children = new Map<string, ChildProcessByStdio<Writable, Readable, null>>()
    #arrive: () => void = () => {}

    private constructor(program: string, ports: readonly number[]) {
        this.#program = program
        this.#ports = ports
    }

    /** Starts the members a, b and c of an example. */
    static async open(example: string): Promise<Terminals> {
        const program = new URL(`../../src/examples/${example}.js`, import.meta.url)
        const terminals = new Terminals(fileURLToPath(program), await freePorts(3))
        for (const id of ['a', 'b', 'c']) {
            terminals.start(id)
        }
        for (const id of ['a', 'b', 'c']) {
            await terminals.line((line) => line.id === id && line.text === 'has started')
        }
        return terminals
    }

    /** Starts one member. */
    start(id: string): void {
        const child = spawn(process.execPath, [this.#program, id, this.#ports.join(',')],
            { stdio: ['pipe', 'pipe', 'inherit'] })
        createInterface(child.stdout).on('line', (line) => {
            const [, by = '', text = ''] = /^(\S+) (.*)$/.exec(line) ?? []
            this.lines.push({ id: by, text })
            this.#arrive()
        })
        this.#children.set(id, child)
    }

    /** Sends a signal to a member. */
    signal(id: string, signal: NodeJS.Signals): void {
        this.#children.get(id)?.kill(signal)
    }

    /** Types a line. */
    type(id: string, text: string): void {
        this.#children.get(id)?.stdin.write(`${text}\n`)
    }

    /** Resolves with the first line, from an index on, that a test looks for. */
    async line(isSought: (line: TerminalLine) => boolean, from: number = 0): Promise<TerminalLine> {
        for (;;) {
            const found = this.lines.slice(from).find(isSought)
            if (found !== undefined) {
                return found
            }
            await new Promise<void>((resolve) => { this.#arrive = resolve })
        }
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
