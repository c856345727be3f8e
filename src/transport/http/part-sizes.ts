/** How many bytes of JSON the largest and the smallest part of a message take. */
const LARGEST = 48 * 1024
const SMALLEST = 3 * 1024

/** How long a size is remembered, in milliseconds: a route may take larger bodies again. */
const REMEMBERED_MS = 60_000

/** How many routes are remembered. */
const ROUTES_MAX = 1024

interface PartSize {
    readonly bytes: number
    readonly until: number
}

/** The sizes of the parts that routes take. A route that is not remembered takes whole messages. */
export class PartSizes {
    readonly #sizes = new Map<string, PartSize>()

    /** How many bytes a part for a route may take; `null` if messages go whole. */
    of(route: string, now: number): number | null {
        const known = this.#sizes.get(route)
        if (known !== undefined && known.until <= now) {
            this.#sizes.delete(route)
            return null
        }
        return known?.bytes ?? null
    }

    /**
     * Notes that a route has not taken so many bytes.
     *
     * @returns Whether a smaller part is left to try.
     */
    shrink(route: string, bytes: number, now: number): boolean {
        if (bytes <= SMALLEST) {
            return false
        }
        const smaller = Math.max(SMALLEST, Math.min(LARGEST, Math.floor(bytes / 2)))
        this.#sizes.delete(route)
        this.#sizes.set(route, { bytes: smaller, until: now + REMEMBERED_MS })
        for (const oldest of this.#sizes.keys()) {
            if (this.#sizes.size <= ROUTES_MAX) {
                break
            }
            this.#sizes.delete(oldest)
        }
        return true
    }
}
