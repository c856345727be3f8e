import type Procession from 'procession'
import type { Shifter } from 'procession'
import Logger from 'prolific.logger'
import Signal from 'signal'
import { weigh } from './body.js'
import type { Clock } from './clock.js'
import { aborted } from './entries.js'
import { KibitzError } from './error.js'
import { freeze } from './freeze.js'
import { Gathering } from './gathering.js'
import { Islander } from './islander.js'
import type { KibitzerSettings } from './options.js'
import { sturdy } from './outward.js'
import type { Government } from './paxos/government.js'
import type { LogEntry } from './paxos/message.js'
import { Paxos } from './paxos/paxos.js'
import type { EventBody, Inputs, Played } from './played.js'
import { type Publication, Publications } from './publications.js'
import { firstCursor, Line, Outlet } from './queue.js'
import { apply, type Outcomes } from './replay.js'

const logger = Logger.createLogger('kibitz')

/** What becomes of the publishes of a member that the log has exiled. */
export function exiled(): KibitzError {
    return new KibitzError(
        'exiled',
        'The republic has exiled this member, which did not answer for too long. What it ' +
            'published and has not seen may be in the log or not: look there. Destroy this ' +
            'Kibitzer, and join with a new one.'
    )
}

/**
 * The one door: stamps, records and applies every input, and hands out what follows from it.
 *
 * 1. Nothing else changes engine or Islander.
 * 2. An input is on `played` before what follows from it is on `log`.
 * 3. Who reads a queue may play something at once: it is applied, and handed out in its turn.
 * 4. Who reads a queue and throws harms neither the other readers nor what follows.
 */
export class Door {
    readonly log: Outlet<LogEntry> = new Outlet()
    readonly played: Procession<Played> = new Outlet()
    readonly governed: Signal<[government: Government]> = new Signal<[government: Government]>()
    readonly publications: Publications = new Publications()
    readonly gathering: Gathering = new Gathering((bodies) => this.#enter(bodies))
    readonly paxos: Paxos
    readonly islander: Islander
    /** Once closed, nothing is applied any more. */
    #isClosed = false
    readonly #clock: Clock
    readonly #enacted: Shifter<LogEntry>
    readonly #queues: readonly Pick<Procession<never>, 'push' | 'pushed'>[]
    readonly #recorded = new Line<Played>()
    readonly #handedOn = new Line<LogEntry>()
    readonly #flow: () => void
    readonly #settings: KibitzerSettings
    #isApplying = false
    #isHandingOut = false

    /** @param flow Lets what an input has put out leave; called when it has been played. */
    constructor(settings: KibitzerSettings, clock: Clock, flow: () => void) {
        this.#clock = clock
        this.#flow = flow
        this.#settings = settings
        this.paxos = new Paxos(clock.now(), null, settings.id, settings)
        this.islander = new Islander(settings.id)
        this.#enacted = firstCursor(this.paxos.log)
        const { log, played, paxos, islander } = this
        this.#queues = [played, log, paxos.log, paxos.outbox, islander.outbox]
        sturdy(this.governed)
        for (const { pushed } of this.#queues) {
            sturdy(pushed)
        }
    }

    /** @throws KibitzError `destroyed` where it is closed. */
    rejectClosed(): void {
        if (this.#isClosed) {
            throw new KibitzError(
                'destroyed',
                'The Kibitzer is destroyed. Nothing was done; make another one.'
            )
        }
    }

    /** Stamps an input, applies it and records it; `null` where the door is closed. */
    play<Method extends keyof Inputs>(
        method: Method,
        body: Inputs[Method]
    ): Outcomes[Method] | null {
        if (this.#isClosed) {
            return null
        }
        this.#assertQuiet()
        if (this.gathering.size !== 0) {
            // What was published before goes in before; tickets are given out in that order.
            this.gathering.end()
        }
        const when = this.#clock.now()
        Object.freeze(body)
        const played = Object.freeze({ module: 'kibitz', method, when, body }) as Played
        this.#recorded.push(played)
        const outcome = this.replay(played) as Outcomes[Method]
        this.#flow()
        return outcome
    }

    /** Plays a publish, or a barrier where the body is `null`, and promises its entry. */
    publish(body: unknown, signal: AbortSignal | undefined): Promise<Publication> {
        const conclude = ([publication]: readonly Publication[]): Publication =>
            publication as Publication
        return this.#publish([body], signal, conclude)
    }

    /** Plays many publishes as one input, and promises their entries. */
    publishAll(
        bodies: readonly unknown[],
        signal: AbortSignal | undefined
    ): Promise<readonly Publication[]> {
        const conclude = (all: readonly Publication[]): readonly Publication[] => Object.freeze(all)
        return this.#publish(bodies, signal, conclude)
    }

    #publish<Result>(
        bodies: readonly unknown[],
        signal: AbortSignal | undefined,
        conclude: (publications: readonly Publication[]) => Result
    ): Promise<Result> {
        const count = bodies.length
        const weight = bodies.reduce((sum: number, body) => sum + weigh(body), 0)
        const refusal = this.#refusal(count, weight, signal)
        if (refusal !== null) {
            const refused = Promise.reject(refusal)
            refused.catch(() => {})
            return refused
        }
        // The promise is made under the ticket that the publish is about to get: it may be
        // settled before `play` returns.
        const first = this.islander.tickets + this.gathering.size + 1
        const publication = this.publications.wait({ first, count, weight, signal }, conclude)
        this.gathering.add(bodies)
        return publication
    }

    /** Plays values that the user publishes. */
    #enter(bodies: readonly unknown[]): void {
        if (bodies.length === 1) {
            this.play('publish', bodies[0])
        } else {
            this.play('publishAll', bodies)
        }
    }

    #refusal(
        count: number,
        weight: number,
        signal: AbortSignal | undefined
    ): KibitzError | null {
        if (this.#isClosed) {
            return new KibitzError('destroyed', 'The Kibitzer is destroyed. Nothing was published.')
        }
        if (this.paxos.exiled) {
            return exiled()
        }
        const { size, weight: waiting } = this.publications
        const { publishes, publishesSize } = this.#settings
        if (size + count > publishes || waiting + weight > publishesSize) {
            return new KibitzError(
                'overloaded',
                `${size} publishes of about ${waiting} bytes wait already; ${publishes} may, of ` +
                    `${publishesSize} bytes (options publishes, publishesSize). Nothing was ` +
                    'published; wait for some of them, then try again.'
            )
        }
        return signal?.aborted === true ? aborted('The publish', signal) : null
    }

    /** Applies an input, and hands out what follows; `null` where the door is closed. */
    replay(played: Played): Outcomes[keyof Outcomes] {
        if (this.#isClosed) {
            return null
        }
        this.#assertQuiet()
        this.#isApplying = true
        try {
            return this.#apply(played)
        } finally {
            this.#isApplying = false
            this.#handOut()
        }
    }

    #assertQuiet(): void {
        if (this.#isApplying) {
            throw new KibitzError(
                'invalid-argument',
                "A reader of the engine's own queues has played something while an input was " +
                    'applied. It was not applied; play it from a reader of log, or later.'
            )
        }
    }

    #apply(played: Played): Outcomes[keyof Outcomes] {
        const { paxos, islander } = this
        if (played.method === 'event') {
            this.#keepAppointment(played.body)
        }
        const outcome = apply(paxos, islander, played)
        for (let entry = this.#enacted.shift(); entry !== null; entry = this.#enacted.shift()) {
            islander.push(entry)
            this.#handedOn.push(entry)
        }
        if (islander.isWaiting && paxos.scheduler.when('resubmit') === null && !paxos.exiled) {
            paxos.postpone(played.when, islander.failures)
        }
        return outcome
    }

    /** What has come due is due no longer. */
    #keepAppointment({ key, when }: EventBody): void {
        const { scheduler } = this.paxos
        if (scheduler.when(key) === when) {
            scheduler.unschedule(key)
        }
    }

    #handOut(): void {
        if (this.#isHandingOut) {
            return
        }
        this.#isHandingOut = true
        this.#handAllOut()
        this.#isHandingOut = false
        if (this.publications.settle(this.islander.takeSettled()) > 1) {
            this.gathering.begin()
        }
        if (this.paxos.exiled) {
            this.publications.reject(exiled())
        }
    }

    #handAllOut(): void {
        for (;;) {
            const played = this.#recorded.shift()
            const entry = played === undefined ? this.#handedOn.shift() : undefined
            if (played !== undefined) {
                this.played.push(played)
            } else if (entry !== undefined) {
                this.#handOn(entry)
            } else {
                return
            }
        }
    }

    #handOn(entry: LogEntry): void {
        if ('cookie' in entry.body) {
            freeze(entry.body.body)
        } else {
            Object.values(entry.body).forEach(freeze)
        }
        this.log.push(entry)
        if (entry.method === 'government') {
            const { promise, government } = entry
            const { majority, minority, constituents } = government
            const { id } = this.paxos
            logger.info('government', { id, promise, majority, minority, constituents })
            this.governed.notify(government)
        }
    }

    /** Applies nothing any more, ends every queue, and breaks the promises of who waits. */
    close(): void {
        this.#isClosed = true
        this.publications.reject(
            new KibitzError(
                'destroyed',
                'The Kibitzer was destroyed before the entry appeared in its log. It may still ' +
                    'appear in the others: look there before publishing it again.'
            )
        )
        // Who closes it may be a reader; what was applied is on record all the same.
        this.#handAllOut()
        for (const queue of this.#queues) {
            queue.push(null)
        }
    }
}
