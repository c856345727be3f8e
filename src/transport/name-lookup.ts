import { lookup as lookUpAll } from 'node:dns/promises'
import { isIPv6, type LookupFunction } from 'node:net'

/** Resolves a host name to its addresses. */
export type Resolve = (name: string) => Promise<readonly string[]>

/** The time for which addresses count as fresh, in milliseconds. */
const FRESH_MS = 1000

/** An open connection causes a new look-up after this time, in milliseconds. */
const REFRESH_MS = 30_000

/** The pause after a failed look-up, in milliseconds: the first, and the longest. */
const PAUSE_MIN_MS = 250
const PAUSE_MAX_MS = 5000

/** The limit of known names, and of dials that wait for one name. */
const NAMES_MAX = 1024
const WAITING_MAX = 64

type Waiting = (error: Error | null, addresses: readonly string[]) => void

/** The state of one host name. */
interface Name {
    /** The last known addresses; empty before the first success. */
    addresses: readonly string[]
    /** The index of the address at which the next dial begins. */
    first: number
    /** Whether a look-up is queued or in flight. */
    isPending: boolean
    failures: number
    error: Error | null
    /** No look-up starts before this instant. */
    retryAt: number
    resolvedAt: number
    readonly waiting: Set<Waiting>
}

/**
 * The limit of look-ups in flight. libuv gives half of its threads to the look-ups of the system,
 * and an abandoned look-up still holds its thread.
 */
function slotsOf(threads: string | undefined): number {
    const count = Number(threads)
    const size = Number.isInteger(count) && count > 0 ? count : 4
    return Math.max(1, Math.min(4, Math.floor((size + 1) / 2)))
}

/**
 * Looks up the addresses of host names for all dials of a process.
 *
 * 1. At most one look-up per name is in flight, and a limit holds for all look-ups together. Names
 *    with known addresses and names that failed never take the last slot, so the first look-up of
 *    another name does not wait for dead names.
 * 2. If an address of a name is known, a dial never waits for a look-up.
 * 3. Each dial begins with the address that answered last, or else with the next address in turn.
 */
export class NameLookup {
    readonly #resolve: Resolve
    readonly #names = new Map<string, Name>()
    readonly #queue = new Set<string>()
    readonly #slots: number
    #underWay = 0
    #underWayInBackground = 0

    constructor(resolve: Resolve, slots: number = slotsOf(process.env['UV_THREADPOOL_SIZE'])) {
        this.#resolve = resolve
        this.#slots = slots
    }

    /** Implements the option `lookup` of `net.connect`. */
    readonly lookup: LookupFunction = (hostname, { all, family }, callback) => {
        this.#awaitAddresses(hostname, (error, addresses) => {
            const found = addresses
                .map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
                .filter((one) => ![4, 6].includes(Number(family)) || one.family === family)
            const [first] = found
            if (error !== null || first === undefined) {
                callback(error ?? notFound(hostname), '', 0)
            } else if (all === true) {
                callback(null, found)
            } else {
                callback(null, first.address, first.family)
            }
        })
    }

    /**
     * Records an answer: the next dial of this name begins with the address. A connection is not
     * enough, because the machine of a stopped process still accepts connections.
     */
    onAnswered(hostname: string, address: string | undefined): void {
        const name = this.#names.get(hostname)
        const index = name?.addresses.indexOf(address ?? '') ?? -1
        if (name !== undefined && index !== -1) {
            name.first = index
        }
    }

    /**
     * Whether the address of a connection is no longer an address of the name. After 30 seconds
     * without a look-up, this call starts one.
     */
    hasLeft(hostname: string, address: string | undefined): boolean {
        const name = this.#names.get(hostname)
        if (name === undefined || name.addresses.length === 0 || address === undefined) {
            return false
        }
        if (performance.now() - name.resolvedAt > REFRESH_MS) {
            this.#queueLookup(hostname, name)
        }
        return !name.addresses.includes(address)
    }

    #awaitAddresses(hostname: string, waiting: Waiting): void {
        const name = this.#nameOf(hostname)
        this.#queueLookup(hostname, name)
        if (name.addresses.length !== 0) {
            const found = takeTurn(name)
            process.nextTick(waiting, null, found)
        } else if (name.isPending) {
            this.#addWaiting(name, waiting)
        } else {
            process.nextTick(waiting, name.error, [])
        }
    }

    #addWaiting(name: Name, waiting: Waiting): void {
        const [oldest] = name.waiting
        if (name.waiting.size >= WAITING_MAX && oldest !== undefined) {
            name.waiting.delete(oldest)
            process.nextTick(oldest, new Error('Too many dials wait for this name.'), [])
        }
        name.waiting.add(waiting)
    }

    #nameOf(hostname: string): Name {
        const known = this.#names.get(hostname)
        const name = known ?? {
            addresses: [],
            first: 0,
            isPending: false,
            failures: 0,
            error: null,
            retryAt: Number.NEGATIVE_INFINITY,
            resolvedAt: Number.NEGATIVE_INFINITY,
            waiting: new Set()
        }
        // A map keeps insertion order, so the names in recent use are the last entries.
        this.#names.delete(hostname)
        this.#names.set(hostname, name)
        for (const [oldest, { isPending }] of this.#names) {
            if (this.#names.size <= NAMES_MAX) {
                break
            }
            if (!isPending) {
                this.#names.delete(oldest)
            }
        }
        return name
    }

    #queueLookup(hostname: string, name: Name): void {
        if (!name.isPending && performance.now() >= name.retryAt) {
            name.isPending = true
            this.#queue.add(hostname)
            this.#startQueued()
        }
    }

    /** Starts queued look-ups while there are slots. */
    #startQueued(): void {
        for (const hostname of this.#queue) {
            if (this.#underWay >= this.#slots) {
                return
            }
            const name = this.#names.get(hostname)
            const isInBackground =
                name !== undefined && (name.addresses.length !== 0 || name.failures !== 0)
            const hasSlot =
                !isInBackground || this.#underWayInBackground < Math.max(1, this.#slots - 1)
            if (name !== undefined && hasSlot) {
                this.#queue.delete(hostname)
                void this.#runLookup(hostname, name, isInBackground ? 1 : 0)
            }
        }
    }

    async #runLookup(hostname: string, name: Name, background: number): Promise<void> {
        const startedAt = performance.now()
        this.#underWay++
        this.#underWayInBackground += background
        try {
            const addresses = [...(await this.#resolve(hostname))]
            if (addresses.length === 0) {
                throw notFound(hostname)
            }
            storeAddresses(name, addresses)
        } catch (error) {
            name.failures++
            name.error = error instanceof Error ? error : notFound(hostname)
            const now = performance.now()
            const pause = Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** Math.min(9, name.failures - 1))
            // The pause is at least as long as the failed look-up took.
            name.retryAt = now + Math.max(pause, now - startedAt)
        }
        this.#underWay--
        this.#underWayInBackground -= background
        name.isPending = false
        const waiting = [...name.waiting]
        name.waiting.clear()
        for (const one of waiting) {
            const found = name.addresses.length === 0 ? [] : takeTurn(name)
            one(found.length === 0 ? name.error : null, found)
        }
        this.#startQueued()
    }
}

function storeAddresses(name: Name, addresses: readonly string[]): void {
    const last = name.addresses[name.first]
    name.first = Math.max(0, addresses.indexOf(last ?? ''))
    name.addresses = addresses
    name.failures = 0
    name.error = null
    name.resolvedAt = performance.now()
    name.retryAt = name.resolvedAt + FRESH_MS
}

/** The addresses for one dial. If the dial fails, the next dial begins at the next address. */
function takeTurn(name: Name): readonly string[] {
    const { addresses, first } = name
    name.first = (first + 1) % addresses.length
    return [...addresses.slice(first), ...addresses.slice(0, first)]
}

function notFound(hostname: string): Error {
    return Object.assign(new Error(`${hostname} has no address.`), { code: 'ENOTFOUND' })
}

/** Look-ups by the system, shared by all transports of the process. */
const bySystem = new NameLookup(async (name) => {
    const found = await lookUpAll(name, { all: true })
    return found.map(({ address }) => address)
})

const byFunction = new WeakMap<Resolve, NameLookup>()

/** The look-ups of a transport: by the option `lookup`, or by the system. */
export function namesOf(resolve: Resolve | undefined): NameLookup {
    if (resolve === undefined) {
        return bySystem
    }
    const names = byFunction.get(resolve) ?? new NameLookup(resolve)
    byFunction.set(resolve, names)
    return names
}
