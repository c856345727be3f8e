import { rejectArgument } from '../base/errors.js'
import type { KeyChange } from './map-history.js'
import type { MapCheck, MapEntry } from './map-table.js'

/** The map inside a transaction: reads show the writes of the same transaction. */
export class MapView<Value> {
    readonly #entries: ReadonlyMap<string, MapEntry<Value>>
    readonly #checks = new Map<string, MapCheck<Value>>()
    readonly #writes = new Map<string, Value | undefined>()
    #isClosed = false

    constructor(entries: ReadonlyMap<string, MapEntry<Value>>) {
        this.#entries = entries
    }

    /** The value of a key. The transaction commits only if the value is the same then. */
    get(key: string): Value | undefined {
        this.#rejectClosed()
        if (this.#writes.has(key)) {
            return this.#writes.get(key)
        }
        const entry = this.#entries.get(key)
        this.#checks.set(key, { key, version: entry?.version ?? null })
        return entry?.value
    }

    /** Sets a value when the transaction commits. */
    set(key: string, value: Value): void {
        this.#rejectClosed()
        this.#writes.set(key, value)
    }

    /** Deletes a key when the transaction commits. */
    delete(key: string): void {
        this.#rejectClosed()
        this.#writes.set(key, undefined)
    }

    /** Ends the view, and returns its reads and writes. */
    close(): { checks: readonly MapCheck<Value>[], writes: readonly KeyChange<Value>[] } {
        this.#isClosed = true
        const writes = [...this.#writes].map(([key, value]) =>
            value === undefined ? { key } : { key, value })
        return { checks: [...this.#checks.values()], writes }
    }

    #rejectClosed(): void {
        if (this.#isClosed) {
            rejectArgument('The transaction is over: the function of a transaction may not await.')
        }
    }
}
