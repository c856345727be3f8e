import { batchOf } from './batch.js'
import { jsonSize } from '../base/json-value.js'
import type { Settlement } from './islander-types.js'
import { aborted } from '../member/log-iterator.js'
import { KibitzError } from '../base/errors.js'
import { Coalescer } from './coalescing.js'
import type { History } from '../member/history.js'
import type { Islander } from './islander.js'
import type { KibitzerSettings } from '../member/options.js'
import { yieldBetween } from '../base/event-loop-yield.js'
import type { Paxos } from '../paxos/paxos.js'
import { type Publication, PendingPublishes } from './pending-publishes.js'

/** Rejects the publishes of a member that the log has exiled. */
export function exiled(): KibitzError {
    return new KibitzError(
        'exiled',
        'The republic has exiled this member, which has left or did not answer for too long. ' +
            'What it published and has not seen may be in the log or not: look there. Destroy ' +
            'this Kibitzer, and join with a new one.'
    )
}

/** Rejects a call at a destroyed member. */
export function destroyed(): KibitzError {
    return new KibitzError(
        'destroyed',
        'The Kibitzer is destroyed. Nothing was done; make another one.'
    )
}

/** Rejects the waiting publishes of a member that is destroyed. */
export function forsaken(): KibitzError {
    return new KibitzError(
        'destroyed',
        'The Kibitzer was destroyed before the entry appeared in its log. It may still ' +
            'appear in the others: look there before publishing it again.'
    )
}

/** The parts of a member that a PublishQueue needs. */
interface Press {
    readonly paxos: Pick<Paxos, 'exiled'>
    readonly islander: Pick<Islander, 'tickets'>
    /** The backlog of the log's readers, the application included. */
    readonly history: Pick<History, 'backlog' | 'isBeyond'>
    /** Plays values as one input, in their order. */
    readonly enter: (bodies: readonly unknown[]) => void
    /**
     * Whether a journal records the inputs. If so, each input must be small enough for one record.
     */
    readonly isRecorded: boolean
    /** The reason to reject every publish; `null` if there is none. */
    readonly refusal: () => KibitzError | null
}

/** Admits the user's publishes within the limits, and settles their promises. */
export class PublishQueue {
    readonly publications: PendingPublishes = new PendingPublishes()
    readonly gathering: Coalescer
    readonly #settings: KibitzerSettings
    readonly #press: Press
    /** The values that wait to be played. */
    readonly #entering: unknown[] = []
    #isEntering = false

    constructor(settings: KibitzerSettings, press: Press) {
        this.#settings = settings
        this.#press = press
        this.gathering = new Coalescer((bodies) => this.#enter(bodies))
    }

    /**
     * Plays values. If a journal records the inputs, each batch is one input, so that no record is
     * larger than one batch. Values that a reader publishes during the play come behind these
     * values.
     */
    #enter(bodies: readonly unknown[]): void {
        if (!this.#press.isRecorded) {
            this.#press.enter(bodies)
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
                this.#press.enter(this.#entering.splice(0, batchOf(this.#entering)))
            }
        } finally {
            this.#isEntering = false
        }
    }

    /**
     * Publishes values, unless a limit, the signal or the state of the member forbids the publish.
     *
     * @param conclude Makes the result of the promise.
     * @returns Settles when the entries are in the log. A rejection is safe to ignore.
     */
    publish<Result>(
        bodies: readonly unknown[],
        signal: AbortSignal | undefined,
        conclude: (publications: readonly Publication[]) => Result
    ): Promise<Result> {
        const count = bodies.length
        const weight = bodies.reduce((sum: number, body) => sum + jsonSize(body), 0)
        const refusal = this.#refusal(count, weight, signal)
        if (refusal !== null) {
            const refused = Promise.reject(refusal)
            refused.catch(() => {})
            return refused
        }
        // The promise gets the ticket before the publish is played, because the publish may settle
        // before `play` returns.
        const before = this.#press.islander.tickets + this.#entering.length + this.gathering.size
        const first = before + 1
        const publication = this.publications.wait({ first, count, weight, signal }, conclude)
        const { size } = this.publications
        this.gathering.add(bodies)
        // At a leader without other voters, the publish settles during the call.
        return this.publications.size < size ? yieldBetween(publication) : publication
    }

    #refusal(
        count: number,
        weight: number,
        signal: AbortSignal | undefined
    ): KibitzError | null {
        const refusal = this.#press.refusal()
        if (refusal !== null) {
            return refusal
        }
        if (this.#press.paxos.exiled) {
            return exiled()
        }
        const { size, weight: waiting } = this.publications
        const { publishes, publishesSize } = this.#settings
        if (size + count > publishes || waiting + weight > publishesSize) {
            return new KibitzError(
                'overloaded',
                `${size} publishes of ${waiting} bytes wait already; ${publishes} may, of ` +
                    `${publishesSize} bytes (options publishes, publishesSize). Nothing was ` +
                    'published; wait for some of them, then try again.'
            )
        }
        const room = { entries: publishes - size - count, size: publishesSize - waiting - weight }
        if (this.#press.history.isBeyond(room, performance.now())) {
            return this.#behind(size, waiting)
        }
        return signal?.aborted === true ? aborted('The publish', signal) : null
    }

    #behind(size: number, waiting: number): KibitzError {
        const { publishes, publishesSize } = this.#settings
        const backlog = this.#press.history.backlog()
        return new KibitzError(
            'overloaded',
            `${size} publishes of ${waiting} bytes wait for the log, and ` +
                `${backlog.entries} entries of about ${backlog.size} bytes wait for a reader of ` +
                'the log or for the application, which is slower than the log. The limit is ' +
                `${publishes} of ${publishesSize} bytes (options publishes, publishesSize). ` +
                'Nothing was published. Wait until the application has caught up, then try again.'
        )
    }

    /**
     * Resolves the promises of settled publishes. If the log has exiled this member, rejects all
     * others.
     */
    settle(settled: readonly Settlement[]): void {
        if (this.publications.settle(settled) > 1) {
            this.gathering.begin()
        }
        if (this.#press.paxos.exiled) {
            this.publications.reject(exiled())
        }
    }
}
