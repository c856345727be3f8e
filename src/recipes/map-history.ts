import { KibitzError } from '../base/errors.js'
import { Monotonic } from '../base/monotonic.js'

/** One changed key. Without `value`, the key was deleted. */
export interface KeyChange<Value> {
    readonly key: string
    readonly value?: Value
}

/** The changes of one entry: all changes of a transaction together. */
export interface MapChange<Value> {
    /** The version of the map after the changes: the promise of the entry. */
    readonly version: Monotonic
    readonly changes: readonly KeyChange<Value>[]
}

/**
 * The last changes of a map, in order. The changes are a part of the replicated state, so a watcher
 * may continue at another member, or after a restart.
 */
export class MapHistory<Value> {
    readonly #max: number
    #changes: MapChange<Value>[] = []
    /** The version through which the history has dropped changes. */
    #dropped: Monotonic = '0/0'

    /** @param max The number of kept changes. */
    constructor(max: number) {
        this.#max = max
    }

    /** The kept changes, the oldest first. */
    get changes(): readonly MapChange<Value>[] {
        return this.#changes.slice(-this.#max)
    }

    /** The version through which the history has dropped changes. */
    get dropped(): Monotonic {
        const excess = this.#changes.length - this.#max
        return excess > 0 ? (this.#changes[excess - 1]?.version ?? this.#dropped) : this.#dropped
    }

    /** Adds a change. */
    push(change: MapChange<Value>): void {
        this.#changes.push(change)
        // Only each `max` changes, the list is copied.
        if (this.#changes.length >= 2 * this.#max) {
            this.reset(this.dropped, this.changes)
        }
    }

    /** Replaces the history. */
    reset(dropped: Monotonic, changes: readonly MapChange<Value>[]): void {
        const kept = [...changes]
        this.#dropped = dropped
        this.#changes = kept
    }

    /**
     * The first change after a version; `null` if there is none yet.
     *
     * @throws KibitzError `trimmed` if the history has dropped a change after the version.
     */
    after(version: Monotonic): MapChange<Value> | null {
        if (Monotonic.compare(version, this.dropped) < 0) {
            throw new KibitzError('trimmed',
                `The map no longer holds the changes after ${version}; it holds those after `
                    + `${this.dropped} (option historyMax). No value is lost: read entries(), and `
                    + 'watch from the version of the map.')
        }
        let [low, high] = [0, this.#changes.length]
        while (low < high) {
            const middle = (low + high) >>> 1
            const at = this.#changes[middle]?.version ?? version
            if (Monotonic.compare(at, version) <= 0) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return this.#changes[low] ?? null
    }
}
