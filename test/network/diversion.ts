import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Lan, type Way } from './lan.js'
import { CALLS } from './orders.js'
import type { ProxyOrder, Trouble } from './proxy.js'

const PROGRAM = fileURLToPath(new URL('./proxy.js', import.meta.url))

/** The proxy at the hub, from outside: what the kernel cannot do to a connection, it does. */
export class Diversion {
    readonly #lan: Lan
    readonly #process: ChildProcess
    readonly #expected: (() => void)[] = []
    #isOver = false

    /** Starts the proxy. Calls back if it ends by itself. */
    constructor(lan: Lan, onEnd: () => void) {
        this.#lan = lan
        this.#process = lan.node(0, PROGRAM, String(CALLS))
        this.#process.on('message', () => this.#expected.shift()?.())
        this.#process.once('exit', () => {
            if (!this.#isOver) {
                onEnd()
            }
        })
    }

    /** Resolves once it has done what it was told last, or listens, if that was nothing. */
    done(): Promise<void> {
        return new Promise((resolve) => {
            this.#expected.push(resolve)
        })
    }

    /** Lets something befall the calls that go some ways, and the answers that come back. */
    async trouble(ways: readonly Way[], trouble: Trouble): Promise<void> {
        for (const { from, to } of ways) {
            await this.#order({
                name: 'trouble', from: Lan.address(from), to: Lan.address(to), trouble
            })
        }
        await this.#lan.divert(ways, CALLS)
    }

    /** Lets go whatever is held on its way, and holds nothing any more. */
    async release(): Promise<void> {
        await this.#order({ name: 'release' })
    }

    /** Forgets all troubles, and closes what goes through it. */
    async clear(): Promise<void> {
        await this.#order({ name: 'clear' })
    }

    async #order(order: ProxyOrder): Promise<void> {
        const done = this.done()
        this.#process.send(order)
        await done
    }

    /** Ends the proxy. */
    async end(): Promise<void> {
        this.#isOver = true
        const isRunning = this.#process.exitCode === null && this.#process.signalCode === null
        const ended = isRunning ? once(this.#process, 'exit') : undefined
        this.#process.kill('SIGKILL')
        await ended
    }
}
