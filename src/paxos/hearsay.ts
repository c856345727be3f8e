import type { Monotonic } from '../monotonic.js'
import type { Pairs } from './state.js'

const NOTHING: readonly Monotonic[] = []

/** What others say of those whom this member does not ask itself. */
export class Hearsay {
    readonly #saidAt = new Map<Monotonic, number>()

    /** Notes what was said. */
    hear(promises: readonly Monotonic[], now: number): void {
        for (const promise of promises) {
            this.#saidAt.set(promise, now)
        }
    }

    /** What was said within the last so many milliseconds. */
    recent(now: number, withinMs: number): readonly Monotonic[] {
        return this.#saidAt.size === 0 ? NOTHING : [...this.#saidAt]
            .filter(([, saidAt]) => now - saidAt < withinMs)
            .map(([promise]) => promise)
    }

    /** Keeps what is said of those still there. */
    retain(isThere: (promise: Monotonic) => boolean): void {
        for (const promise of this.#saidAt.keys()) {
            if (!isThere(promise)) {
                this.#saidAt.delete(promise)
            }
        }
    }

    /** What was said, and when. */
    state(): Pairs<Monotonic, number> {
        return [...this.#saidAt]
    }

    /** Knows what was said. */
    static restore(state: Pairs<Monotonic, number>): Hearsay {
        const hearsay = new Hearsay()
        for (const [promise, saidAt] of state) {
            hearsay.#saidAt.set(promise, saidAt)
        }
        return hearsay
    }
}
