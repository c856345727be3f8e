import { KibitzError } from '../base/errors.js'
import { MemberLogger, type Named } from '../base/member-logger.js'
import { Monotonic } from '../base/monotonic.js'
import { parliament } from '../paxos/membership/government.js'
import type { Government } from '../paxos/messages/messages.js'
import { RetryDelay, pause } from './backoff.js'
import type { ColleagueSettings, SourceChoice } from './options.js'
import { CHUNK, read, type Reply, SNAPSHOT, type SnapshotOffer } from './out-of-band-messages.js'
import type { StateMachine } from './state-machine.js'
import type { ChunkSource } from './restoring.js'
import { TransferError, transferError, Transfer } from './transfer.js'

/** The progress of a newcomer that takes over a state. */
export interface StateTransferProgress {
    /** The id of the member that is asked now. */
    readonly source: string | null
    /** The number of this attempt, from 1; 0 before the first attempt. */
    readonly attempt: number
    /** The last entry that the offered state contains; `null` before an offer. */
    readonly promise: Monotonic | null
    /** Number of received bytes. */
    readonly received: number
    /** Size of the state in bytes; `null` if the source does not know the size yet. */
    readonly size: number | null
    /** The reason for which the previous attempt failed; `null` in the first attempt. */
    readonly failure: string | null
    /** The reason for which the last source offers no state yet; `null` after an offer. */
    readonly obstacle: string | null
}

/** The connection of a StateTransfer to the other members. */
export interface TransferParts {
    /** Asks a member of the current government. Rejects if the member does not answer. */
    ask(id: string, name: string, post: unknown, signal?: AbortSignal): Promise<Reply>
    /** Whether the transport delivers answers as bytes. */
    readonly carriesBytes: boolean
    readonly government: Government
    /** Distinguishes this founding of the republic from other foundings of the same name. */
    readonly founding: string
    /** The identity of the newcomer for log lines. */
    readonly member: Named
}

const INITIAL_PROGRESS: StateTransferProgress = Object.freeze({
    source: null,
    attempt: 0,
    promise: null,
    received: 0,
    size: null,
    failure: null,
    obstacle: null
})

/**
 * The members that a newcomer may ask for the state, in order. A snapshot stalls its source: so the
 * members without a seat come first, and the leader comes last. The order is the same for all
 * newcomers, so that newcomers of the same time share one snapshot.
 */
export function sourcesOf(choice: SourceChoice, government: Government, self: string): string[] {
    const [leader, ...seated] = parliament(government)
    if (typeof choice === 'function') {
        return choice(government).filter((id) => id !== self && Object.hasOwn(
            government.properties, id
        ))
    }
    const seatless = government.naturalized.filter((id) => !seated.includes(id))
    const holders = choice === 'leader' ? [] : [...seatless, ...seated.reverse()]
    const all = new Set(holders.filter((id) => id !== leader && id !== self))
    return leader === undefined || leader === self ? [...all] : [...all, leader]
}

/**
 * Takes over the state of another member.
 *
 * 1. The offered state contains every entry through some entry `p`, which is not older than the
 *    newcomer's admission. The state machine skips its own log through `p`. So any source and any
 *    snapshot will do, and an attempt may follow failed attempts.
 * 2. The newcomer requests a lost chunk again. If the source fails, the next attempt begins with
 *    the next source. After `handoverAttempts` attempts the transfer fails with `stateless`.
 */
export class StateTransfer {
    readonly #logger: MemberLogger
    readonly #parts: TransferParts
    readonly #settings: ColleagueSettings
    #progress: StateTransferProgress | null = null

    constructor(parts: TransferParts, settings: ColleagueSettings) {
        this.#logger = new MemberLogger('kibitz/colleague', () => parts.member)
        this.#parts = parts
        this.#settings = settings
    }

    /** The progress; `null` while no transfer is under way. */
    get progress(): StateTransferProgress | null {
        return this.#progress
    }

    /**
     * Resolves once the state machine has a state that contains the admission. Rejects with
     * `stateless`, with `application-failed`, or with the reason of the signal.
     */
    async run(
        admission: Monotonic,
        stateMachine: Pick<StateMachine, 'restore'>,
        signal: AbortSignal
    ): Promise<void> {
        const { handoverAttempts, ping, timeout, random } = this.#settings
        const backoff = new RetryDelay(ping, 2 * timeout, random)
        this.#progress = INITIAL_PROGRESS
        for (let attempt = 1; ; attempt++) {
            try {
                await this.#attempt(attempt, admission, stateMachine, signal)
                this.#progress = null
                return
            } catch (error) {
                signal.throwIfAborted()
                if (!(error instanceof TransferError)) {
                    throw error
                }
                this.#updateProgress({ failure: error.message })
                this.#logger.warn('handover', { ...this.#progress })
                if (attempt === handoverAttempts) {
                    throw stateless(attempt, error)
                }
            }
            await backoff.wait(signal)
        }
    }

    async #attempt(
        attempt: number,
        admission: Monotonic,
        stateMachine: Pick<StateMachine, 'restore'>,
        signal: AbortSignal
    ): Promise<void> {
        const failure = this.#progress?.failure ?? null
        this.#progress = { ...INITIAL_PROGRESS, attempt, failure }
        const { source, offer } = await this.#findSource(attempt, admission, signal)
        this.#updateProgress({ promise: offer.promise, size: offer.size, obstacle: null })
        await stateMachine.restore(offer.promise, this.#streamChunks(source, offer, signal))
    }

    /**
     * Asks one source after the other until a source offers a snapshot. If no source is ready, the
     * next round begins after a pause; after `handoverTimeout` the attempt fails.
     */
    async #findSource(
        attempt: number,
        through: Monotonic,
        signal: AbortSignal
    ): Promise<{ readonly source: string; readonly offer: SnapshotOffer }> {
        const { source: choice, colleagueId, handoverTimeout } = this.#settings
        const { ping, timeout, random } = this.#settings
        const backoff = new RetryDelay(ping, timeout, random)
        for (let waitedMs = 0; ; ) {
            const sources = sourcesOf(choice, this.#parts.government, colleagueId)
            for (const index of sources.keys()) {
                const source = sources[(attempt - 1 + index) % sources.length] as string
                this.#updateProgress({ source })
                const offer = await this.#requestOffer(source, through, signal)
                if (offer !== null) {
                    return { source, offer }
                }
                this.#reportObstacle(`${source} is not ready`)
            }
            if (sources.length === 0) {
                throw new TransferError('no other member holds a state')
            }
            if (waitedMs >= handoverTimeout) {
                throw new TransferError(`no member was ready for ${waitedMs} ms`)
            }
            const delayMs = backoff.next()
            waitedMs += delayMs
            await pause(delayMs, signal)
        }
    }

    /** Asks a source for a snapshot. Returns `null` if the source is not ready. */
    async #requestOffer(
        source: string,
        through: Monotonic,
        signal: AbortSignal
    ): Promise<SnapshotOffer | null> {
        const post = Object.freeze({ founding: this.#parts.founding, through })
        const reply = await this.#askForSnapshot(source, post, signal)
        if (reply.refusal === 'not-ready' || reply.refusal === 'overloaded') {
            return null
        }
        const offer = read.snapshotOffer(reply.result)
        const isFit = offer !== null && Monotonic.compare(offer.promise, through) >= 0
        if (offer === null || !isFit || (offer.size ?? 0) > this.#settings.snapshotSize) {
            const why = reply.refusal ?? (isFit ? 'too-large' : 'malformed')
            throw new TransferError(`${source} offers no state: ${why}`)
        }
        return offer
    }

    #streamChunks(source: string, offer: SnapshotOffer, signal: AbortSignal): ChunkSource {
        const terms = {
            source,
            offer,
            bytes: this.#parts.carriesBytes,
            ask: (post: unknown, ended: AbortSignal) =>
                this.#parts.ask(source, CHUNK, post, ended),
            received: (received: number) => this.#updateProgress({ received })
        }
        const chunks = new Transfer(terms, this.#settings, signal).chunks()
        const stream = {
            failure: null as Error | null,
            async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
                try {
                    yield* chunks
                } catch (error) {
                    const isError = error instanceof Error
                    stream.failure = isError ? error : new TransferError(String(error))
                    throw error
                }
            }
        }
        return stream
    }

    async #askForSnapshot(source: string, post: unknown, signal: AbortSignal): Promise<Reply> {
        try {
            return await this.#parts.ask(source, SNAPSHOT, post, signal)
        } catch (error) {
            signal.throwIfAborted()
            throw transferError(source, error)
        }
    }

    /** Shows the reason for the wait, and logs a new reason. */
    #reportObstacle(obstacle: string): void {
        const isNew = this.#progress?.obstacle !== obstacle
        this.#updateProgress({ obstacle })
        if (isNew) {
            this.#logger.info('handover', { ...this.#progress })
        }
    }

    #updateProgress(change: Partial<StateTransferProgress>): void {
        this.#progress = Object.freeze({ ...(this.#progress ?? INITIAL_PROGRESS), ...change })
    }
}

function stateless(attempts: number, cause: Error): KibitzError {
    return new KibitzError(
        'stateless',
        `No member has provided the state in ${attempts} attempts (${cause.message}). Without a ` +
            'state this newcomer cannot follow the log, so it has stopped; the republic has lost ' +
            'no entry. Start the newcomer again.',
        { cause }
    )
}
