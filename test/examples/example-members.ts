import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { isAbsolute } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Health } from '../../src/index.js'
import { endWithTests } from '../support/children.js'
import '../support/silence.js'

/** A member of an example, in a separate process. */
export class Member {
    readonly id: string
    /** The address for members. */
    readonly peers: string
    /** The address for clients. */
    readonly clients: string
    readonly #child: ChildProcessByStdio<null, Readable, null>

    constructor(
        id: string,
        child: ChildProcessByStdio<null, Readable, null>,
        { peers, clients }: { readonly peers: string, readonly clients: string }
    ) {
        this.id = id
        this.#child = child
        this.peers = peers
        this.clients = clients
    }

    /** Sends a signal to the process. */
    signal(signal: NodeJS.Signals): void {
        this.#child.kill(signal)
    }

    /** Kills the process with SIGKILL. */
    async kill(): Promise<void> {
        if (this.#child.exitCode === null && this.#child.signalCode === null) {
            const ended = once(this.#child, 'exit')
            this.#child.kill('SIGKILL')
            await ended
        }
    }

    /** The health for an operator. */
    async health(): Promise<Record<string, unknown>> {
        const response = await fetch(new URL('health', this.peers))
        return await response.json() as Record<string, unknown>
    }

    /** Waits until the service tolerates this number of failures. */
    async tolerates(count: number): Promise<void> {
        for (;;) {
            const { tolerance } = await this.health() as Partial<Health>
            if (tolerance !== undefined && tolerance.tolerates >= count) {
                return
            }
        }
    }

    /** Sends the request of a client. */
    ask(path: string, init: RequestInit = {}): Promise<Response> {
        return fetch(new URL(path, this.clients), init)
    }
}

/** All processes of one example. */
export class ExampleMembers implements AsyncDisposable {
    readonly #program: string
    readonly #members: Member[] = []
    readonly #children: ChildProcessByStdio<null, Readable, null>[] = []

    /** @param example The name of an example, or the absolute path of its program. */
    constructor(example: string) {
        this.#program = isAbsolute(example)
            ? example
            : fileURLToPath(new URL(`../../src/examples/${example}.js`, import.meta.url))
    }

    /** Starts a member that joins, or founds without `through`; waits until the member serves. */
    async start(id: string, ...through: readonly Member[]): Promise<Member> {
        const args = [this.#program, id, ...through.map(({ peers }) => peers)]
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
        this.#children.push(endWithTests(child))
        const [line] = await Promise.race([
            once(createInterface(child.stdout), 'line'),
            once(child, 'exit').then(() => Promise.reject(new Error(`${id} has ended.`)))
        ]) as [string]
        const member = new Member(id, child, JSON.parse(line))
        this.#members.push(member)
        return member
    }

    async [Symbol.asyncDispose](): Promise<void> {
        for (const child of this.#children) {
            child.kill('SIGKILL')
        }
        await Promise.all(this.#members.map((member) => member.kill()))
    }
}
