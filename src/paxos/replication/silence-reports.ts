import type { Monotonic } from '../../base/monotonic.js'

const NOTHING: readonly Monotonic[] = []

/** The reports of peers about silent members that the member does not ask itself. */
export class SilenceReports {
    readonly #saidAt = new Map<Monotonic, number>()

    /** Adds the report of a peer that names silent members. */
    add(promises: readonly Monotonic[], now: number): void {
        for (const promise of promises) {
            this.#saidAt.set(promise, now)
        }
    }

    /** The members that a report of the last `withinMs` milliseconds names. */
    recent(now: number, withinMs: number): readonly Monotonic[] {
        return this.#saidAt.size === 0 ? NOTHING : [...this.#saidAt]
            .filter(([, saidAt]) => now - saidAt < withinMs)
            .map(([promise]) => promise)
    }

    /** Drops the reports about members that are gone. */
    retain(isThere: (promise: Monotonic) => boolean): void {
        for (const promise of this.#saidAt.keys()) {
            if (!isThere(promise)) {
                this.#saidAt.delete(promise)
            }
        }
    }

    /** The written form: the instant of the last report about each member. */
    state(): readonly (readonly [Monotonic, number])[] {
        return [...this.#saidAt]
    }

    /** Restores a written form. */
    static restore(state: readonly (readonly [Monotonic, number])[]): SilenceReports {
        const reports = new SilenceReports()
        for (const [promise, saidAt] of state) {
            reports.#saidAt.set(promise, saidAt)
        }
        return reports
    }
}
