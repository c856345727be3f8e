import { batchLength } from './batch.js'
import { approximateSize } from '../base/json-value.js'
import type { Settlement } from './islander-types.js'
import { aborted, type WaitLimits } from '../base/abort-signal.js'
import { quiet } from '../base/callbacks.js'
import type { KibitzError } from '../base/errors.js'
import { readersBehind, tooManyWait } from './limits.js'
import { isTraced, PUBLISHES, type PublishContext, tracePromise } from '../member/channels.js'
import { exiled } from '../member/shutdown.js'
import { Coalescer, type Gathered } from './coalescing.js'
import type { History } from '../member/history.js'
import type { Islander } from './islander.js'
import type { KibitzerSettings } from '../member/options.js'
import { atTurnEnd } from '../base/event-loop-yield.js'
import type { Paxos } from '../paxos/paxos.js'
import { type Publication, type Published, PendingPublishes } from './pending-publishes.js'

const monotonicNow = (): number => performance.now()

/** The parts of a member that a PublishQueue needs. */
interface PublishingMember {
    readonly paxos: Pick<Paxos, 'exiled' | 'id' | 'republic'>
    readonly islander: Pick<Islander, 'tickets' | 'isHolding'>
    /** The backlog of the log's readers, the application included. */
    readonly history: Pick<History, 'backlog' | 'isBeyond'>
    /** Plays values as one input, in their order. */
    readonly play: (bodies: readonly unknown[]) => void
    /**
     * Whether a journal records the inputs. If so, each input must be small enough for one record.
     */
    readonly isRecorded: boolean
    /** The reason to reject every publish; `null` if there is none. */
    readonly rejectPlay: () => KibitzError | null
}

function kindOf([first]: readonly unknown[]): 'publish' | 'barrier' {
    return first === null ? 'barrier' : 'publish'
}

/**
 * Admits the user's publishes within the limits, gathers the publishes of one turn, and settles
 * their promises.
 */
export class PublishQueue {
    readonly publications: PendingPublishes = new PendingPublishes()
    readonly coalescer: Coalescer
    readonly #settings: KibitzerSettings
    readonly #member: PublishingMember
    /** The values that wait to be played. */
    readonly #entering: unknown[] = []
    #isEntering = false

    constructor(settings: KibitzerSettings, member: PublishingMember) {
        this.#settings = settings
        this.#member = member
        this.coalescer = new Coalescer({
            enter: (bodies) => this.#play(bodies),
            isHeld: (gathered) => this.#isHeld(gathered),
            atTurnEnd
        })
    }

    /**
     * Whether values wait here for a batch in flight, and then travel with the callers of that
     * batch. Without the wait, a late caller and the other callers would alternate in small and
     * large batches for good.
     */
    #isHeld(gathered: Gathered): boolean {
        return this.#member.islander.isHolding(gathered)
    }

    /**
     * Plays values. If a journal records the inputs, each batch is one input, so that no record is
     * larger than one batch. Values that a reader publishes during the play come behind these
     * values.
     */
    #play(bodies: readonly unknown[]): void {
        if (!this.#member.isRecorded) {
            this.#member.play(bodies)
            return
        }
        for (const body of bodies) {
            this.#entering.push(body)
        }
        if (this.#isEntering) {
            return
        }
        this.#isEntering = true
        try {
            while (this.#entering.length !== 0) {
                this.#member.play(this.#entering.splice(0, batchLength(this.#entering)))
            }
        } finally {
            this.#isEntering = false
        }
    }

    /** The ticket of the next value. */
    get #nextTicket(): number {
        return this.#member.islander.tickets + this.#entering.length + this.coalescer.size + 1
    }

    #publish(
        bodies: readonly unknown[], limits: WaitLimits, isList: boolean, isEntered: boolean = false
    ): Promise<Published> {
        if (!isTraced(PUBLISHES)) {
            return this.#admitAndPublish(bodies, limits, isList, isEntered)
        }
        const { id, republic } = this.#member.paxos
        const first = this.#nextTicket
        const context: PublishContext = {
            member: id, republic, kind: kindOf(bodies),
            tickets: { first, last: first + bodies.length - 1 },
            size: bodies.reduce<number>((sum, body) => sum + approximateSize(body), 0)
        }
        const run = (): Promise<Published> =>
            this.#admitAndPublish(bodies, limits, isList, isEntered)
        return quiet(tracePromise(PUBLISHES, context, run))
    }

    /**
     * Publishes values, unless a limit, the signal or the state of the member forbids the publish.
     *
     * @param isList Whether the result is a list, not the publication of the only value.
     * @param isEntered Whether the call is among the waits of the member already.
     * @returns Settles when the entries are in the log. A rejection is safe to ignore.
     */
    #admitAndPublish(
        bodies: readonly unknown[], { signal, timeout }: WaitLimits, isList: boolean,
        isEntered: boolean
    ): Promise<Published> {
        const count = bodies.length
        let weight = 0
        for (let at = 0; at < count; at++) {
            weight += approximateSize(bodies[at])
        }
        const reason = this.#rejectPublish(count, weight, signal)
        if (reason !== null) {
            return quiet(Promise.reject(reason))
        }
        // The promise gets the ticket before the publish is played, because the publish may settle
        // before `play` returns.
        const first = this.#nextTicket
        const kind = kindOf(bodies)
        // Gathered values come within a few microtask turns.
        const isSameTurn = this.coalescer.size !== 0
        const publication = this.publications.wait(
            { first, count, isList, weight, signal, timeout, isSameTurn, kind, isEntered }
        )
        this.coalescer.add(bodies, weight)
        return publication
    }

    /** Publishes one value; see `#admitAndPublish`. */
    publishOne(body: unknown, limits: WaitLimits): Promise<Publication> {
        return this.#publish([body], limits, false) as Promise<Publication>
    }

    /** Publishes an entry without a body, for a barrier that is among the waits already. */
    publishBarrier(signal: AbortSignal | undefined): Promise<Publication> {
        const limits = { signal, timeout: undefined }
        return this.#publish([null], limits, false, true) as Promise<Publication>
    }

    /** Publishes several values; see `#publish`. */
    publishAll(
        bodies: readonly unknown[], limits: WaitLimits
    ): Promise<readonly Publication[]> {
        return this.#publish(bodies, limits, true) as Promise<readonly Publication[]>
    }

    #rejectPublish(
        count: number,
        size: number,
        signal: AbortSignal | undefined
    ): KibitzError | null {
        const { paxos, history, rejectPlay: refusal } = this.#member
        const reason = refusal()
        if (reason !== null) {
            return reason
        }
        if (paxos.exiled) {
            return exiled()
        }
        const waiting = { entries: this.publications.size, size: this.publications.weight }
        const { publishes, publishesSize } = this.#settings
        const room = {
            entries: publishes - waiting.entries - count,
            size: publishesSize - waiting.size - size
        }
        if (room.entries < 0 || room.size < 0) {
            return tooManyWait(waiting, this.#settings)
        }
        if (history.isBeyond(room, monotonicNow)) {
            return readersBehind(waiting, history.backlog(), this.#settings)
        }
        return signal?.aborted === true ? aborted('The publish', signal) : null
    }

    /**
     * Resolves the promises of settled publishes. If the log has exiled this member, rejects all
     * others.
     */
    settle(settled: readonly Settlement[]): void {
        this.publications.settle(settled)
        // The values wait until the settled callers have published again.
        this.coalescer.requestEnd()
        if (this.#member.paxos.exiled) {
            this.publications.reject(exiled())
        }
    }
}
