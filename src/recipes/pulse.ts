import { onAbort } from '../base/abort-signal.js'
import type { PartHost } from './part.js'

/** Wakes the waits of this member at a change of a state. */
export class Pulse {
    #waits = new Set<() => void>()

    /** Wakes all waits. */
    beat(): void {
        const waits = this.#waits
        this.#waits = new Set()
        for (const wake of waits) {
            wake()
        }
    }

    /**
     * Resolves at the next beat, or with the abort of a signal.
     *
     * @param limit The longest wait in milliseconds, on the clock of a host. @default none
     */
    async wait(
        signals: readonly (AbortSignal | null)[],
        limit: { readonly host: PartHost, readonly ms: number } | null = null
    ): Promise<void> {
        const ends = signals.filter((signal) => signal !== null)
        if (ends.some((signal) => signal.aborted)) {
            return
        }
        let end: () => void = () => {}
        const woken = new Promise<void>((resolve) => { end = resolve })
        const forget = ends.map((signal) => onAbort(signal, end))
        const endTimer = limit?.host.after(limit.ms, end)
        this.#waits.add(end)
        await woken
        this.#waits.delete(end)
        endTimer?.()
        for (const call of forget) {
            call()
        }
    }
}
