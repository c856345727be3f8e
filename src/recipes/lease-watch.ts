import { quiet } from '../base/callbacks.js'
import type { Monotonic } from '../base/monotonic.js'
import { isSameOwner, type Owner, type PartHost } from './part.js'

/** A lease in a replicated state. No field depends on a clock. */
export interface LeaseRecord extends Owner {
    readonly id: string
    /** The session of the process that holds the lease. */
    readonly session: string
    /** The time for which an extension keeps the lease, in milliseconds. */
    readonly ttl: number
    /** The fencing token: the promise of the entry that gave the lease. */
    readonly token: Monotonic
    /** The promise of the entry that extended the lease last. */
    readonly extended: Monotonic
}

/** The pause before another attempt to end a lease, in milliseconds. */
const RETRY_MS = 1000

/** The members that do not lead wait so much longer at most, so that the leader goes first. */
const STAGGER_MS = 1000

/** A watched lease, and the time at which this member has applied the last extension. */
interface Watched {
    readonly lease: LeaseRecord
    readonly seenAt: number
    /** Whether this member has left the leader its time. */
    hasStaggered: boolean
    /** Ends the timer. */
    end: () => void
}

/**
 * Ends the leases that their holders no longer extend. Each member watches on its own clock.
 *
 * 1. The time of a lease begins when this member applies an extension: after the holder has
 *    published the extension. So the holder, who counts from before the publish, is always first.
 * 2. The command that ends a lease names the last extension. If a later extension is in the log
 *    before the command, the command has no effect.
 * 3. A lease of an earlier process of this same member, with the same journal, ends at once: only
 *    one process at a time holds a journal.
 */
export class LeaseWatch {
    readonly #host: PartHost
    readonly #expire: (lease: LeaseRecord) => Promise<unknown>
    readonly #watched = new Map<string, Watched>()

    /** @param expire Publishes the command that ends a lease. */
    constructor(host: PartHost, expire: (lease: LeaseRecord) => Promise<unknown>) {
        this.#host = host
        this.#expire = expire
    }

    /** Called when this member applies the grant or an extension of a lease. */
    see(lease: LeaseRecord): void {
        this.forget(lease.id)
        const watched = { lease, seenAt: this.#host.now(), hasStaggered: false, end: () => {} }
        this.#watched.set(lease.id, watched)
        this.#wait(watched, this.#isOfEarlierProcess(watched) ? 0 : lease.ttl)
    }

    /** Called when a lease has ended in the log. */
    forget(id: string): void {
        const watched = this.#watched.get(id)
        if (watched !== undefined) {
            watched.end()
            this.#watched.delete(id)
        }
    }

    /** Called after a restored snapshot: watches these leases only. */
    reset(leases: Iterable<LeaseRecord>): void {
        for (const id of [...this.#watched.keys()]) {
            this.forget(id)
        }
        for (const lease of leases) {
            this.see(lease)
        }
    }

    /** Whether the holder was an earlier process of this member, with the same journal. */
    #isOfEarlierProcess({ lease }: Watched): boolean {
        const { id, immigrated, session } = this.#host
        return lease.session !== session && isSameOwner(lease, { publisher: id, immigrated })
    }

    #wait(watched: Watched, ms: number): void {
        watched.end = this.#host.after(ms, () => this.#onTime(watched))
    }

    #onTime(watched: Watched): void {
        const { lease, seenAt, hasStaggered } = watched
        const { closed, now, isLeader, random } = this.#host
        const left = seenAt + lease.ttl - now()
        if (closed.aborted) {
            return
        }
        if (left > 0 && !this.#isOfEarlierProcess(watched)) {
            this.#wait(watched, left)
        } else if (!isLeader && !hasStaggered) {
            watched.hasStaggered = true
            this.#wait(watched, STAGGER_MS * (0.5 + random() / 2))
        } else {
            const again = (): void => {
                if (this.#watched.get(lease.id) === watched) {
                    this.#wait(watched, RETRY_MS)
                }
            }
            quiet(this.#expire(lease).then(again, again))
        }
    }
}
