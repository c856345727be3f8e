import type Procession from 'procession'
import type Signal from 'signal'
import type { Clock } from '../base/clock.js'
import { lapseAt, nested, rejectBirth } from './birth.js'
import { unrecovered, destroyed, publishCutOff } from './shutdown.js'
import { LogDelivery, historyOf } from './delivery.js'
import type { KibitzError } from '../base/errors.js'
import { FlushGate } from './flush-gate.js'
import { RecordedVersion } from './recorded-version.js'
import type { Coalescer } from '../publisher/coalescing.js'
import type { History } from './history.js'
import type { InputObserver } from './input-observer.js'
import { InputRecorder } from './input-recorder.js'
import { Islander } from '../publisher/islander.js'
import type { Monotonic } from '../base/monotonic.js'
import { type KibitzerSettings, paxosOptions } from './options.js'
import { isolateListeners } from '../base/callbacks.js'
import { UNREACHABLE } from '../paxos/membership/citizenship.js'
import type { Government, LogEntry } from '../paxos/messages/messages.js'
import { Paxos } from '../paxos/paxos.js'
import type { Inputs, Played } from './inputs.js'
import type { Stable } from '../paxos/replication/own-disk.js'
import type { PendingPublishes } from '../publisher/pending-publishes.js'
import { PublishQueue } from '../publisher/publish-queue.js'
import { tapPushes, type LogQueue } from '../base/queues.js'
import type { Outcomes } from './apply-input.js'
import { applyWithEffects } from './input-effects.js'
import { answersOf, SendingRules } from './sending-rules.js'

/**
 * The entry point for inputs: stamps, records and applies every input, and delivers the effects.
 *
 * 1. No other code changes the engine or the Islander.
 * 2. An input is on `played` before its effects are on `log`.
 * 3. A reader may play an input during a delivery. The input is applied at once, and its effects
 *    are delivered in order.
 * 4. An exception in one reader affects neither the other readers nor later delivery.
 */
export class Player {
    readonly log: LogQueue<LogEntry>
    readonly played: Procession<Played>
    readonly governed: Signal<[government: Government]>
    readonly gate: FlushGate
    /** The delivered entries that the member still holds. */
    readonly history: History
    readonly publisher: PublishQueue
    readonly publications: PendingPublishes
    readonly coalescer: Coalescer
    readonly paxos: Paxos
    readonly islander: Islander
    /** `null` if no metric is wanted. */
    observer: InputObserver | null = null
    /** Whether the member has ended. Then no input is applied. */
    #isClosed = false
    /** Whether inputs are played. Before that, only inputs of the journal are replayed. */
    #isOpen: boolean
    readonly #clock: Clock
    /** The protocol version of the recorded inputs. */
    readonly versions: RecordedVersion
    /** Whether the birth, the first input of a member, was applied. */
    #isBorn = false
    /** The entries that the current input has enacted. */
    #enacted: LogEntry[] = []
    readonly #listEnacted = (): readonly LogEntry[] => this.#enacted
    readonly #delivery: LogDelivery
    readonly #recorder: InputRecorder
    readonly sending: SendingRules
    readonly #sendEffects: () => void
    #isApplying = false
    #isDelivering = false

    /**
     * @param flow Sends the effects of an input; runs after each play.
     * @param gate Holds effects until their inputs are flushed. @default a gate that is always open
     */
    constructor(
        settings: KibitzerSettings, clock: Clock, flow: () => void,
        gate: FlushGate = new FlushGate()
    ) {
        this.#clock = clock
        this.#sendEffects = flow
        this.gate = gate
        const bornAt = clock.now()
        this.paxos = new Paxos(bornAt, null, settings.id, paxosOptions(settings))
        this.versions = new RecordedVersion(this.paxos, bornAt)
        this.islander = new Islander(settings.id)
        tapPushes(this.paxos.log, (entry) => this.#enacted.push(entry))
        this.history = historyOf(this.paxos, settings)
        this.#delivery = new LogDelivery(this.paxos, gate, this.history)
        this.sending = new SendingRules(this.paxos, this.islander, gate, this.#delivery)
        this.#recorder = new InputRecorder(this.paxos, gate, this.sending)
        gate.disk = answersOf(this.paxos, gate, (answer) => this.#playAnswer(answer))
        this.log = this.#delivery.log
        this.played = this.#delivery.played
        this.governed = this.#delivery.governed
        this.#isOpen = settings.journal === undefined
        const { paxos, islander } = this
        this.publisher = new PublishQueue(settings, {
            paxos,
            islander,
            isRecorded: settings.journal !== undefined,
            history: this.history,
            play: (bodies) => void (bodies.length === 1
                ? this.play('publish', bodies[0])
                : this.play('publishAll', bodies)),
            rejectPlay: () => {
                this.#rejectNested()
                return this.rejectPlay()
            }
        })
        this.publications = this.publisher.publications
        this.coalescer = this.publisher.coalescer
        for (const { pushed } of [paxos.log, paxos.outbox, islander.outbox]) {
            isolateListeners(pushed)
        }
    }

    /** Whether inputs are played: after the recovery and before the end. */
    get isOpen(): boolean { return this.#isOpen }

    /** Starts to play inputs, after the recovery. */
    open(): void {
        this.#isOpen = !this.#isClosed
        this.#delivery.endRecovery()
    }

    /**
     * The reason to play no inputs; `null` if inputs are played.
     *
     * @throws KibitzError `invalid-argument` if the member must recover from its journal first.
     */
    rejectPlay(): KibitzError | null {
        if (this.#isOpen) {
            return null
        }
        if (this.#isClosed) {
            return this.gate.failure ?? destroyed()
        }
        throw unrecovered()
    }

    /** @throws KibitzError the reason to play no inputs; see `refusal`. */
    rejectClosed(): void {
        const refusal = this.rejectPlay()
        if (refusal !== null) {
            throw refusal
        }
    }

    /** Stamps, records and applies an input; `null` if no inputs are played. */
    play<Method extends keyof Inputs>(
        method: Method, body: Inputs[Method]
    ): Outcomes[Method] | null {
        if (!this.#isOpen && this.rejectPlay() !== null) {
            return null
        }
        this.#rejectNested()
        if (method === 'publish' || method === 'publishAll') {
            this.coalescer.flush() // Earlier publishes go first: tickets are in publish order.
        }
        if (this.versions.isBeyond(method, body)) {
            return UNREACHABLE as Outcomes[Method]
        }
        const when = this.#clock.now()
        const readable = Object.freeze(this.versions.readable(method, body))
        const played = Object.freeze({ module: 'kibitz', method, when, body: readable }) as Played
        const before = this.versions.before(played, this.#isBorn)
        if (before !== null) {
            this.#recordAndApply(before)
        }
        if (this.#clock.takeLapse()) {
            this.#recordAndApply(lapseAt(when))
        }
        const outcome = this.#recordAndApply(played) as Outcomes[Method] | null
        const upgrade = this.versions.upgrade(when)
        if (upgrade !== null) {
            this.#recordAndApply(upgrade)
        }
        this.#sendEffects()
        this.gate.onInput()
        return outcome
    }

    /** Plays an answer of the disk. At the end, the last answer still decides on publishes. */
    #playAnswer(body: Stable): void {
        if (this.#isOpen) {
            this.play('stable', body)
        } else if (this.#isClosed && !this.history.isOver) {
            this.#isClosed = false
            this.replay({ module: 'kibitz', method: 'stable', when: this.#clock.now(), body })
            this.#isClosed = true
        }
    }

    /** Records and applies an input; `null` if the journal has failed. */
    #recordAndApply(played: Played): Outcomes[keyof Outcomes] {
        return this.#recorder.begin(played) ? this.replay(played, true) : null
    }

    /** Applies an input and delivers the effects; `null` after the end. */
    replay(played: Played, records: boolean = false): Outcomes[keyof Outcomes] {
        if (this.#isClosed) {
            return null
        }
        this.#rejectNested()
        rejectBirth(played, this.paxos.id, this.#isBorn)
        this.#isBorn = true
        this.versions.note(played)
        if (records) {
            this.#delivery.queueInput(played)
        }
        this.#isApplying = true
        try {
            return this.#apply(played)
        } finally {
            this.#isApplying = false
            this.#recorder.end(played)
            this.#deliver()
        }
    }

    #rejectNested(): void {
        if (this.#isApplying) {
            throw nested()
        }
    }

    #apply(played: Played): Outcomes[keyof Outcomes] {
        const outcome = applyWithEffects(this.paxos, this.islander, played, this.#listEnacted)
        this.#recorder.end(played)
        this.sending.onInput(played)
        const enacted = this.#enacted
        this.observer?.onApplied({ played, outcome, entries: enacted })
        if (enacted.length !== 0) {
            this.#enacted = []
        }
        this.#delivery.onInput(enacted)
        return outcome
    }

    #deliver(): void {
        if (this.#isDelivering) {
            return
        }
        this.#isDelivering = true
        this.#delivery.deliver()
        this.#isDelivering = false
        this.#settlePublishes()
    }

    #settlePublishes(): void {
        const { islander, publisher, paxos } = this
        this.#delivery.settlePublishes(publisher, islander.takeSettled(), paxos.exiled)
    }

    /** The promise of the newest entry on `log`; `null` before the first entry. */
    get delivered(): Monotonic | null {
        return this.#delivery.delivered
    }

    /** Delivers what follows an entry; the engine lacks the `forgotten` entries from there on. */
    deliverAfter(promise: Monotonic, forgotten: readonly LogEntry[]): void {
        this.#isBorn = true
        this.versions.restore()
        this.#enacted = [] // An earlier process has delivered these entries.
        this.#delivery.delivered = promise
        const all = [...forgotten, ...(this.paxos.history(null) ?? [])]
        this.#delivery.queueEntries(this.history.appendDelivered(all, promise))
        this.#delivery.deliver()
    }

    /**
     * Ends the member: applies no more inputs, ends every queue, and rejects all waiting publishes.
     * With a journal, the end waits until the journal has flushed or failed, so applied inputs
     * still take effect.
     */
    close(): void {
        this.coalescer.flush()
        this.gate.recordLast()
        this.#isClosed = true
        this.#isOpen = false
        if (this.gate.isOpen) {
            this.publications.reject(publishCutOff())
        }
        // A reader may call `close` during a delivery; applied inputs are delivered all the same.
        this.#delivery.deliver()
        this.#settlePublishes()
        this.gate.pass(() => this.#endQueues(publishCutOff()), (error) => this.#endQueues(error))
    }

    #endQueues(error: KibitzError): void {
        const { paxos, islander } = this
        this.publications.reject(error)
        paxos.scheduler.clear() // The last answer of the disk may have made an appointment.
        this.#delivery.end()
        for (const queue of [paxos.log, paxos.outbox, islander.outbox]) {
            queue.push(null)
        }
    }
}
