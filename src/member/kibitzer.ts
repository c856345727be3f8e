import cadence, { type Cadenced } from 'cadence'
import type { Invoke } from 'conduit/caller.js'
import type { Invocation } from 'conduit/procedure.js'
import Destructible from 'destructible'
import type Procession from 'procession'
import Signal from 'signal'
import { CalendarTimer } from './calendar-timer.js'
import type { InspectCertificates } from '../transport/security/certificate-findings.js'
import { Clock } from '../base/clock.js'
import { rejectWithoutCodeGeneration } from '../base/code-generation.js'
import { OutgoingCalls } from './outgoing-calls.js'
import { Player } from './player.js'
import { type EntriesOptions, entries, signalOf, type WaitOptions } from './log-iterator.js'
import { FlushGate } from './flush-gate.js'
import type { WireCall } from '../guard/envelope.js'
import { admitInput, admitPlayed } from './admit-input.js'
import type { Islander } from '../publisher/islander.js'
import { Immigration } from './joining.js'
import { MemberJournal, journalOf, rejectReplay } from './member-journal.js'
import type { Recovered, RecoverOptions } from './member-journal.js'
import type { Monotonic } from '../base/monotonic.js'
import { Departures } from './departure.js'
import { admitEntries, admitEntry, settleOptions } from './options.js'
import type { KibitzerOptions, KibitzerSettings } from './options.js'
import { type Callback, promiseOrCallback, isolateListeners } from '../base/callbacks.js'
import type { Government } from '../paxos/messages/messages.js'
import type { LogEntry, Properties, Republic } from '../paxos/messages/messages.js'
import type { Paxos } from '../paxos/paxos.js'
import { turnAwayOf, type ArrivalOrCallback, type TurnedAway }
    from '../transport/authenticated-peer.js'
import type { EventBody, Inputs, Played } from './played.js'
import type { Publication } from '../publisher/pending-publishes.js'
import { IncomingCalls } from './incoming-calls.js'
import type { Outcomes } from './apply-input.js'
import type { StateBytes } from '../base/state-bytes.js'
import { type Status, statusOf } from './status.js'

/**
 * One member of a republic inside a service: engine and Islander behind one door, their outboxes
 * pumped through a Conduit Caller, every input recorded.
 *
 * 1. Every input goes `play → replay`; nothing else changes engine or Islander.
 * 2. Given the same envelopes, a fresh Kibitzer has the same log, government and outboxes.
 * 3. What follows from an input happens before `play` returns, and nothing of it leaves before the
 *    input is on `played`.
 * 4. Nothing that a peer or a transport does throws here, stops a pump, or holds up another peer.
 * 5. After `destroy` nothing is played, everything that waits is settled, no handle is open.
 */
export class Kibitzer {
    /** Every committed entry, governments too, in order; `null` at the end. */
    readonly log: Procession<LogEntry>
    /** Every input, recorded before anything that follows from it leaves. */
    readonly played: Procession<Played>
    /** Calls on their way out, for the transport to take. */
    readonly read: Procession<Invoke<WireCall>>
    /** Answers on their way in, for the transport to put. */
    readonly write: Procession<Invocation<unknown>>
    /** Opens when `listen` has begun to pump. */
    readonly ready: Signal = new Signal()
    /** Notified with each government that takes force, after it is on `log`. */
    readonly governed: Signal<[government: Government]>
    /** Opens when all is over. */
    readonly destruction: Signal<[error?: Error | null, ...results: unknown[]]>
    /** True once `destroy` was called. */
    readonly destroyed: boolean = false
    /** The engine. Read it; it is driven by `play` alone. */
    readonly paxos: Paxos
    /** The publisher. Read it; it is driven by `play` alone. */
    readonly islander: Islander
    readonly #settings: KibitzerSettings
    readonly #player: Player
    readonly #outgoing: OutgoingCalls
    readonly #incoming: IncomingCalls
    readonly #calendar: CalendarTimer
    readonly #joining: Immigration
    readonly #departures: Departures
    readonly #journal: MemberJournal | null
    readonly #destructible: Destructible

    /** @throws KibitzError `invalid-argument` where an option is not usable; `unsupported`. */
    constructor(options: KibitzerOptions) {
        rejectWithoutCodeGeneration()
        this.#settings = settleOptions(options)
        const { journal = null } = this.#settings
        const flushMs = journal === null ? 1000 : MemberJournal.flushMs
        this.#destructible = new Destructible(flushMs, 'kibitzer')
        const member = (): Paxos => this.paxos
        const clock = new Clock(this.#settings.Date, member)
        const fail = (error: Error): void => this.#destructible.destroy(error)
        const gate = new FlushGate(journal, fail, undefined, member)
        this.#player = new Player(this.#settings, clock, () => this.#flow(), gate)
        this.#outgoing = new OutgoingCalls(this.#player)
        this.#incoming = new IncomingCalls(this.#player, this.#outgoing)
        this.#joining = new Immigration(this.#player, this.#outgoing)
        this.#departures = new Departures(this.#player)
        this.#journal = journal && new MemberJournal(journal, this.#player, clock, this.#outgoing)
        const { log, played, governed, paxos, islander } = this.#player
        const fire = (event: EventBody) => void this.#player.play('event', Object.freeze(event))
        this.#calendar = new CalendarTimer(paxos.scheduler, clock, fire)
        this.log = log
        this.played = played
        this.governed = governed
        this.paxos = paxos
        this.islander = islander
        this.read = this.#outgoing.caller.read
        this.write = this.#outgoing.caller.write
        this.destruction = this.#destructible.completed
        isolateListeners(this.ready)
        isolateListeners(this.destruction)
        this.#destructible.markDestroyed(this, 'destroyed')
        this.#destructible.addDestructor('scheduler', this.#calendar, 'stop')
        this.#destructible.addDestructor('player', this.#player, 'close')
        this.#destructible.addDestructor('departures', this.#departures, 'close')
        this.#destructible.addDestructor('outgoing calls', this.#outgoing, 'close')
        this.#journal?.endWith(this.#destructible)
    }

    #flow(): void {
        this.#outgoing.pump()
        this.#calendar.arm()
        this.#departures.review()
    }

    /** This member's name. */
    get id(): string { return this.#settings.id }

    /** Begins to pump and to keep time. Calls back, or resolves, when all is over. */
    listen(callback?: Callback<unknown>): Promise<unknown> {
        if (!this.destroyed) {
            this.#player.refusal()
        }
        const listening = promiseOrCallback((done) => this.#listen(done), callback)
        if (!this.destroyed) {
            this.#calendar.start()
            this.ready.unlatch()
            this.#outgoing.open()
        }
        return listening
    }

    readonly #listen: Cadenced<Kibitzer, [], [unknown]> = cadence(function (async) {
        this.#destructible.completed.wait(async())
    })

    /**
     * Founds a republic with this member alone. Exactly one member of a republic does this, once.
     * @param republic Its name. POSIX time does as well as a word.
     * @param properties What the transport needs to reach this member, and whatever you like.
     * @throws KibitzError `already-member`, `destroyed`, `invalid-argument`, `too-large`.
     */
    bootstrap(republic: Republic, properties: Properties): void {
        this.#joining.found(republic, properties)
    }

    /**
     * Asks a member, which passes it on to the leader, for admission. It is taken, not done, when
     * this yields `true`: the admission is the first entry of the log. `false`: ask again later.
     * @param leader The properties of a member.
     * @param properties What others need to reach this member.
     * @returns Whether it was taken; nothing, at once, where this member is admitted already.
     * Rejects with `destroyed` or `aborted`; ignoring that is safe.
     * @throws KibitzError `already-member` after `bootstrap`, `invalid-argument`, `too-large`.
     */
    join(
        republic: Republic,
        leader: Properties,
        properties: Properties,
        waiting?: WaitOptions | Callback<boolean> | null
    ): Promise<boolean | undefined> {
        return this.#joining.ask({ republic, leader, properties }, waiting)
    }

    /** Says that this member holds the application's state and may take a seat. */
    naturalize(): void { this.#player.play('naturalize', Object.freeze({})) }

    /**
     * Asks to be exiled, of one leader after the other, until it is; a leader hands over first.
     * @returns Once the log has exiled it: its role is `exile`, all it can do is be destroyed.
     * Rejects with `alone`, `destroyed`, or `aborted`: that ends the wait. Ignoring that is safe.
     */
    leave(waiting?: WaitOptions | null): Promise<void> {
        return this.#departures.leave(signalOf('leave', waiting))
    }

    /**
     * Hands leadership over to a naturalized citizen, without an entry being lost or coming twice.
     * @returns The number of the government that it leads, once that is in the log. Rejects with
     * `not-leader`, `ineligible`, `not-ceded`, or as of `leave`; ignoring that is safe.
     * @throws KibitzError `invalid-argument`.
     */
    cede(id: string, waiting?: WaitOptions | null): Promise<Publication> {
        return this.#departures.cede(id, signalOf('cede', waiting))
    }

    /**
     * Publishes a value, any but `null` and `undefined` that JSON can carry. It is copied at once.
     * @returns Its number, once it is in this member's log: then it is in everybody's, exactly
     * once, in the order of this member's publishes. Rejects with `destroyed`, `exiled`,
     * `overloaded` or `aborted`; ignoring that is safe.
     * @throws KibitzError `invalid-argument`, `too-large`.
     */
    publish(entry: unknown, waiting?: WaitOptions | null): Promise<Publication> {
        const signal = signalOf('publish', waiting)
        return this.#player.publish(admitEntry(entry, this.#settings.publishSize), signal)
    }

    /**
     * Publishes values in order, each an entry of its own: one input, one batch, if it fits.
     * Resolves with their numbers, once all are in this member's log; all else as of `publish`.
     */
    publishAll(
        values: readonly unknown[],
        waiting?: WaitOptions | null
    ): Promise<readonly Publication[]> {
        const signal = signalOf('publishAll', waiting)
        return this.#player.publishAll(admitEntries(values, this.#settings.publishSize), signal)
    }

    /**
     * Resolves when this member has applied everything that was committed anywhere before the
     * call: what the application reads then is linearizable. Costs an entry without a body.
     */
    barrier(waiting?: WaitOptions | null): Promise<Publication> {
        return this.#player.publish(null, signalOf('barrier', waiting))
    }

    /** The log as an async iterable, governments too, from a promise or from the oldest held. */
    entries(options: EntriesOptions | null = {}): AsyncGenerator<LogEntry, void, void> {
        return entries(this.#player.history, options)
    }

    /** What an operator wants to know, as of now. */
    status(): Status {
        return statusOf(this.#player, this.#outgoing, this.#journal?.stat() ?? null, this.destroyed)
    }

    /** Takes a call that a transport received, and yields the answer; `null` where it is none. */
    request(
        envelope: unknown,
        arrival?: ArrivalOrCallback,
        callback?: Callback<unknown>
    ): Promise<unknown> {
        return this.#incoming.hear(envelope, arrival, callback)
    }

    /** Counts and logs what a transport has turned away before it could be requested. */
    turnAway(code: TurnedAway, from: string): void { this.#outgoing.reject(turnAwayOf(code, from)) }

    /** Reports and logs the defects of certificates that a transport shows. Returns the undo. */
    reportCertificates(inspect: InspectCertificates): () => void {
        return this.#outgoing.certificates.add(inspect)
    }

    /** Checks, stamps, records and applies an input; what follows leaves. @throws as `replay`. */
    play<Key extends keyof Inputs>(method: Key, body: Inputs[Key]): Outcomes[Key] | null {
        return this.#player.play(method, admitInput(method, body, this.paxos))
    }

    /**
     * Applies a recorded input and records the input on `played`; nothing leaves. A recording gives
     * a fresh Kibitzer of the same id the same log, outboxes and state, whatever clock and options.
     * @throws KibitzError `invalid-argument`, `already-member`; `journal-version` for a birth.
     */
    replay(played: Played): Outcomes[keyof Outcomes] {
        rejectReplay(this.#journal)
        return this.#player.replay(admitPlayed(played, this.paxos, this.destroyed), true)
    }

    /**
     * Comes back as who it was: restores the last snapshot, and applies what was recorded behind
     * it. What the log brings is on `log`. With a journal this comes first, before anything else.
     * @returns What was found. An admitted member calls neither `bootstrap` nor `join`.
     * Rejects with a code of the journal; the Kibitzer is destroyed then, the journal unchanged.
     * @throws KibitzError `invalid-argument` without a journal, or a second time; `destroyed`.
     */
    recover(options: RecoverOptions | null = {}): Promise<Recovered> {
        const recovering = journalOf(this.#journal).recover(options)
        recovering.catch((error: Error) => this.#destructible.destroy(error))
        return recovering
    }

    /**
     * Lets a state stand for all that was recorded as of the call, or of the end of the one under
     * way. Inputs are taken all the while; after `destroy` in the same turn any version can go on.
     * @param promise The last entry that the application had applied when it was in that state.
     * @param state The state of the application: bytes or text, or pieces. It must not change.
     * Rejects, the journal unchanged, with `invalid-argument` where the entry was not on `log` yet,
     * `trimmed` where it is not held, `destroyed`, a code of the journal, or what the pieces throw.
     */
    snapshot(promise: Monotonic, state: StateBytes): Promise<void> {
        return journalOf(this.#journal).snapshot(promise, state)
    }

    /**
     * Stops everything. Every queue ends with `null`, and everything that waits is settled; with a
     * journal, once that holds all that was played. `destruction` tells when the journal is closed.
     */
    destroy(): void { this.#destructible.destroy() }
}
