import { onAbort } from '../base/abort-signal.js'

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

    /** Resolves at the next beat, with the abort of a signal, or after a time in milliseconds. */
    async wait(signals: readonly (AbortSignal | null)[], ms: number | null = null): Promise<void> {
        const ends = signals.filter((signal) => signal !== null)
        if (ends.some((signal) => signal.aborted)) {
            return
        }
        let end: () => void = () => {}
        const woken = new Promise<void>((resolve) => { end = resolve })
        const forget = ends.map((signal) => onAbort(signal, end))
        const timer = ms === null ? undefined : setTimeout(end, ms)
        this.#waits.add(end)
        await woken
        this.#waits.delete(end)
        clearTimeout(timer)
        for (const call of forget) {
            call()
        }
    }
}
