import Logger from 'prolific.logger'
import { KibitzError } from '../error.js'
import { Monotonic } from '../monotonic.js'
import { type Government, parliament } from '../paxos/government.js'
import { Backoff, pause } from './backoff.js'
import type { ColleagueSettings, SourceChoice } from './options.js'
import { CHUNK, read, type Reply, SNAPSHOT, type SnapshotOffer } from './post.js'
import type { Replica, Source } from './replica.js'
import { unpack } from './snapshots.js'

const logger = Logger.createLogger('kibitz/colleague')

/** How far a newcomer has come in taking over a state. */
export interface HandoverProgress {
    /** Whom it asks now. */
    readonly source: string | null
    /** How many times it has begun. */
    readonly attempt: number
    /** The entry as of which the state is; `null` before one is offered. */
    readonly promise: Monotonic | null
    /** How many bytes have come, of how many. */
    readonly received: number
    readonly size: number | null
    /** Why the attempt before this one failed. */
    readonly failure: string | null
}

/** What a newcomer takes a state over by. */
export interface Means {
    /** Asks a member of the government in force; rejects where it does not answer. */
    ask(id: string, name: string, post: unknown): Promise<Reply>
    readonly government: Government
    /** Tells this founding of the republic from others of the same name. */
    readonly founding: string
}

/** So many times one chunk is asked for before its source is given up. */
const TRIES = 3

const NOTHING: HandoverProgress = Object.freeze({
    source: null,
    attempt: 0,
    promise: null,
    received: 0,
    size: null,
    failure: null
})

/** Whom a newcomer may ask, the first one first. */
export function sourcesOf(choice: SourceChoice, government: Government, self: string): string[] {
    const [leader, ...seated] = parliament(government)
    if (typeof choice === 'function') {
        return choice(government).filter((id) => id !== self && Object.hasOwn(
            government.properties, id
        ))
    }
    const holders = choice === 'leader' ? [] : [...seated, ...government.naturalized]
    const all = new Set(holders.filter((id) => id !== leader && id !== self))
    return leader === undefined || leader === self ? [...all] : [...all, leader]
}

/** A source that broke off; another one, or the same one from the start, may do. */
class Broken extends Error {
    override readonly name: string = 'Broken'
}

/**
 * Takes over the state of another member.
 *
 * 1. The state is as of some entry behind the newcomer's admission, which it tells; the replica
 *    passes over its own log through that entry. So it does not matter which source it is from,
 *    when it was made, or how many were begun before it.
 * 2. A chunk that does not come is asked for again; when its source is gone, it begins anew with
 *    whoever is next. After so many attempts it gives up, and says why.
 */
export class Handover {
    readonly #means: Means
    readonly #settings: ColleagueSettings
    #progress: HandoverProgress | null = null

    constructor(means: Means, settings: ColleagueSettings) {
        this.#means = means
        this.#settings = settings
    }

    /** How far it has come; `null` while there is nothing to take over. */
    get progress(): HandoverProgress | null {
        return this.#progress
    }

    /**
     * Resolves once the replica has a state that holds the admission. Rejects with `stateless`, or
     * with `application-failed`, or with why the signal aborted.
     */
    async run(
        admission: Monotonic,
        replica: Pick<Replica, 'restore'>,
        signal: AbortSignal
    ): Promise<void> {
        const { handoverAttempts, ping, timeout, random } = this.#settings
        const backoff = new Backoff(ping, 2 * timeout, random)
        this.#progress = NOTHING
        for (let attempt = 1; ; attempt++) {
            try {
                await this.#attempt(attempt, admission, replica, signal)
                this.#progress = null
                return
            } catch (error) {
                signal.throwIfAborted()
                if (!(error instanceof Broken)) {
                    throw error
                }
                this.#note({ failure: error.message })
                logger.warn('handover', { ...this.#progress })
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
        replica: Pick<Replica, 'restore'>,
        signal: AbortSignal
    ): Promise<void> {
        const { source: choice, colleagueId } = this.#settings
        const sources = sourcesOf(choice, this.#means.government, colleagueId)
        const source = sources[(attempt - 1) % Math.max(1, sources.length)] ?? null
        const failure = this.#progress?.failure ?? null
        this.#progress = { ...NOTHING, source, attempt, failure }
        if (source === null) {
            throw new Broken('nobody leads')
        }
        const offer = await this.#offer(source, admission, signal)
        this.#note({ promise: offer.promise, size: offer.size })
        await replica.restore(offer.promise, this.#stream(source, offer, signal))
    }

    /** Asks for a snapshot until there is one. */
    async #offer(
        source: string,
        through: Monotonic,
        signal: AbortSignal
    ): Promise<SnapshotOffer> {
        const { handoverTimeout, ping, timeout, random, snapshotSize } = this.#settings
        const backoff = new Backoff(ping, timeout, random)
        const post = Object.freeze({ founding: this.#means.founding, through })
        for (let waitedMs = 0; ; ) {
            const reply = await this.#ask(source, SNAPSHOT, post)
            if (reply.refusal !== 'not-ready') {
                const offer = read.snapshotOffer(reply.result)
                const isFit = offer !== null && Monotonic.compare(offer.promise, through) >= 0
                if (offer === null || !isFit || offer.size > snapshotSize) {
                    const why = reply.refusal ?? (isFit ? 'too-large' : 'malformed')
                    throw new Broken(`${source} offers no state: ${why}`)
                }
                return offer
            }
            if (waitedMs >= handoverTimeout) {
                throw new Broken(`${source} was not ready for ${waitedMs} ms`)
            }
            const delayMs = backoff.next()
            waitedMs += delayMs
            await pause(delayMs, signal)
        }
    }

    #stream(source: string, offer: SnapshotOffer, signal: AbortSignal): Source {
        const chunks = this.#chunks(source, offer, signal)
        const stream = {
            failure: null as Error | null,
            async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
                try {
                    yield* chunks
                } catch (error) {
                    stream.failure = error instanceof Error ? error : new Broken(String(error))
                    throw error
                }
            }
        }
        return stream
    }

    /** While one chunk is taken in, the next one is on its way. */
    async *#chunks(
        source: string,
        { snapshot, chunks, size }: SnapshotOffer,
        signal: AbortSignal
    ): AsyncGenerator<Uint8Array, void, void> {
        const fetch = (index: number): Promise<Buffer> => {
            const fetching = this.#chunk(source, { snapshot, index }, signal)
            fetching.catch(() => {})
            return fetching
        }
        let received = 0
        let next = chunks === 0 ? null : fetch(0)
        for (let index = 0; next !== null; index++) {
            const chunk: Buffer = await next
            received += chunk.length
            if (received > size) {
                throw new Broken(`${source} sends more than it offered`)
            }
            next = index + 1 < chunks ? fetch(index + 1) : null
            this.#note({ received })
            yield chunk
        }
        if (received !== size) {
            throw new Broken(`${source} sends less than it offered`)
        }
    }

    async #chunk(
        source: string,
        post: { readonly snapshot: string; readonly index: number },
        signal: AbortSignal
    ): Promise<Buffer> {
        const { ping, timeout, random } = this.#settings
        const backoff = new Backoff(ping, timeout, random)
        for (let tries = 1; ; tries++) {
            try {
                const reply = await this.#means.ask(source, CHUNK, post)
                const answer = read.chunkAnswer(reply.result)
                const chunk = answer === null ? null : unpack(answer)
                if (chunk !== null) {
                    return chunk
                }
                if (reply.refusal !== undefined && reply.refusal !== 'overloaded') {
                    throw new Broken(`${source} breaks off: ${reply.refusal}`)
                }
                throw new Error(`chunk ${post.index} was mangled on its way`)
            } catch (error) {
                signal.throwIfAborted()
                if (tries === TRIES || error instanceof Broken) {
                    throw error instanceof Broken ? error : broken(source, error)
                }
            }
            await backoff.wait(signal)
        }
    }

    async #ask(source: string, name: string, post: unknown): Promise<Reply> {
        try {
            return await this.#means.ask(source, name, post)
        } catch (error) {
            throw broken(source, error)
        }
    }

    #note(change: Partial<HandoverProgress>): void {
        this.#progress = Object.freeze({ ...(this.#progress ?? NOTHING), ...change })
    }
}

function broken(source: string, cause: unknown): Broken {
    const { message } = cause instanceof Error ? cause : { message: String(cause) }
    return new Broken(`${source}: ${message}`, { cause })
}

function stateless(attempts: number, cause: Error): KibitzError {
    return new KibitzError(
        'stateless',
        `This newcomer got the state from nobody in ${attempts} attempts (${cause.message}). It ` +
            'cannot follow the log without; nothing of the republic is lost. Start over.',
        { cause }
    )
}
