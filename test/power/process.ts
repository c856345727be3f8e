import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Said, Told } from './words.js'
import { withoutCoverage } from '../support/environment.js'
import { endWithTests } from '../support/children.js'

const PROGRAM = fileURLToPath(new URL('member.js', import.meta.url))

/** Whoever hears what a process says, and at last `null`. */
export type Hearer = (said: Said | null) => void

/** The process of a member. */
export class MemberProcess {
    /** Resolves when it has ended, and all it said was heard. */
    readonly ended: Promise<void>
    readonly #child: ChildProcess
    #hear: Hearer = () => {}

    /** @param env What it finds in its environment beside ours. */
    constructor(env: Readonly<Record<string, string>> = {}) {
        this.#child = endWithTests(spawn(process.execPath, [PROGRAM], {
            stdio: ['pipe', 'pipe', 'inherit'],
            env: { ...withoutCoverage(), NODE_OPTIONS: '', ...env }
        }))
        const { stdin, stdout } = this.#child
        if (stdin === null || stdout === null) {
            throw new Error('It has no standard input or output.')
        }
        // Who is dead cannot be told anything.
        stdin.on('error', () => {})
        const lines = createInterface({ input: stdout })
        lines.on('line', (line) => this.#hear(JSON.parse(line) as Said))
        this.ended = Promise.all([once(this.#child, 'exit'), once(lines, 'close')]).then(() => {
            this.#hear(null)
        })
    }

    /** Whoever hears it from now on. What it says before it goes is of no interest. */
    heardBy(hearer: Hearer): void {
        this.#hear = hearer
    }

    tell(told: Told): void {
        this.#child.stdin?.write(`${JSON.stringify(told)}\n`)
    }

    /** Kills it as `kill -9` does. */
    kill(): void {
        this.#child.kill('SIGKILL')
    }
}
