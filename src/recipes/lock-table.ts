import { rejectArgument } from '../base/errors.js'
import type { Monotonic } from '../base/monotonic.js'
import type { ApplicationEntry } from '../colleague/application.js'
import type { Government } from '../paxos/messages/messages.js'
import {
    type AcquireLock, type LockCommand, type LockLease, type LockOutcome, rejectLockCommand
} from './lock-commands.js'
import { isCitizen, isSameOwner, type Owner, ownerOf } from './part.js'

/** A request that waits for its turn. */
type LockRequest = Omit<LockLease, 'token' | 'extended'>

interface Lock {
    readonly permits: number
    readonly holders: Map<string, LockLease>
    /** In order of arrival. */
    readonly waiters: Map<string, LockRequest>
}

/** Learns the changes of the leases. Local work only: nothing of it reaches the state. */
export interface LockObserver {
    /** A lease was given or extended. */
    kept(lease: LockLease): void
    /** A lease or a request has ended. */
    ended(id: string): void
}

const VOID: LockOutcome = Object.freeze({ state: 'void', token: '' })

/**
 * The replicated state of the locks: no clock, no chance.
 *
 * 1. A lock has at most `permits` leases. Requests get the lock in the order of the log.
 * 2. The token of a lease is the promise of the entry that gave the lease: tokens of a lock rise.
 * 3. A lock without leases and requests does not exist.
 * 4. If a lease ends because its process did not extend the lease, the requests of this process
 *    leave the queue of the lock; a process that runs asks again.
 */
export class LockTable {
    readonly #locks = new Map<string, Lock>()
    readonly #observer: LockObserver

    constructor(observer: LockObserver) {
        this.#observer = observer
    }

    /** Refuses a value that is no command. */
    validate(command: LockCommand): void {
        rejectLockCommand(command)
    }

    /** Applies a command. */
    apply({ promise, body, ...rest }: ApplicationEntry<LockCommand>): LockOutcome {
        const owner = ownerOf({ promise, body, ...rest })
        switch (body.do) {
            case 'acquire':
                return this.#acquire(body, owner, promise)
            case 'extend':
                return this.#extend(body.name, body.id, owner, promise)
            case 'release':
                return this.#release(body.name, body.id, owner, promise)
            case 'expire':
                return this.#expire(body.name, body.id, body.extended, promise)
        }
        return rejectArgument('The lock table does not know this command.')
    }

    /**
     * Ends the requests of members that are no citizens any more, and their leases with `exile`.
     * Another lease of an exiled member ends by its ttl: the member may run without knowing of the
     * exile, and its signal must abort first.
     */
    governed(government: Government): void {
        for (const [name, { holders, waiters }] of [...this.#locks]) {
            const isGone = (lease: Owner): boolean => !isCitizen(lease, government)
            const ended = [
                ...[...waiters.values()].filter(isGone),
                ...[...holders.values()].filter((lease) => lease.exile && isGone(lease))
            ]
            for (const { id } of ended) {
                this.#end(name, id, government.promise)
            }
        }
    }

    /** The leases, as of this member. */
    * leases(): Generator<LockLease> {
        for (const { holders } of this.#locks.values()) {
            yield* holders.values()
        }
    }

    /** The lease with an id; `waits` if the request waits; `null` if there is neither. */
    find(id: string): LockLease | 'waits' | null {
        for (const { holders, waiters } of this.#locks.values()) {
            const found = holders.get(id) ?? (waiters.has(id) ? 'waits' : null)
            if (found !== null) {
                return found
            }
        }
        return null
    }

    /** The number of requests that wait for a lock. */
    waiting(name: string): number {
        return this.#locks.get(name)?.waiters.size ?? 0
    }

    /** One JSON value for each lock. */
    * snapshot(): Generator<unknown> {
        for (const [name, { permits, holders, waiters }] of this.#locks) {
            yield [name, permits, [...holders.values()], [...waiters.values()]]
        }
    }

    /** Replaces the locks. */
    async restore(values: AsyncIterable<unknown>): Promise<void> {
        this.#locks.clear()
        for await (const value of values) {
            const [name, permits, holders, waiters] =
                value as [string, number, LockLease[], LockRequest[]]
            this.#locks.set(name, {
                permits,
                holders: new Map(holders.map((lease) => [lease.id, lease])),
                waiters: new Map(waiters.map((request) => [request.id, request]))
            })
        }
    }

    #acquire(command: AcquireLock, owner: Owner, promise: Monotonic): LockOutcome {
        const { name, id, session, ttl, permits, exile } = command
        const found = this.#locks.get(name)
        if (found === undefined && this.#locks.size >= command.locksMax) {
            return { state: 'full', token: '' }
        }
        const lock = found ?? { permits, holders: new Map(), waiters: new Map() }
        if (lock.permits !== permits) {
            return { state: 'permits', token: '' }
        }
        const isFree = lock.waiters.size === 0 && lock.holders.size < permits
        if (!isFree && (!command.waits || lock.waiters.size >= command.waitersMax)) {
            return { state: command.waits ? 'full' : 'busy', token: '' }
        }
        this.#locks.set(name, lock)
        lock.waiters.set(id, { name, id, session, ttl, exile, ...owner })
        this.#giveNext(lock, promise)
        const token = lock.holders.get(id)?.token
        return token === undefined ? { state: 'waits', token: '' } : { state: 'held', token }
    }

    #extend(name: string, id: string, owner: Owner, extended: Monotonic): LockOutcome {
        const holders = this.#locks.get(name)?.holders
        const lease = holders?.get(id)
        if (holders === undefined || lease === undefined || !isSameOwner(lease, owner)) {
            return VOID
        }
        const later = { ...lease, extended }
        holders.set(id, later)
        this.#observer.kept(later)
        return { state: 'done', token: lease.token }
    }

    #release(name: string, id: string, owner: Owner, promise: Monotonic): LockOutcome {
        const lock = this.#locks.get(name)
        const found = lock?.holders.get(id) ?? lock?.waiters.get(id)
        return found !== undefined && isSameOwner(found, owner)
            ? this.#end(name, id, promise)
            : VOID
    }

    #expire(name: string, id: string, extended: Monotonic, promise: Monotonic): LockOutcome {
        const lock = this.#locks.get(name)
        const lease = lock?.holders.get(id)
        if (lock === undefined || lease === undefined || lease.extended !== extended) {
            return VOID
        }
        // The process does not run, or is cut off: each of its requests would cost another ttl.
        for (const request of [...lock.waiters.values()]) {
            if (isSameOwner(request, lease) && request.session === lease.session) {
                lock.waiters.delete(request.id)
                this.#observer.ended(request.id)
            }
        }
        return this.#end(name, id, promise)
    }

    #end(name: string, id: string, promise: Monotonic): LockOutcome {
        const lock = this.#locks.get(name)
        if (lock !== undefined && (lock.holders.delete(id) || lock.waiters.delete(id))) {
            this.#observer.ended(id)
            this.#giveNext(lock, promise)
            if (lock.holders.size + lock.waiters.size === 0) {
                this.#locks.delete(name)
            }
        }
        return { state: 'done', token: '' }
    }

    #giveNext(lock: Lock, promise: Monotonic): void {
        for (const [id, request] of lock.waiters) {
            if (lock.holders.size >= lock.permits) {
                return
            }
            lock.waiters.delete(id)
            const lease = { ...request, token: promise, extended: promise }
            lock.holders.set(id, lease)
            this.#observer.kept(lease)
        }
    }
}
