import { onAbort } from '../../base/abort-signal.js'
import { KibitzError } from '../../base/errors.js'
import type { Lease } from '../held-lease.js'
import type { LockUseOptions } from '../lock-options.js'
import type { Locks } from '../locks.js'

/** A lease for a client of another process. */
export interface RemoteLease {
    /** Names the lease in the calls that extend and release the lease. A secret of the client. */
    readonly id: string
    readonly token: string
    /**
     * The time for which the lease surely lasts, in milliseconds. The client counts from *before*
     * its request.
     */
    readonly remainingMs: number
}

/** A held lease. */
interface Held {
    readonly name: string
    readonly lease: Lease
    /** Ends the routine of the lease. */
    readonly end: () => void
    endTimer: NodeJS.Timeout | null
}

/**
 * The leases that this process holds for clients of other processes.
 *
 * 1. The lease in the log extends itself. This process ends the lease if the client sends no
 *    extension within the `remainingMs` of the last answer.
 * 2. The client counts `remainingMs` from before its request, and this process counts from its
 *    answer. So the client ends first, on its own clock.
 */
export class RemoteLeases {
    readonly #max: number
    readonly #held = new Map<string, Held>()
    #asking = 0

    /** @param max The number of leases and of waiting requests together. */
    constructor(max: number) {
        this.#max = max
    }

    /** Waits for a lock; rejects like `Locks.using`, or with `overloaded`. */
    async acquire(locks: Locks, name: string, options: LockUseOptions): Promise<RemoteLease> {
        if (this.#held.size + this.#asking >= this.#max) {
            throw new KibitzError('overloaded',
                `This member holds ${this.#max} leases for clients (option leasesMax). Nothing was `
                    + 'done; try again later, or ask another member.')
        }
        this.#asking++
        try {
            return await new Promise((resolve, reject) => {
                locks.using(name, options, (lease) => new Promise<void>((end) => {
                    resolve(this.#hold(name, lease, end))
                })).catch(reject)
            })
        } finally {
            this.#asking--
        }
    }

    /** Extends a lease; `null` if this member does not hold the lease. */
    extend(name: string, id: string): RemoteLease | null {
        const held = this.#held.get(id)
        return held?.name === name && held.lease.remainingMs > 0 ? this.#renew(id, held) : null
    }

    /** Ends a lease. Returns whether this member has held the lease. */
    release(name: string, id: string): boolean {
        const held = this.#held.get(id)
        if (held?.name !== name) {
            return false
        }
        this.#end(id, held)
        return true
    }

    #hold(name: string, lease: Lease, end: () => void): RemoteLease {
        const id = crypto.randomUUID()
        const held: Held = { name, lease, end, endTimer: null }
        this.#held.set(id, held)
        onAbort(lease.signal, () => this.#end(id, held))
        return this.#renew(id, held)
    }

    #renew(id: string, held: Held): RemoteLease {
        const remainingMs = Math.floor(held.lease.remainingMs)
        if (held.endTimer !== null) {
            clearTimeout(held.endTimer)
        }
        held.endTimer = setTimeout(() => this.#end(id, held), remainingMs).unref()
        return { id, token: held.lease.token, remainingMs }
    }

    #end(id: string, held: Held): void {
        if (held.endTimer !== null) {
            clearTimeout(held.endTimer)
        }
        this.#held.delete(id)
        held.end()
    }
}
