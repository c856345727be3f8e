import { KibitzError } from '../base/errors.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Request } from '../paxos/messages/messages.js'

/** The error of a call that was refused with an HTTP status. */
export function refusal(status: number): KibitzError {
    const error = new KibitzError('unreachable', `The call was refused with status ${status}.`)
    return Object.assign(error, { status })
}

/**
 * Distinguishes a refusal from a loss by the error of a transport. The error of a refusal has a
 * `status`, as with most HTTP clients, or the code `too-large`. A lost call may succeed at the next
 * attempt; a refused call is mostly refused again.
 *
 * @returns The status, such as `413`; `too-large` if the transport itself refuses to send; `null`
 * if the call was lost.
 */
export function refusalOf(error: unknown): string | null {
    try {
        if (typeof error !== 'object' || error === null) {
            return null
        }
        const { code, status } = error as { readonly code?: unknown; readonly status?: unknown }
        if (code === 'too-large') {
            return code
        }
        const isStatus = Number.isInteger(status) && Number(status) > 99 && Number(status) < 1000
        return isStatus ? String(status) : null
    } catch {
        // The error of a foreign transport may throw from a getter.
        return null
    }
}

/**
 * Refusals that do not depend on the published value: a key, a limit, a peer or a proxy is the
 * reason.
 */
const NOT_OF_VALUE: ReadonlySet<string> = new Set([
    '401', '404', '408', '421', '425', '429', '502', '503', '504'
])

/** Whether the published value may be the reason of a refusal. Other refusals count as losses. */
export function isRefusalOfValue(status: string): boolean {
    return !NOT_OF_VALUE.has(status)
}

/** The fields that a transport adds to an answer on `write`. */
export interface CallOutcome {
    /** The status with which the call was refused; absent if the call was not refused. */
    readonly refused?: string
    /** `true` if the called member has answered `null`; absent if the call may have been lost. */
    readonly isAnswered?: boolean
    /** Why no call to this address can ever be sent; absent if the call may have been lost. */
    readonly mistake?: string
}

/** The counts of refusals, by peer and status. */
export type RefusalCounts = Readonly<Record<string, Readonly<Record<string, number>>>>

/** The first and the last of some entries. */
export interface Span {
    /** The number of the first entry. */
    readonly first: Monotonic
    /** The number of the last entry; the same if there is one entry. */
    readonly last: Monotonic
}

/** The entries of the last refused call to a peer. */
export interface RefusedRun extends Span {
    readonly status: string
}

/**
 * The first and last entry of a call; `null` without entries. A call in flight keeps this span
 * instead of the request, because a closure over the request would keep all its entries in memory.
 */
export function spanOf(request: Request): Span | null {
    const entries = 'entries' in request ? request.entries : []
    const [first, last] = [entries[0], entries.at(-1)]
    return first === undefined || last === undefined
        ? null
        : { first: first.promise, last: last.promise }
}

/** The refused entries, by peer. */
export type RefusedRuns = Readonly<Record<string, RefusedRun>>

/** The limit of counted peers. */
const PEERS_MAX = 1024

/** Counts refused calls by peer and status. */
export class Refusals {
    readonly #counts = new Map<string, Map<string, number>>()
    readonly #runs = new Map<string, RefusedRun>()

    /**
     * Counts a refusal. At the limit of peers, the peer with the oldest refusal is dropped.
     *
     * @returns The number of refusals of this peer with this status.
     */
    count(peer: string, status: string): number {
        const counts = this.#counts.get(peer) ?? new Map<string, number>()
        const count = (counts.get(status) ?? 0) + 1
        counts.set(status, count)
        this.#counts.delete(peer)
        this.#counts.set(peer, counts)
        if (this.#counts.size > PEERS_MAX) {
            const [oldest = peer] = this.#counts.keys()
            this.#counts.delete(oldest)
        }
        return count
    }

    /**
     * Records the end of a call. A refused call with entries becomes the refused run of the peer;
     * an answer to a call with entries removes the refused run.
     *
     * @param span The entries of the call, see `spanOf`.
     */
    recordEnd(peer: string, span: Span | null, isAnswered: boolean, status: string | null): void {
        if (span === null) {
            return
        }
        if (status !== null && (this.#runs.has(peer) || this.#runs.size < PEERS_MAX)) {
            this.#runs.set(peer, { status, ...span })
        } else if (isAnswered) {
            this.#runs.delete(peer)
        }
    }

    /** The refused entries, by peer. */
    runs(): RefusedRuns {
        return Object.fromEntries(this.#runs)
    }

    /** All counts. */
    counts(): RefusalCounts {
        return Object.fromEntries(
            [...this.#counts].map(([peer, counts]) => [peer, Object.fromEntries(counts)])
        )
    }
}
