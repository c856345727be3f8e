import type { KibitzError } from '../base/errors.js'
import { Monotonic } from '../base/monotonic.js'
import type { FlushGate } from './flush-gate.js'
import { exiled } from './shutdown.js'

/** The parts of a member whose log is awaited. */
interface LoggingMember {
    /** The last delivered entry; `null` before the first one. */
    readonly delivered: Monotonic | null
    readonly gate: Pick<FlushGate, 'passEntries'>
    readonly paxos: { readonly exiled: boolean }
}

/** A wait for a mark. */
interface Wait {
    readonly mark: Monotonic
    readonly end: (outcome: KibitzError | null) => void
}

/**
 * The waits until the log of a member has reached a mark. Each wait ends once: when the member has
 * delivered the entry at the mark, with `exiled` when the log of the member has ended before the
 * mark, or with the reason of `reject`.
 */
export class MarkWaits {
    readonly #member: LoggingMember
    readonly #waits = new Set<Wait>()

    constructor(member: LoggingMember) {
        this.#member = member
    }

    /** The number of waits. */
    get size(): number {
        return this.#waits.size
    }

    /**
     * Adds a wait, which may end at once.
     *
     * @returns Forgets the wait, so that the wait never ends.
     */
    add(mark: Monotonic, end: (outcome: KibitzError | null) => void): () => void {
        const wait = { mark, end }
        this.#waits.add(wait)
        this.#settle()
        this.check()
        return () => this.#waits.delete(wait)
    }

    /** Ends the waits that can end. Call after each input. */
    check(): void {
        if (this.#waits.size !== 0) {
            this.#settle()
            this.#member.gate.passEntries(0, () => this.#settleAll())
        }
    }

    /** Settles the waits after the delivery of all entries that the member holds. */
    #settleAll(): void {
        this.#settle()
        if (this.#member.paxos.exiled) {
            // The log of this member has ended before the other marks.
            this.reject(exiled())
        }
    }

    #settle(): void {
        const delivered = this.#member.delivered ?? '0/0'
        for (const wait of [...this.#waits]) {
            if (Monotonic.compare(delivered, wait.mark) >= 0) {
                this.#waits.delete(wait)
                wait.end(null)
            }
        }
    }

    /** Ends all waits with a reason. */
    reject(reason: KibitzError): void {
        const waits = [...this.#waits]
        this.#waits.clear()
        for (const { end } of waits) {
            end(reason)
        }
    }
}
