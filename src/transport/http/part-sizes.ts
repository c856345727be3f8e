/** The largest and the smallest part of a message, in bytes of JSON. */
const SENT_PART_BYTES_MAX = 48 * 1024
const SENT_PART_BYTES_MIN = 3 * 1024

/**
 * The time for which a size is remembered, in milliseconds: later, the route may accept larger
 * bodies.
 */
const REMEMBERED_MS = 60_000

/** The limit of remembered routes. */
const ROUTES_MAX = 1024

interface PartSize {
    readonly bytes: number
    readonly until: number
}

/** The sizes of the parts that routes accept. A route without an entry gets whole messages. */
export class PartSizes {
    readonly #sizes = new Map<string, PartSize>()

    /** The limit of a part for a route, in bytes; `null` if messages are sent whole. */
    of(route: string, now: number): number | null {
        const known = this.#sizes.get(route)
        if (known !== undefined && known.until <= now) {
            this.#sizes.delete(route)
            return null
        }
        return known?.bytes ?? null
    }

    /**
     * Records that a route has refused this many bytes. The refusal of an earlier, larger body
     * leaves a smaller size as it is.
     *
     * @returns Whether a smaller part is possible.
     */
    shrink(route: string, bytes: number, now: number): boolean {
        if (bytes <= SENT_PART_BYTES_MIN) {
            return false
        }
        const half = Math.min(SENT_PART_BYTES_MAX, Math.floor(bytes / 2))
        const known = this.of(route, now) ?? half
        const smaller = Math.max(SENT_PART_BYTES_MIN, Math.min(half, known))
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
