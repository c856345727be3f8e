import type { CalendarEvent, Scheduler } from 'happenstance'
import type Procession from 'procession'
import type { Monotonic } from '../base/monotonic.js'
import { advanceTime, appointResubmit } from './agenda.js'
import { type Claims, claimsOf } from './claims.js'
import { Core } from './core.js'
import type { CedeOutcome } from './departure/cede.js'
import type { Heir } from './departure/departure.js'
import { type LeaveOutcome, isLeaving } from './departure/leave.js'
import { isLeftBehind } from './election/petition.js'
import { type DiskView, diskViewOf, stable } from './disk-answers.js'
import { onEvent } from './events.js'
import {
    type Contact, type Inspection, type LogEnd, contact, inspect, logEndOf, roleOf
} from './inspect.js'
import { MemberTime } from './member-time.js'
import { immigrate } from './membership/admission.js'
import { found } from './membership/founding.js'
import { isMoving, onCall } from './membership/move-reports.js'
import { versionsOf, type Versions } from './membership/raise.js'
import { mayMove, type MoveOutcome } from './membership/relocation.js'
import { onResponse } from './messages/answers.js'
import type { Communique, Responses } from './messages/mailbox.js'
import type {
    Government, LogEntry, Properties, Republic, Request, Response
} from './messages/messages.js'
import type {
    EnqueueOutcome, ImmigrateOutcome, Immigration, Proposal
} from './messages/proposals.js'
import { reject, serve } from './messages/requests.js'
import { type PaxosOptions, checkPaxosOptions, settingsOf } from './options.js'
import { proposeBatch, proposeOne } from './propose-batch.js'
import type { BatchAnswer } from './replication/proposals.js'
import { revive } from './revive.js'
import { optionsOf, restore, stateOf } from './save-restore.js'
import { settle } from './settle.js'
import type { Stable } from './replication/own-disk.js'
import { isLeading, namesOf, propertiesOf } from './standing.js'
import type { PaxosState } from './state.js'
import { cede, leave, locate, move, naturalize, upgrade } from './wishes.js'

/**
 * The engine: a deterministic multi-Paxos. The inputs are method calls, and the outputs are `log`,
 * `outbox` and `scheduler`. The engine reads no clock, draws no random number and does no I/O. The
 * class holds no rule: an input advances the member's time, changes the record `Core` through one
 * handler, and then settles.
 *
 * 1. Every promise numbers at most one committed entry, the same entry at every member.
 * 2. The committed log is a chain, and only grows.
 * 3. No sequence of well-formed messages makes the engine throw.
 * 4. The same inputs give the same outputs.
 */
export class Paxos {
    /** The atomic log: every committed entry from the member's admission on, in order. */
    readonly log: Procession<LogEntry>
    /** The outgoing communiques. The answers to each go to `response`. */
    readonly outbox: Procession<Communique>
    /** The calendar. The engine's driver checks the calendar and plays due events to `event`. */
    readonly scheduler: Scheduler<string>
    private readonly core: Core

    /**
     * @param now Milliseconds since the epoch, like every `now` of the class.
     * @param republic The name of the republic, or `null` if the name follows later.
     * @param id The member's id; unique among the citizens.
     */
    constructor(now: number, republic: Republic | null, id: string, options: PaxosOptions = {}) {
        this.core = new Core(now, republic, String(id), checkPaxosOptions(options))
        this.log = this.core.delivery
        this.outbox = this.core.mailbox.outbox
        this.scheduler = this.core.agenda
    }

    /** The cookies of the communiques without an answer, oldest first. */
    get unanswered(): readonly string[] { return this.core.mailbox.unanswered() }
    /** The member's id; unique among the citizens. */
    get id(): string { return this.core.id }
    /** Distinguishes the incarnation from earlier ones of the id. `null` before joining. */
    get cookie(): string | number | null { return this.core.citizenship.cookie }
    set cookie(cookie: string | number | null) { this.core.citizenship.cookie = cookie }
    /** The republic that the member belongs to or waits for. */
    get republic(): Republic | null { return this.core.citizenship.republic }
    set republic(republic: Republic | null) { this.core.citizenship.republic = republic }
    /** Distinguishes foundings of the same republic name; empty before admission. */
    get founding(): string { return this.core.citizenship.founding }

    /** The government in force, frozen; `0/0` before admission. */
    get government(): Government { return this.core.government }
    /** The immigration promise of the incarnation; `0/0` before admission. */
    get immigrated(): Monotonic { return this.core.citizenship.immigrated }
    /** Whether the log has exiled the member. An exiled member takes no further part. */
    get exiled(): boolean { return this.core.citizenship.exiled }
    /** The promise of the last committed entry. */
    get committed(): Monotonic { return this.core.committed }
    /** The protocol versions, as far as the member knows. */
    get versions(): Versions { return versionsOf(this.core) }
    /** The options in force. A member reads `highestVersion` at each input. */
    get options(): Required<PaxosOptions> { return optionsOf(this.core) }
    get highestVersion(): number { return this.core.settings.highestVersion }

    /** Whether the member writes the log: elected, and its own government is committed. */
    get isLeading(): boolean { return isLeading(this.core) }
    /** Whether the member campaigns for the leadership. */
    get isCampaigning(): boolean { return this.core.role.name === 'campaigning' }
    /** Whether no peer can give the member its missing entries, as far as the member knows. */
    get isLeftBehind(): boolean { return isLeftBehind(this.core) }
    /** Whether the member has asked to leave and is not yet exiled. */
    get isLeaving(): boolean { return isLeaving(this.core) }

    /** The ids of the citizens that ask for exile, as far as is known. The leader knows all. */
    get leavers(): readonly string[] { return namesOf(this.core, this.core.leaving) }
    /** The successor of a handover under way; `null` without a handover. */
    get successor(): string | null {
        return this.exiled ? null : (this.core.departure.handover?.to.id ?? null)
    }
    /** Whether the member has asked for other properties, and the log does not hold them yet. */
    get isMoving(): boolean { return isMoving(this.core) }
    /** The properties by which the member calls a citizen; those of the log, or later ones. */
    addressOf(id: string): Properties {
        const citizen = this.core.citizenship.incarnationOf(id)
        return citizen === null ? undefined : propertiesOf(this.core, citizen)
    }
    /** The successor of the last handover, once it leads; `null` if the handover failed. */
    get heir(): Heir | null { return this.core.departure.heir }

    /** The held entries from a promise on; `null` if the log does not hold the promise. */
    history(from: Monotonic | null): readonly LogEntry[] | null {
        return this.core.log.history(from)
    }

    /** The ballots of the member, and the end of its log. */
    get logEnd(): LogEnd { return logEndOf(this.core) }
    /** The facts on which the member's messages rely. */
    get claims(): Claims { return claimsOf(this.core) }
    /** The role of the member, as in `inspect()`. */
    get role(): Inspection['role'] { return roleOf(this.core) }
    /** A view of the engine for operators. */
    inspect(): Inspection { return inspect(this.core) }
    /** The last contact with a leader. */
    contact(): Contact { return contact(this.core) }

    /**
     * The written form of the engine, between two inputs: everything that later outputs depend on.
     * The contents of `outbox` and `log` are left out: the engine's driver has taken both.
     */
    state(): PaxosState { return stateOf(this.core) }

    /**
     * Creates an engine that continues from a state, with empty queues.
     *
     * @param options Options that replace the options of the state.
     * @throws Error if the value is no state of the current version.
     */
    static restore(state: PaxosState, options: PaxosOptions = {}): Paxos {
        const paxos = new Paxos(0, null, state.citizenship.id)
        paxos.recall(state, options)
        return paxos
    }

    /** Restores a state into a new engine. `options` replace the options of the state. */
    recall(state: PaxosState, options: PaxosOptions = {}): void {
        restore(this.core, state, options)
    }

    /** Starts a new engine at an instant with new options. No earlier input is allowed. */
    begin(now: number, options: PaxosOptions): void {
        this.core.time = new MemberTime(now)
        this.reform(options)
    }
    /** Replaces the options. Options that are left out get the defaults. */
    reform(options: PaxosOptions): void {
        this.core.settings = settingsOf(options)
    }

    /** Tells a restored engine of a new process (`revive.ts`), which calls `stable` or does not. */
    revive(now: number, callsStable: boolean = false): void {
        if (revive(this.core, now, callsStable)) {
            settle(this.core, true)
        }
    }

    /** How the member depends on its own disk. */
    get disk(): DiskView { return diskViewOf(this.core) }
    /** Takes an answer of the member's own disk (`replication/own-vote.ts`). */
    stable(now: number, answer: Stable): void { stable(this.core, now, answer) }

    /**
     * Founds the republic: government `1/0` with the member alone.
     *
     * @param founding Distinguishes foundings of the same republic name. @default `now`
     * @param version The protocol version of the republic. @default 1
     */
    bootstrap(now: number, properties: Properties, founding?: string, version?: number): void {
        advanceTime(this.core, now, null)
        found(this.core, founding ?? String(now), properties, version)
        settle(this.core, false)
    }

    /** Sets the republic that the member waits for, and the cookie of the incarnation. */
    join(republic: Republic, cookie: string | number): void {
        this.republic = republic
        this.cookie = cookie
    }

    /**
     * Asks for a newcomer's admission. If the member does not lead, the answer names the leader. If
     * a citizen has the id under a different cookie, the leader refuses until the citizen's exile.
     */
    immigrate(now: number, republic: Republic, immigration: Immigration): ImmigrateOutcome {
        this.#advance(now)
        const outcome = immigrate(this.core, republic, immigration)
        if (outcome.enqueued && this.core.citizenship.incarnationOf(immigration.id) === null) {
            settle(this.core, false)
        }
        return outcome
    }

    /** Declares that the member holds the application's state and may take a seat. */
    naturalize(): void { naturalize(this.core) }

    /** Asks for the member's exile, now or after its admission. A leader hands over first. */
    leave(now: number): LeaveOutcome { return leave(this.core, now) }
    /** Hands the leadership over to a naturalized citizen; the successor first gets a seat. */
    cede(now: number, id: string): CedeOutcome { return cede(this.core, now, id) }
    /** Asks for other properties of the member, for example another address. */
    move(now: number, to: Properties): MoveOutcome { return move(this.core, now, to) }
    /** The outcome that `move` would have now. */
    mayMove(to: Properties): MoveOutcome { return mayMove(this.core, to) }
    /** Takes an address at which the application has found a citizen. */
    locate(now: number, id: string, at: Properties): void { locate(this.core, now, id, at) }

    /** The leader raises the version of the republic, if every member takes part in the version. */
    upgrade(now: number, version: number): void { upgrade(this.core, now, version) }

    /** Proposes one entry. */
    enqueue(now: number, republic: Republic, entry: Proposal): EnqueueOutcome {
        this.#advance(now)
        return proposeOne(this.core, republic, entry)
    }

    /**
     * Proposes a batch, in order.
     *
     * @returns `null` also if the member is not a leader that can write. After a refusal, the
     * entries before the refused entry may still be proposed: the log tells.
     */
    enqueueAll(
        now: number,
        republic: Republic,
        entries: readonly Proposal[],
        founding: string = this.founding
    ): BatchAnswer {
        this.#advance(now)
        return proposeBatch(this.core, republic, entries, founding)
    }

    /** Sets the publisher's next try (`resubmit`). The delay grows with `failures`. */
    postpone(now: number, failures: number): void { appointResubmit(this.core, now, failures) }

    /** Takes an event of the calendar. An unknown kind only advances time and fails late calls. */
    event(envelope: Pick<CalendarEvent<unknown>, 'method' | 'now' | 'when' | 'body'>): void {
        if (envelope.method === 'event' && !this.exiled) {
            advanceTime(this.core, envelope.now, envelope.when)
            onEvent(this.core, envelope.body)
        }
    }

    /** Answers a request. A request for a different incarnation or republic changes nothing. */
    request(now: number, request: Request): Response {
        this.#advance(now)
        const rejection = reject(this.core, request)
        if (rejection !== null) {
            return rejection
        }
        onCall(this.core, request)
        this.core.minimum.raise(request.minimum)
        const response = serve(this.core, request)
        settle(this.core, false)
        return Object.freeze(response)
    }

    /**
     * Takes the answers to a communique, by id. A `null` or absent answer means a failed call. If
     * the communique is not awaited any more, the answers change nothing.
     */
    response(now: number, cookie: string, responses: Readonly<Responses>): void {
        this.#advance(now)
        const call = this.core.mailbox.take(cookie)
        if (call === null || this.exiled) {
            return
        }
        const response = Object.hasOwn(responses, call.to) ? responses[call.to] : null
        if (onResponse(this.core, call, response)) {
            settle(this.core, false)
        }
    }

    #advance(now: number): void { advanceTime(this.core, now, this.core.agenda.next()) }
}
