import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Said } from './child.js'
import { withoutCoverage } from '../support/environment.js'
import { endWithTests } from '../support/children.js'

const PROGRAM = fileURLToPath(new URL('child.js', import.meta.url))

/** A process that has a journal, and what it says. */
export class JournalProcess {
    readonly child: ChildProcess
    readonly #lines: AsyncIterator<string>
    readonly #exit: Promise<unknown>

    constructor(mode: 'append' | 'fill' | 'hold', folder: string, owner: string) {
        this.child = endWithTests(spawn(process.execPath, [PROGRAM, mode, folder, owner], {
            stdio: ['pipe', 'pipe', 'inherit'],
            env: withoutCoverage()
        }))
        this.#exit = once(this.child, 'exit')
        const { stdout } = this.child
        if (stdout === null) {
            throw new Error('It has no standard output.')
        }
        this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
    }

    /** The number by which the system knows it. */
    get pid(): number {
        return this.child.pid ?? 0
    }

    /** What it says next; `null` when it has said everything. */
    async next(): Promise<Said | null> {
        const { done, value } = await this.#lines.next()
        return done === true ? null : JSON.parse(value) as Said
    }

    /** Kills it as `kill -9` does, and yields what it had said by then. */
    async kill(): Promise<Said[]> {
        this.child.kill('SIGKILL')
        return await this.rest()
    }

    /** Lets it end, and yields what it says until then. */
    async rest(): Promise<Said[]> {
        const said: Said[] = []
        for (let one = await this.next(); one !== null; one = await this.next()) {
            said.push(one)
        }
        await this.#exit
        return said
    }
}
