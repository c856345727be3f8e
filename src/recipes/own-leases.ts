import { aborted } from '../base/abort-signal.js'
import { type HeldLease, lost } from './held-lease.js'
import type { LockCommand } from './lock-commands.js'
import type { PartHost } from './part.js'
import { untilReleased } from './release-wait.js'

/** The uses of locks by this process, with their leases and their releases. */
export class OwnLeases {
    /** The leases whose routines run, by id. */
    readonly #held = new Map<string, HeldLease>()
    /** The uses that run or wait. Each resolves when the use has ended. */
    readonly #uses = new Set<Promise<void>>()
    /** The releases that are on their way to the log. */
    readonly #releases = new Set<Promise<void>>()
    /** The times of their publishes, by the id of the lease. */
    readonly #releasedAt = new Map<string, number>()

    /** A use begins. Returns the function that ends the use. */
    begin(): () => void {
        let onEnd: () => void = () => {}
        const use = new Promise<void>((resolve) => { onEnd = resolve })
        this.#uses.add(use)
        return () => {
            this.#uses.delete(use)
            onEnd()
        }
    }

    /** A routine runs under a lease. */
    hold(id: string, lease: HeldLease): void {
        this.#held.set(id, lease)
    }

    /** The log has ended a lease, perhaps before the routine has ended. */
    lose(id: string, host: PartHost | null): void {
        const lease = this.#held.get(id)
        if (lease !== undefined) {
            // The listeners of the signal are the user's: they may not run within `apply`.
            host?.later(() => lease.end(() => lost(lease.name)))
        }
    }

    /**
     * A routine has ended. If the release does not reach the log, the lease ends by its ttl.
     *
     * @param publish Publishes the release.
     */
    release(
        id: string, lease: HeldLease, host: PartHost, publish: () => Promise<unknown>
    ): void {
        this.#held.delete(id)
        lease.end(() => aborted(
            `The lease of ${lease.name} has ended with its routine, so later work`, null))
        this.#releasedAt.set(id, host.now())
        const over = (): void => {
            this.#releasedAt.delete(id)
            this.#releases.delete(release)
        }
        const release = publish().then(over, over)
        this.#releases.add(release)
    }

    /**
     * The time of this member's clock before the publish of a release. A lease that the release
     * gives to the next request is not older. `null` if another process released the lease.
     */
    releasedAt({ do: kind, id }: LockCommand): number | null {
        return kind === 'release' ? this.#releasedAt.get(id) ?? null : null
    }

    /** Ends all leases; resolves after the uses, and at most two seconds later the releases. */
    async stop(reason: unknown, host: PartHost | null): Promise<void> {
        for (const lease of this.#held.values()) {
            lease.end(() => reason)
        }
        await Promise.all(this.#uses)
        if (host !== null && this.#releases.size > 0) {
            await untilReleased(host, Promise.all(this.#releases))
        }
    }
}
