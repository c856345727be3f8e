import type { ApplicationEntry } from '../../src/index.js'
import { type Put, Store } from './store.js'

/** Writes the time of its own machine. */
export class ClockStore extends Store {
    override apply(entry: ApplicationEntry<Put>): number | null {
        const { body: { key } } = entry
        return super.apply({ ...entry, body: { key, value: Date.now() } })
    }
}

/** Forgets each value five seconds after its entry, by the clock of its own machine. */
export class ExpiringStore extends Store {
    readonly #writtenAt = new Map<string, number>()

    override apply(entry: ApplicationEntry<Put>): number | null {
        for (const [key, at] of this.#writtenAt) {
            if (at < Date.now() - 5000) {
                this.values.delete(key)
            }
        }
        this.#writtenAt.set(entry.body.key, Date.now())
        return super.apply(entry)
    }
}

const { now } = Date

/** Writes the time of a clock that its module has kept. */
export class KeptClockStore extends Store {
    override apply(entry: ApplicationEntry<Put>): number | null {
        const { body: { key } } = entry
        return super.apply({ ...entry, body: { key, value: now() } })
    }
}

const { random } = Math

/** Draws numbers with a function that its module has kept. */
export class KeptLotteryStore extends Store {
    override apply(entry: ApplicationEntry<Put>): number | null {
        const { body: { key } } = entry
        return super.apply({ ...entry, body: { key, value: random() } })
    }
}
