import type Procession from 'procession'
import type Signal from 'signal'
import type { Clock } from '../base/clock.js'
import { birthOf, nested, rejectBirth } from './birth.js'
import { unrecovered, destroyed, publishCutOff } from './shutdown.js'
import { LogDelivery, historyOf } from './delivery.js'
import type { KibitzError } from '../base/errors.js'
import { FlushGate } from './flush-gate.js'
import type { Coalescer } from '../publisher/coalescing.js'
import type { History } from './history.js'
import { Islander } from '../publisher/islander.js'
import type { Monotonic } from '../base/monotonic.js'
import { type KibitzerSettings, paxosOptions } from './options.js'
import { isolateListeners } from '../base/callbacks.js'
import type { Government, LogEntry } from '../paxos/messages/messages.js'
import { Paxos } from '../paxos/paxos.js'
import type { EventBody, Inputs, Played } from './inputs.js'
import type { Publication, PendingPublishes } from '../publisher/pending-publishes.js'
import { PublishQueue } from '../publisher/publish-queue.js'
import { tap, type LogQueue } from '../base/queues.js'
import { apply, type Outcomes } from './apply-input.js'
import { scheduleRetry } from '../publisher/retry.js'

const one = ([publication]: readonly Publication[]): Publication => publication as Publication
const all = (publications: readonly Publication[]): readonly Publication[] =>
    Object.freeze(publications)

/**
 * The one door: stamps, records and applies every input, and hands out what follows from it.
 *
 * 1. Nothing else changes engine or Islander.
 * 2. An input is on `played` before what follows from it is on `log`.
 * 3. Who reads a queue may play something at once: it is applied, and handed out in its turn.
 * 4. Who reads a queue and throws harms neither the other readers nor what follows.
 */
export class Player {
    readonly log: LogQueue<LogEntry>
    readonly played: Procession<Played>
    readonly governed: Signal<[government: Government]>
    readonly gate: FlushGate
    /** What was delivered, and what is still kept of that. */
    readonly history: History
    readonly publications: PendingPublishes
    readonly gathering: Coalescer
    readonly paxos: Paxos
    readonly islander: Islander
    /** Once closed, nothing is applied any more. */
    #isClosed = false
    /** Before it is open, nothing but what is recovered from a journal is applied. */
    #isOpen: boolean
    readonly #clock: Clock
    readonly #bornAt: number
    /** Whether the first input, the birth of the member, was applied. */
    #isBorn = false
    /** What an input has enacted. */
    #enacted: LogEntry[] = []
    readonly #delivery: LogDelivery
    readonly #flow: () => void
    readonly #publisher: PublishQueue
    #isApplying = false
    #isHandingOut = false

    /**
     * @param flow Lets what an input has put out leave; called when it has been played.
     * @param gate What nothing passes before its inputs are safe. @default one that stands open
     */
    constructor(
        settings: KibitzerSettings,
        clock: Clock,
        flow: () => void,
        gate: FlushGate = new FlushGate()
    ) {
        this.#clock = clock
        this.#flow = flow
        this.gate = gate
        this.#bornAt = clock.now()
        this.paxos = new Paxos(this.#bornAt, null, settings.id, paxosOptions(settings))
        this.islander = new Islander(settings.id)
        tap(this.paxos.log, (entry) => this.#enacted.push(entry))
        this.history = historyOf(this.paxos, settings)
        this.#delivery = new LogDelivery(this.paxos, gate, this.history)
        this.log = this.#delivery.log
        this.played = this.#delivery.played
        this.governed = this.#delivery.governed
        this.#isOpen = settings.journal === undefined
        const { paxos, islander } = this
        this.#publisher = new PublishQueue(settings, {
            paxos,
            islander,
            isRecorded: settings.journal !== undefined,
            history: this.history,
            enter: (bodies) => this.#enter(bodies),
            refusal: () => {
                this.#assertQuiet()
                return this.refusal()
            }
        })
        this.publications = this.#publisher.publications
        this.gathering = this.#publisher.gathering
        for (const { pushed } of [paxos.log, paxos.outbox, islander.outbox]) {
            isolateListeners(pushed)
        }
    }

    /** Whether inputs are played: not before recovery, and not after the end. */
    get isOpen(): boolean { return this.#isOpen }

    /** Begins to play inputs: all that there was to recover is. */
    open(): void {
        this.#isOpen = !this.#isClosed
        this.history.open()
    }

    /**
     * Why nothing is played any more; `null` where it is.
     *
     * @throws KibitzError `invalid-argument` where there is a journal to recover from first.
     */
    refusal(): KibitzError | null {
        if (this.#isOpen) {
            return null
        }
        if (this.#isClosed) {
            return this.gate.failure ?? destroyed()
        }
        throw unrecovered()
    }

    /** @throws KibitzError `destroyed`, or why it is; as of `refusal`. */
    rejectClosed(): void {
        const refusal = this.refusal()
        if (refusal !== null) {
            throw refusal
        }
    }

    /** Stamps an input, applies it and records it; `null` where the door is closed. */
    play<Method extends keyof Inputs>(
        method: Method,
        body: Inputs[Method]
    ): Outcomes[Method] | null {
        if (!this.#isOpen && this.refusal() !== null) {
            return null
        }
        this.#assertQuiet()
        if (this.gathering.size !== 0) {
            // What was published before goes in before; tickets are given out in that order.
            this.gathering.end()
        }
        if (!this.#isBorn) {
            this.#take(birthOf(this.paxos, this.#bornAt))
        }
        const when = this.#clock.now()
        Object.freeze(body)
        const played = Object.freeze({ module: 'kibitz', method, when, body }) as Played
        const outcome = this.#take(played) as Outcomes[Method] | null
        this.#flow()
        return outcome
    }

    /** Records an input, then applies the input; `null` if the journal has failed. */
    #take(played: Played): Outcomes[keyof Outcomes] {
        return this.gate.record(played) ? this.replay(played, true) : null
    }

    /** Plays a publish, or a barrier where the body is `null`, and promises its entry. */
    publish(body: unknown, signal: AbortSignal | undefined): Promise<Publication> {
        return this.#publisher.publish([body], signal, one)
    }

    /** Plays many publishes as one input, and promises their entries. */
    publishAll(
        bodies: readonly unknown[],
        signal: AbortSignal | undefined
    ): Promise<readonly Publication[]> {
        return this.#publisher.publish(bodies, signal, all)
    }

    /** Plays values that the user publishes. */
    #enter(bodies: readonly unknown[]): void {
        if (bodies.length === 1) {
            this.play('publish', bodies[0])
        } else {
            this.play('publishAll', bodies)
        }
    }

    /** Applies an input, and hands out what follows; `null` where the door is closed. */
    replay(played: Played, records: boolean = false): Outcomes[keyof Outcomes] {
        if (this.#isClosed) {
            return null
        }
        this.#assertQuiet()
        rejectBirth(played, this.paxos.id, this.#isBorn)
        this.#isBorn = true
        if (records) {
            this.#delivery.record(played)
        }
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
            throw nested()
        }
    }

    #apply(played: Played): Outcomes[keyof Outcomes] {
        const { paxos, islander } = this
        const wasPaused = islander.isPaused
        if (played.method === 'event') {
            this.#keepAppointment(played.body)
        }
        const outcome = apply(paxos, islander, played)
        const enacted = this.#enacted
        if (enacted.length !== 0) {
            this.#enacted = []
            for (const entry of enacted) {
                islander.push(entry)
            }
            this.#delivery.enact(enacted)
        }
        scheduleRetry(paxos, islander, played.when, wasPaused)
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
        this.#delivery.handOut()
        this.#isHandingOut = false
        this.#settleAll()
    }

    #settleAll(): void {
        const settled = this.islander.takeSettled()
        if (this.gate.isOpen) {
            this.#publisher.settle(settled)
        } else if (settled.length !== 0 || this.paxos.exiled) {
            this.gate.pass(() => this.#publisher.settle(settled))
        }
    }

    /** The promise of the entry that was put on `log` last; `null` before the first. */
    get delivered(): Monotonic | null {
        return this.#delivery.delivered
    }

    /** Hands out what follows an entry; `forgotten` are entries from it on, before the engine's. */
    resume(promise: Monotonic, forgotten: readonly LogEntry[]): void {
        this.#isBorn = true
        this.#enacted = [] // What the engine has handed out anew was handed out before.
        this.#delivery.delivered = promise
        const all = [...forgotten, ...(this.paxos.history(null) ?? [])]
        this.#delivery.enact(this.history.begin(all, promise))
        this.#delivery.handOut()
    }

    /**
     * Applies nothing any more, ends every queue, and breaks the promises of who waits; with a
     * journal when that has flushed, so that what was applied is still handed out, or has failed.
     */
    close(): void {
        this.#isClosed = true
        this.#isOpen = false
        if (this.gate.isOpen) {
            this.publications.reject(publishCutOff())
        }
        // Who closes it may be a reader; what was applied is on record all the same.
        this.#delivery.handOut()
        this.#settleAll()
        this.gate.pass(() => this.#end(publishCutOff()), (failure) => this.#end(failure))
    }

    #end(error: KibitzError): void {
        const { paxos, islander } = this
        this.publications.reject(error)
        this.#delivery.end()
        for (const queue of [paxos.log, paxos.outbox, islander.outbox]) {
            queue.push(null)
        }
    }
}
