import type { CalendarEvent, Scheduler } from 'happenstance'
import type Procession from 'procession'
import type { Monotonic } from '../base/monotonic.js'
import { advanceTime, appointResubmit } from './agenda.js'
import { Core } from './core.js'
import { type CedeOutcome, cedeTo } from './departure/cede.js'
import type { Heir } from './departure/departure.js'
import { type LeaveOutcome, askToLeave, isLeaving } from './departure/leave.js'
import { isLeftBehind } from './election/petition.js'
import { onEvent } from './events.js'
import { type Contact, type Inspection, contact, inspect } from './inspect.js'
import { MemberTime } from './member-time.js'
import { immigrate } from './membership/admission.js'
import { found } from './membership/founding.js'
import { declareReady } from './membership/naturalization.js'
import { onResponse } from './messages/answers.js'
import type {
    Communique, Government, LogEntry, Properties, Republic, Request, Response
} from './messages/messages.js'
import type { EnqueueOutcome, ImmigrateOutcome, Proposal } from './messages/proposals.js'
import { reject, serve } from './messages/requests.js'
import { type PaxosOptions, checkPaxosOptions, settingsOf } from './options.js'
import { proposeAll } from './replication/proposals.js'
import { revive } from './revive.js'
import { optionsOf, restore, stateOf } from './save-restore.js'
import { settle } from './settle.js'
import { isLeading, namesOf, rejectOrder, writerOf } from './standing.js'
import type { PaxosState } from './state.js'

/**
 * The engine: a deterministic multi-Paxos whose inputs are its method calls and whose outputs are
 * `log`, `outbox` and `scheduler`. The engine reads no clock, draws no random number and does no
 * I/O. This class holds no rule: an input advances the member's time, changes the record `Core`
 * through one handler, and then settles.
 *
 * 1. Every promise numbers at most one committed entry, the same at every member.
 * 2. The committed log is a chain, and only grows.
 * 3. No sequence of well-formed messages makes the engine throw.
 * 4. The same inputs give the same outputs.
 */
export class Paxos {
    /** The atomic log: every committed entry from this member's admission on, in order. */
    readonly log: Procession<LogEntry>
    /** The outgoing communiques. The answers to each go to `response`. */
    readonly outbox: Procession<Communique>
    /** The calendar. The driver of the engine checks it and hands its events to `event`. */
    readonly scheduler: Scheduler<string>
    private readonly core: Core

    /**
     * @param now Milliseconds since the epoch, like every `now` here.
     * @param republic The name of the republic, or `null` if the name follows later.
     * @param id This member's name; unique among the citizens.
     */
    constructor(now: number, republic: Republic | null, id: string, options: PaxosOptions = {}) {
        this.core = new Core(now, republic, String(id), checkPaxosOptions(options))
        this.log = this.core.delivery
        this.outbox = this.core.mailbox.outbox
        this.scheduler = this.core.agenda
    }

    /** The cookies of the communiques whose answers are awaited, oldest first. */
    get unanswered(): readonly string[] { return this.core.mailbox.unanswered() }
    /** This member's name; unique among the citizens. */
    get id(): string { return this.core.id }
    /** Tells this incarnation from an earlier one of the same id. `null` before it joins. */
    get cookie(): string | number | null { return this.core.citizenship.cookie }
    set cookie(cookie: string | number | null) { this.core.citizenship.cookie = cookie }
    /** The republic this member belongs to, or wants to. */
    get republic(): Republic | null { return this.core.citizenship.republic }
    set republic(republic: Republic | null) { this.core.citizenship.republic = republic }
    /** Tells this founding of the republic from any other; empty before admission. */
    get founding(): string { return this.core.citizenship.founding }

    /** The government in force, frozen; `0/0` before admission. */
    get government(): Government { return this.core.government }
    /** The immigration promise of this incarnation; `0/0` before admission. */
    get immigrated(): Monotonic { return this.core.citizenship.immigrated }
    /** Whether the log has exiled this member. An exiled member takes no further part. */
    get exiled(): boolean { return this.core.citizenship.exiled }
    /** The promise of the last committed entry. */
    get committed(): Monotonic { return this.core.committed }
    /** The options in force. */
    get options(): Required<PaxosOptions> { return optionsOf(this.core) }

    /** Whether this member writes the log: elected, and its government committed. */
    get isLeading(): boolean { return isLeading(this.core) }
    /** Whether this member is trying to form a government. */
    get isCampaigning(): boolean { return this.core.role.name === 'campaigning' }
    /** Whether no member can give this member its missing entries, as far as is known here. */
    get isLeftBehind(): boolean { return isLeftBehind(this.core) }
    /** Whether this member has asked to leave and is still there. */
    get isLeaving(): boolean { return isLeaving(this.core) }

    /** The ids of the citizens that are known here to be leaving. The leader knows of all. */
    get leavers(): readonly string[] { return namesOf(this.core, this.core.leaving) }
    /** The member that this member is handing over to; `null` without a handover. */
    get successor(): string | null {
        return this.exiled ? null : (this.core.departure.handover?.to.id ?? null)
    }
    /** The leader since this member last handed over; `null` if the handover has failed. */
    get heir(): Heir | null { return this.core.departure.heir }

    /** The held log entries from a promise on; `null` if that promise is not held. */
    history(from: Monotonic | null): readonly LogEntry[] | null {
        return this.core.log.history(from)
    }

    /** What the engine is doing, for people. */
    inspect(): Inspection { return inspect(this.core) }
    /** The last contact with a leader. */
    contact(): Contact { return contact(this.core) }

    /**
     * All that any later output depends on, between two inputs. The contents of `outbox` and `log`
     * are left out: the driver of the engine has taken them.
     */
    state(): PaxosState {
        return stateOf(this.core)
    }

    /**
     * An engine that goes on from a state. Its queues are empty.
     *
     * @param options The options that differ from the written ones.
     * @throws Error if the value is no state of this version.
     */
    static restore(state: PaxosState, options: PaxosOptions = {}): Paxos {
        const paxos = new Paxos(0, null, state.citizenship.id)
        paxos.recall(state, options)
        return paxos
    }

    /** Restores a state into this engine, which must be new, under options that differ. */
    recall(state: PaxosState, options: PaxosOptions = {}): void {
        restore(this.core, state, options)
    }

    /** Begins anew at an instant, under these options. No input may have been applied before. */
    begin(now: number, options: PaxosOptions): void {
        this.core.time = new MemberTime(now)
        this.reform(options)
    }
    /** Goes on under other options; options that are left out have their defaults. */
    reform(options: PaxosOptions): void {
        this.core.settings = settingsOf(options)
    }

    /** Tells a restored member that a new process has begun. `revive.ts` has the rules. */
    revive(now: number): void {
        if (revive(this.core, now)) {
            settle(this.core, true)
        }
    }

    /**
     * Founds the republic: government `1/0` with this member alone.
     *
     * @param founding Tells this founding from any other of the same name. @default `now`
     */
    bootstrap(now: number, properties: Properties, founding: string = String(now)): void {
        advanceTime(this.core, now, null)
        found(this.core, founding, properties)
        settle(this.core, false)
    }

    /** Says which republic this member waits to be admitted to, and under which cookie. */
    join(republic: Republic, cookie: string | number): void {
        this.republic = republic
        this.cookie = cookie
    }

    /**
     * Asks for a newcomer's admission. If this member does not lead, the answer names the leader.
     * An id that belongs to a citizen under another cookie is refused until the citizen's exile.
     */
    immigrate(
        now: number,
        republic: Republic,
        id: string,
        cookie: string | number,
        properties: Properties,
        naturalized: boolean = false
    ): ImmigrateOutcome {
        this.#advance(now)
        const immigration = { id, cookie, properties, naturalized }
        const outcome = immigrate(this.core, republic, immigration)
        if (outcome.enqueued && this.core.citizenship.incarnationOf(id) === null) {
            settle(this.core, false)
        }
        return outcome
    }

    /** Says that this member holds the application's state and may take a seat. */
    naturalize(): void {
        declareReady(this.core)
        settle(this.core, false)
    }

    /** Asks for this member's exile, now or after its admission; a leader hands over first. */
    leave(now: number): LeaveOutcome {
        this.#advance(now)
        const outcome = askToLeave(this.core)
        if (outcome === 'leaving') {
            settle(this.core, false)
        }
        return outcome
    }
    /** Hands this member's leadership over to a naturalized citizen, which is seated first. */
    cede(now: number, id: string): CedeOutcome {
        this.#advance(now)
        const { handover } = this.core.departure
        const outcome = cedeTo(this.core, id)
        if (handover !== this.core.departure.handover) {
            settle(this.core, false)
        }
        return outcome
    }

    /** Proposes one entry. */
    enqueue(now: number, republic: Republic, entry: Proposal): EnqueueOutcome {
        const promises = this.enqueueAll(now, republic, [entry])
        if (promises === null) {
            return { enqueued: false, leader: rejectOrder(this.core, republic)?.leader ?? null }
        }
        return { enqueued: true, leader: this.id, promise: promises[entry.cookie] ?? '0/0' }
    }

    /**
     * Proposes a batch, in order.
     *
     * @returns The promises of the first and the last entry by their cookies; the entries between
     * are numbered in turn. `null` if this member is not a leader that can write, or refuses an
     * entry. Then the leader may still have proposed the entries before that one: the log tells.
     */
    enqueueAll(
        now: number,
        republic: Republic,
        entries: readonly Proposal[],
        founding: string = this.founding
    ): Record<string, Monotonic> | null {
        this.#advance(now)
        const writer = writerOf(this.core)
        const isOurs = founding === this.founding && rejectOrder(this.core, republic) === null
        if (!isOurs || writer === null) {
            return null
        }
        const promises = proposeAll(this.core, writer, entries)
        settle(this.core, false)
        return promises
    }

    /** Sets an appointment `resubmit`: the publisher waits longer after each failure. */
    postpone(now: number, failures: number): void {
        appointResubmit(this.core, now, failures)
    }

    /** Takes an event from the calendar. Events of other owners change nothing. */
    event(envelope: Pick<CalendarEvent<unknown>, 'method' | 'now' | 'when' | 'body'>): void {
        if (envelope.method === 'event' && !this.exiled) {
            advanceTime(this.core, envelope.now, envelope.when)
            onEvent(this.core, envelope.body)
        }
    }

    /** Answers another engine. A request for another incarnation or republic changes nothing. */
    request(now: number, request: Request): Response {
        this.#advance(now)
        const rejection = reject(this.core, request)
        if (rejection !== null) {
            return rejection
        }
        this.core.minimum.raise(request.minimum)
        const response = serve(this.core, request)
        settle(this.core, false)
        return Object.freeze(response)
    }

    /**
     * Takes the answers to a communique, by id; an absent answer is `null`. Answers to a communique
     * that is no longer awaited change nothing.
     */
    response(
        now: number,
        cookie: string,
        responses: Readonly<Record<string, Response | null>>
    ): void {
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
