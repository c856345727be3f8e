import type { Invoke } from 'conduit/caller.js'
import type { Invocation } from 'conduit/procedure.js'
import type Procession from 'procession'
import Signal from 'signal'
import type { InspectCertificates } from '../transport/security/certificate-findings.js'
import { rejectWithoutCodeGeneration } from '../base/code-generation.js'
import { type EntriesOptions, entries } from './log-iterator.js'
import { limitsOf, type WaitOptions } from '../base/abort-signal.js'
import type { WireCall } from '../guard/envelope.js'
import { MemberParts } from './member-parts.js'
import { admitInput, admitRecorded } from './admit-input.js'
import type { Islander } from '../publisher/islander.js'
import { journalOf, rejectReplay } from './member-journal.js'
import type { Recovered, RecoverOptions } from './recover-options.js'
import type { Monotonic } from '../base/monotonic.js'
import { settleOptions, type KibitzerOptions, type KibitzerSettings } from './options.js'
import { admitEntries, admitEntry } from '../publisher/limits.js'
import { type Callback, promiseOrCallback, isolateListeners } from '../base/callbacks.js'
import type { JsonCheck } from '../base/json.js'
import type { Government, LogEntry, Properties, Republic } from '../paxos/messages/messages.js'
import type { Paxos } from '../paxos/paxos.js'
import type { Arrival, ArrivalOrCallback, TurnedAway } from '../transport/authenticated-peer.js'
import type { Inputs, Played } from './inputs.js'
import type { Publication } from '../publisher/pending-publishes.js'
import type { Outcomes } from './apply-input.js'
import type { Waits } from './waits.js'
import type { StateBytes } from '../base/state-bytes.js'
import type { Reading, ReadOptions } from './reads.js'
import { type Status, statusOf } from './status.js'

/**
 * One member of a republic inside a process: the engine and the Islander, with recording, timers
 * and calls. A transport moves the calls between `read`, `write` and `request`.
 *
 * 1. Every input goes `play → replay`. No other call changes the engine or the Islander.
 * 2. A fresh Kibitzer with the same id and inputs has the same log, government and outboxes.
 * 3. The effects of an input happen before `play` returns, and leave after it is on `played`.
 * 4. No peer and no transport can cause an exception here, or delay the calls to other peers.
 * 5. After `destroy`, no input is played, every promise is settled, and no handle is open.
 *
 * `Body` is the type of the published values, and must be JSON.
 */
export class Kibitzer<Body = unknown> {
    /** Every committed entry in log order, governments included; `null` at the end. */
    readonly log: Procession<LogEntry<Body>>
    /** Every input, recorded before its effects leave the member. */
    readonly played: Procession<Played>
    /** Outgoing calls, for the transport to take. */
    readonly read: Procession<Invoke<WireCall>>
    /** The answers to outgoing calls, for the transport to push. */
    readonly write: Procession<Invocation<unknown>>
    /** Opens when `listen` has begun to send. */
    readonly ready: Signal = new Signal()
    /** Notifies each government that takes effect, after the government is on `log`. */
    readonly governed: Signal<[government: Government]>
    /** Opens when the member has ended. */
    readonly destruction: Signal<[error?: Error | null, ...results: unknown[]]>
    /** Whether `destroy` was called. */
    readonly destroyed: boolean = false
    /** The engine. For reading only: only `play` changes the engine. */
    readonly paxos: Paxos
    /** The publisher. For reading only: only `play` changes the publisher. */
    readonly islander: Islander
    /** The calls that wait. For reading only. */
    readonly waits: Waits
    readonly #settings: KibitzerSettings
    readonly #parts: MemberParts

    /** @throws KibitzError `invalid-argument` if an option is not usable; `unsupported`. */
    constructor(options: KibitzerOptions & JsonCheck<Body>) {
        rejectWithoutCodeGeneration()
        this.#settings = settleOptions(options)
        this.#parts = new MemberParts(this.#settings, this)
        const { log, played, governed, paxos, islander } = this.#parts.player
        const { read, write } = this.#parts.outgoing.caller
        this.log = log as Procession<LogEntry<Body>>
        this.played = played
        this.governed = governed
        this.paxos = paxos
        this.islander = islander
        this.waits = this.#parts.waits
        this.read = read
        this.write = write
        this.destruction = this.#parts.destructible.completed
        isolateListeners(this.ready)
    }

    /** The id of the member. */
    get id(): string { return this.#settings.id }

    /** Begins to send and to keep time. Calls back, or resolves, when the member has ended. */
    listen(): Promise<unknown>
    listen(callback: Callback<unknown>): void
    listen(callback?: Callback<unknown>): Promise<unknown> | undefined {
        if (!this.destroyed) {
            this.#parts.player.rejectPlay()
        }
        const listening = promiseOrCallback<unknown>((done) => this.#parts.onEnd(done), callback)
        if (!this.destroyed) {
            this.#parts.calendar.start()
            this.#parts.reminders.onListen()
            this.ready.unlatch()
            this.#parts.outgoing.startSending()
        }
        return listening
    }

    /**
     * Founds a republic with the member alone. Exactly one member of a republic does so, once.
     * @param republic The name: a text, or an integer such as a POSIX time.
     * @param properties The data by which the transport reaches the member, and any other JSON.
     * @throws KibitzError `already-member`, `destroyed`, `invalid-argument`, `too-large`.
     */
    bootstrap(republic: Republic, properties: Properties): void {
        this.#parts.joining.bootstrap(republic, properties)
    }

    /**
     * Asks a member for admission; the member forwards the request to the leader. The admission
     * itself is the first entry of the log.
     * @param leader The properties of any member of the republic.
     * @param properties The data by which other members reach this member.
     * @returns `true`: the leader took the request; `false`: ask again; `undefined`, at once: this
     * member is admitted. Rejections, safe to ignore: `destroyed`, `aborted`, `invalid-argument`.
     * @throws KibitzError `already-member` after `bootstrap`, `invalid-argument`, `too-large`.
     */
    join(
        republic: Republic, leader: Properties, properties: Properties, waiting?: WaitOptions | null
    ): Promise<boolean | undefined>
    join(
        republic: Republic, leader: Properties, properties: Properties,
        callback: Callback<boolean | undefined>
    ): void
    join(
        republic: Republic, leader: Properties, properties: Properties,
        waiting?: WaitOptions | Callback<boolean | undefined> | null
    ): Promise<boolean | undefined> | undefined {
        return this.#parts.joining.joinWithin({ republic, leader, properties }, waiting)
    }

    /** Reports that the member holds the application's state and may get a seat. */
    naturalize(): void { this.#parts.naturalize() }

    /**
     * Asks the leaders, one after the other, for the exile of this member. A leader cedes first.
     * @returns Resolves when the log has exiled this member: then destroy the Kibitzer. Rejects
     * with `alone`, `destroyed`, or `aborted`, which ends the wait only; safe to ignore.
     */
    leave(waiting?: WaitOptions | null): Promise<void> {
        return this.#parts.departures.leaveWithin(limitsOf('leave', waiting))
    }

    /**
     * Hands leadership over to a naturalized citizen. No entry is lost or published twice.
     * @returns The promise of the government that the citizen leads, once in the log. Rejects with
     * `not-leader`, `ineligible`, `not-ceded`, or as `leave` does; safe to ignore.
     * @throws KibitzError `invalid-argument`.
     */
    cede(id: string, waiting?: WaitOptions | null): Promise<Publication> {
        return this.#parts.departures.cedeWithin(id, limitsOf('cede', waiting))
    }

    /**
     * At the leader: exiles a citizen that is gone for good, without its `patience`.
     * @returns The promise of the government. Rejects with `not-leader`, `unsupported`, with
     * `ineligible` if the citizen answers, or as `leave` does; safe to ignore.
     * @throws KibitzError `invalid-argument`.
     */
    exile(id: string, waiting?: WaitOptions | null): Promise<Publication> {
        return this.#parts.exiles.exileWithin(id, limitsOf('exile', waiting))
    }

    /**
     * Gives this member other properties, such as a new address. Equal properties write nothing.
     * @returns Resolves when the log holds the properties. Rejects with `destroyed` or `exiled`.
     * @throws KibitzError `invalid-argument`, `too-large`; `unsupported` in version 1.
     */
    move(properties: Properties, waiting?: WaitOptions | null): Promise<void> {
        return this.#parts.moves.moveWithin(properties, limitsOf('move', waiting))
    }
    /** Tells where a citizen answers now, until a call fails, a move, or a leader's contact. */
    locate(id: string, at: Properties): void { this.#parts.moves.locate(id, at) }

    /**
     * Publishes any JSON value except `null`. The value is copied at once.
     * @returns Resolves when the entry is in the member's log. Then the entry is in the log of the
     * republic exactly once, in the order of the member's publishes. Rejects with `destroyed`,
     * `exiled`, `overloaded`, `aborted` or `timed-out`; safe to ignore.
     * @throws KibitzError `invalid-argument`, `too-large`.
     */
    publish(entry: Body, waiting?: WaitOptions | null): Promise<Publication> {
        const admitted = admitEntry(entry, this.#settings.publishSize)
        return this.#parts.player.publisher.publishOne(admitted, limitsOf('publish', waiting))
    }

    /**
     * Publishes values in order, one entry each: one input, and one batch if the batch is large
     * enough. Resolves when all entries are in the member's log; otherwise like `publish`.
     */
    publishAll(
        values: readonly Body[], waiting?: WaitOptions | null
    ): Promise<readonly Publication[]> {
        const limits = limitsOf('publishAll', waiting)
        const admitted = admitEntries(values, this.#settings.publishSize)
        return this.#parts.player.publisher.publishAll(admitted, limits)
    }

    /**
     * Resolves when the member has every entry that was committed anywhere before the call, so that
     * a later read is linearizable. Costs one round of questions. Rejects like `publish`.
     */
    barrier(waiting?: WaitOptions | null): Promise<Publication> {
        return this.#parts.barriers.pass(limitsOf('barrier', waiting))
    }

    /**
     * Reads the position of `log` and the bound of its age, without a message. Resolves at once, or
     * waits until `log` contains the entry `after`, or is at most `maxStalenessMs` old. Rejects
     * with `too-stale` after `timeout`, with `aborted` or `destroyed`; safe to ignore.
     * @throws KibitzError `invalid-argument`.
     */
    reading(options?: ReadOptions | null): Promise<Reading> {
        return this.#parts.reads.read(options)
    }

    /** The log as an async iterable, governments included. @default from the oldest entry held */
    entries(options: EntriesOptions | null = {}): AsyncGenerator<LogEntry<Body>, void, void> {
        const found = entries(this.#parts.player.history, options)
        return found as AsyncGenerator<LogEntry<Body>, void, void>
    }

    /** The state of the member for an operator, as of now. */
    status(): Status {
        const { player, outgoing, journal } = this.#parts
        return statusOf(player, outgoing, this.waits, journal?.stat() ?? null, this.destroyed)
    }

    /** Takes a call that a transport has received. Yields the answer; `null` if rejected. */
    request(envelope: unknown, arrival?: Arrival): Promise<unknown>
    request(envelope: unknown, callback: Callback<unknown>): void
    request(envelope: unknown, arrival: Arrival | undefined, callback: Callback<unknown>): void
    request(
        envelope: unknown, arrival?: ArrivalOrCallback, callback?: Callback<unknown>
    ): Promise<unknown> | undefined {
        return this.#parts.incoming.answer(envelope, arrival, callback)
    }

    /** Counts and logs a message that a transport has turned away before `request`. */
    turnAway(code: TurnedAway, from: string): void { this.#parts.incoming.turnAway(code, from) }

    /** Reports and logs the defects of certificates that a transport shows. Returns the undo. */
    reportCertificates(inspect: InspectCertificates): () => void {
        return this.#parts.outgoing.certificates.add(inspect)
    }

    /** Checks, stamps, records and applies an input, and sends the effects. @throws as `replay`. */
    play<Key extends keyof Inputs>(method: Key, body: Inputs[Key]): Outcomes[Key] | null {
        return this.#parts.player.play(method, admitInput(method, body, this.paxos))
    }

    /**
     * Applies a recorded input and records the input on `played`; nothing leaves. A fresh Kibitzer
     * of the same id gets the same log, outboxes and state, whatever its clock and options.
     * @throws KibitzError `invalid-argument`, `already-member`; `journal-version` for a birth.
     */
    replay(played: Played): Outcomes[keyof Outcomes] {
        rejectReplay(this.#parts.journal)
        return this.#parts.player.replay(admitRecorded(played, this.paxos, this.destroyed), true)
    }

    /**
     * Restores the last snapshot and replays the later records of the journal; new entries go to
     * `log`. With a journal, call this method before any other.
     * @returns The result. If the member was admitted, call neither `bootstrap` nor `join`. Rejects
     * with a journal code; then the Kibitzer is destroyed and the journal is unchanged.
     * @throws KibitzError `invalid-argument` without a journal, or at a second call; `destroyed`.
     */
    recover(options: RecoverOptions | null = {}): Promise<Recovered> {
        return this.#parts.recover(options)
    }

    /**
     * Stores a snapshot in place of all inputs recorded before the call, or before the end of the
     * snapshot under way. Inputs go on meanwhile. After `destroy` in the same turn, any version of
     * kibitz can continue from the snapshot.
     * @param promise The last entry that the application had applied in that state.
     * @param state The state as bytes or text, or pieces of these. The state must not change.
     * Rejects with `invalid-argument` if the entry was not on `log` yet, `trimmed` if it is not
     * held, `destroyed`, a journal code, or the error of the pieces. Then the journal is unchanged.
     */
    snapshot(promise: Monotonic, state: StateBytes): Promise<void> {
        return journalOf(this.#parts.journal).snapshot(promise, state)
    }

    /**
     * Stops the member. Every queue ends with `null`, and every waiting promise is settled: with a
     * journal, after all inputs are flushed. `destruction` opens after the journal is closed.
     */
    destroy(): void { this.#parts.destructible.destroy() }
}
