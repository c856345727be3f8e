import { FlushGate } from '../../src/member/flush-gate.js'
import type { Played } from '../../src/index.js'
import { Notebook } from './notebook.js'

/** An input with a number of its own. */
export function input(when: number): Played {
    return { module: 'kibitz', method: 'naturalize', when, body: {} }
}

/** A FlushGate, a journal whose flushes wait, and the actions that have passed. */
interface ClosedGate {
    readonly journal: Notebook
    readonly gate: FlushGate
    readonly passed: string[]
    /** Passes an action with a name. */
    readonly pass: (name: string) => void
}

/** A gate that no flush opens before the test asks for it. */
export function closed(): ClosedGate {
    const journal = new Notebook()
    journal.isHeld = true
    const passed: string[] = []
    const gate = new FlushGate(journal, ({ code }) => passed.push(`stopped: ${code}`))
    const pass = (name: string): void =>
        gate.pass(() => passed.push(name), ({ code }) => passed.push(`${name}: ${code}`))
    return { journal, gate, passed, pass }
}
