import type { MemberLogger } from '../base/member-logger.js'
import { KibitzError } from '../base/errors.js'
import { CalledWait, type Wait, type WaitKind, WaitList } from './wait-list.js'

/** The calls of one kind that wait. */
export interface Waiting {
    readonly kind: WaitKind
    /** The number of waiting calls. */
    readonly count: number
    /** The start of the oldest call, in milliseconds since the epoch. */
    readonly since: number
    /** The time since then, in milliseconds. */
    readonly waitedMs: number
    /** The reason for the wait, in words, with the peer if there is one. */
    readonly reason: string
}

/** A wait of this length is reported, in milliseconds. */
const REPORTED_MS = 5_000
/** The next report of the same wait comes after this time, in milliseconds. */
const REPEATED_MS = 60_000
/** The timer does not fire more often than this, in milliseconds. */
const PAUSE_MS = 10

/** The consequence of the end of a wait. */
const CONSEQUENCES: Readonly<Record<WaitKind, string>> = {
    publish: 'The entry may still appear in the log; look there before you publish it again.',
    barrier: 'Nothing was lost; call barrier again.',
    start: 'Nothing was lost; call start again.',
    join: 'The republic may still admit this member; call join again.',
    leave: 'The request for the exile stands; look at status().role.',
    cede: 'The handover may still happen; look at status().leader.',
    exile: 'The citizen may still be exiled; look at status().government.',
    move: 'The request for the new properties stands; look at status().isMoving.'
}

function seconds(ms: number): string {
    return `${(ms / 1000).toFixed(1)} s`
}

/** The error of a wait that has reached its limit. */
function timedOut(kind: WaitKind, waitedMs: number, reason: string): KibitzError {
    return new KibitzError('timed-out', `The ${kind} has waited for ${seconds(waitedMs)}, its `
        + `limit: ${reason}. ${CONSEQUENCES[kind]}`)
}

/** The waiting calls of one kind, in one list for each limit. */
class KindOfWait {
    readonly lists = new Map<number, WaitList>()
    count = 0
    /** The instant of the last report of the present wait; `null` before a report. */
    reportedAt: number | null = null

    /** The start of the oldest call; `null` if no call waits. */
    get since(): number | null {
        let since: number | null = null
        for (const { first } of this.lists.values()) {
            if (first !== null && (since === null || first.since < since)) {
                since = first.since
            }
        }
        return since
    }
}

/**
 * The calls of a member that wait for the republic.
 *
 * 1. If the oldest call of a kind waits for five seconds, the log has one line with the reason, and
 *    a further line each minute. The number of calls does not matter.
 * 2. A call with a limit ends at the limit, in the time of the member.
 * 3. All calls share one timer, and a call enters and leaves in constant time.
 */
export class Waits {
    /** The reason for a wait, in words. */
    reasonOf: (kind: WaitKind) => string
    /**
     * Whether the owner of the member, a Colleague, enters the calls itself. Then the member enters
     * only its own calls with a limit.
     */
    isOwned = false
    readonly #now: () => number
    readonly #logger: Pick<MemberLogger, 'warn'>
    readonly #kinds = new Map<WaitKind, KindOfWait>()
    /** The start of the call that entered last. */
    #lastSince = Number.NEGATIVE_INFINITY
    #timer: NodeJS.Timeout | null = null
    #armedFor = Number.POSITIVE_INFINITY
    #isClosed = false

    /** @param now The time of the member, in milliseconds since the epoch. */
    constructor(
        now: () => number, logger: Pick<MemberLogger, 'warn'>, reasonOf: (kind: WaitKind) => string
    ) {
        this.#now = now
        this.#logger = logger
        this.reasonOf = reasonOf
    }

    /** Enters a call of the member; `null` if the owner of the member has entered the call. */
    enterInner(
        kind: WaitKind, timeout: number | undefined, expire: (error: KibitzError) => void
    ): Wait | null {
        return this.isOwned && timeout === undefined ? null : this.enter(kind, timeout, expire)
    }

    /**
     * Enters a call.
     *
     * @param timeout The limit, in milliseconds; `undefined` for no limit.
     * @param expire Called with the error of the call after the limit. The call has left by then.
     */
    enter(
        kind: WaitKind, timeout: number | undefined, expire: (error: KibitzError) => void
    ): Wait {
        const wait = new CalledWait(kind, expire)
        this.#add(wait, timeout)
        return wait
    }

    /**
     * Enters a call of the member, unless the owner of the member has entered the call.
     *
     * @param isSameTurn Whether another call has entered in the same turn of the event loop. If so,
     * a call without a limit shares the start of that call, without a look at the clock.
     */
    addInner(wait: Wait, timeout: number | undefined, isSameTurn: boolean): void {
        if (!this.isOwned || timeout !== undefined) {
            this.#add(wait, timeout, isSameTurn && timeout === undefined)
        }
    }

    #add(wait: Wait, timeout: number | undefined, isShared: boolean = false): void {
        const since = isShared ? this.#lastSince : this.#now()
        this.#lastSince = since
        const limit = timeout ?? Number.POSITIVE_INFINITY
        const kinds = this.#kindOf(wait.kind)
        let list = kinds.lists.get(limit)
        if (list === undefined) {
            list = new WaitList(limit)
            kinds.lists.set(limit, list)
        }
        wait.since = since
        list.add(wait)
        kinds.count++
        this.#arm(Math.min(since + REPORTED_MS, since + limit), since)
        if (timeout !== undefined) {
            // The call settles at its limit, even if nothing else keeps the process alive.
            this.#timer?.ref()
        }
    }

    /** A call no longer waits. A second call of `leave` does nothing. */
    leave(wait: Wait | null): void {
        if (wait === null || wait.list === null) {
            return
        }
        const kinds = this.#kindOf(wait.kind)
        const { list } = wait
        list.remove(wait)
        if (list.first === null) {
            kinds.lists.delete(list.limit)
        }
        kinds.count--
        if (kinds.count === 0) {
            kinds.reportedAt = null
        }
    }

    /** The waiting calls by kind, with the reasons. */
    all(): readonly Waiting[] {
        const now = this.#now()
        return [...this.#kinds].flatMap(([kind, { count, since }]) =>
            since === null ? [] : [Object.freeze({
                kind, count, since, waitedMs: now - since, reason: this.reasonOf(kind)
            })])
    }

    /** Stops the timer for good. */
    close(): void {
        this.#isClosed = true
        clearTimeout(this.#timer ?? undefined)
    }

    #kindOf(kind: WaitKind): KindOfWait {
        let known = this.#kinds.get(kind)
        if (known === undefined) {
            known = new KindOfWait()
            this.#kinds.set(kind, known)
        }
        return known
    }

    #arm(instant: number, now: number): void {
        if (instant >= this.#armedFor || this.#isClosed) {
            return
        }
        clearTimeout(this.#timer ?? undefined)
        this.#armedFor = instant
        this.#timer = setTimeout(() => this.#check(), Math.max(PAUSE_MS, instant - now))
        this.#timer.unref()
    }

    #check(): void {
        this.#armedFor = Number.POSITIVE_INFINITY
        const now = this.#now()
        let [next, deadline] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
        for (const [kind, waiting] of this.#kinds) {
            next = Math.min(next, this.#report(kind, waiting, now))
            deadline = Math.min(deadline, this.#expire(waiting, now))
        }
        if (Number.isFinite(Math.min(next, deadline))) {
            this.#arm(Math.min(next, deadline), now)
        }
        if (Number.isFinite(deadline)) {
            this.#timer?.ref()
        }
    }

    /** Ends the calls at their limits. Returns the next limit. */
    #expire({ lists }: KindOfWait, now: number): number {
        let next = Number.POSITIVE_INFINITY
        for (const list of [...lists.values()]) {
            for (let wait = list.first; wait !== null; wait = list.first) {
                if (wait.deadline > now) {
                    next = Math.min(next, wait.deadline)
                    break
                }
                this.leave(wait)
                wait.expire(timedOut(wait.kind, now - wait.since, this.reasonOf(wait.kind)))
            }
        }
        return next
    }

    /** Reports the oldest call if it is due. Returns the instant of the next report. */
    #report(kind: WaitKind, waiting: KindOfWait, now: number): number {
        const { since, count, reportedAt } = waiting
        if (since === null || now - since < REPORTED_MS) {
            waiting.reportedAt = null
            return since === null ? Number.POSITIVE_INFINITY : since + REPORTED_MS
        }
        if (reportedAt !== null && now - reportedAt < REPEATED_MS) {
            return reportedAt + REPEATED_MS
        }
        waiting.reportedAt = now
        const reason = this.reasonOf(kind)
        this.#logger.warn('wait', { call: kind, count, waitedMs: now - since, reason })
        return now + REPEATED_MS
    }
}
