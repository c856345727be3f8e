import { Scheduler } from 'happenstance'
import Procession from 'procession'
import { Monotonic } from '../base/monotonic.js'
import { own } from '../base/own-property.js'
import type { Handover } from './departure/handover.js'
import { Log } from './log/log.js'
import { Minimum } from './log/minimum.js'
import { MemberTime } from './member-time.js'
import { Citizenship } from './membership/citizenship.js'
import { awaited } from './membership/consent.js'
import { parliament } from './membership/government.js'
import { Mailbox } from './messages/mailbox.js'
import type {
    Ballot,
    Communique, Government, Incarnation,
    LogEntry,
    Properties, Republic, Request,
    RequestHeader
} from './messages/messages.js'
import { type PaxosOptions, type PaxosSettings, settle } from './options.js'
import { type Peer, Peers } from './replication/peers.js'
import type { Acceptance } from './replication/recorder.js'
import { SilenceReports } from './replication/silence-reports.js'
import { Tenure } from './replication/tenure.js'
import { type Writer, deciding } from './replication/writer.js'
import { SeededRandom } from './seeded-random.js'
import { obeyedSince, standingSince } from './standing.js'

/** A request without what every request says first. */
export type Matter = Request extends infer Each
    ? Each extends Request
        ? Omit<Each, keyof RequestHeader>
        : never
    : never

/** What the engine puts into its calendar. */
export type Appointment = 'ping' | 'collapse' | 'resubmit' | 'feed'

/**
 * The ground floor of the engine: what a member holds, how it addresses others, and how it reckons
 * time. It decides nothing.
 *
 * 1. Time is the member's own: a pause of the process, or a jump of the clock, counts as no more
 *    than half a `timeout`.
 */
export abstract class Member {
    /** The atomic log: every committed entry from this member's admission on, in order. */
    readonly log: Procession<LogEntry> = new Procession()
    /** The calendar. Whoever drives the engine checks it and hands its events to `event`. */
    readonly scheduler: Scheduler<string> = new Scheduler<string>()
    protected settings: PaxosSettings
    protected readonly acceptance: Acceptance = { promised: '0/0/0', accepted: '0/0/0' }
    protected readonly naturalizing: Set<Monotonic> = new Set()
    protected time: MemberTime
    protected citizenship: Citizenship
    protected peers: Peers = new Peers()
    protected minimum: Minimum = new Minimum()
    protected hearsay: SilenceReports = new SilenceReports()
    protected tenure: Tenure = new Tenure()
    /** Who asks to be exiled, in the order in which that was heard of. */
    protected readonly leaving: Set<Monotonic> = new Set()
    protected readonly post: Mailbox = new Mailbox()
    protected chain: Log = new Log('0/0')
    protected random: SeededRandom
    protected writer: Writer | null = null
    /** To whom this member hands over its leadership, until a government settles that. */
    protected handover: Handover | null = null
    /** This member has said that it may hold a seat. */
    protected ready = false
    /** The highest ballot seen in any message. */
    protected highest: Ballot = '0/0/0'
    /** The incarnation of that leader. */
    protected ledBy: Monotonic = '0/0'
    /** When a leader in good standing was last heard of, in the member's own time. */
    protected ledAt: number = Number.NEGATIVE_INFINITY
    /** When this member last came back, in its own time. */
    protected revivedAt: number = Number.NEGATIVE_INFINITY
    constructor(now: number, republic: Republic | null, id: string, options: PaxosOptions) {
        this.time = new MemberTime(now)
        this.settings = settle(options)
        this.citizenship = new Citizenship(id, republic)
        this.random = new SeededRandom(id)
    }

    /** This member's name; unique among the citizens. */
    get id(): string {
        return this.citizenship.id
    }

    /** Tells this incarnation from an earlier one of the same id. `null` before it joins. */
    get cookie(): string | number | null {
        return this.citizenship.cookie
    }

    set cookie(cookie: string | number | null) {
        this.citizenship.cookie = cookie
    }

    /** The republic this member belongs to, or wants to. */
    get republic(): Republic | null {
        return this.citizenship.republic
    }

    set republic(republic: Republic | null) {
        this.citizenship.republic = republic
    }

    /** What tells this founding of the republic from any other; empty before admission. */
    get founding(): string {
        return this.citizenship.founding
    }

    /** The government in force, frozen; `0/0` before admission. */
    get government(): Government {
        return this.citizenship.government
    }

    /** What goes out. Each communique's answers go to `response`. */
    get outbox(): Procession<Communique> {
        return this.post.outbox
    }

    /** The immigration promise of this incarnation; `0/0` before admission. */
    get immigrated(): Monotonic {
        return this.citizenship.immigrated
    }

    /** Whether the log has exiled this member. It takes no further part. */
    get exiled(): boolean {
        return this.citizenship.exiled
    }

    /** The promise of the last committed entry. */
    get committed(): Monotonic {
        return this.chain.promiseAt(this.chain.committed)
    }

    /** What this member holds of its log, from a promise on; `null` where that is not held. */
    history(from: Monotonic | null): readonly LogEntry[] | null {
        return this.chain.history(from)
    }

    /**
     * Reads an instant in the member's own time, by invariant 1.
     *
     * @param due When the event that brought the instant was due, or the next one is.
     */
    protected observe(now: number, due: number | null): void {
        const hasPaused = this.time.observe(now, due, this.settings.timeout / 2)
        if (hasPaused && this.writer !== null) {
            this.tenure.since = this.now
            this.peers.forgetPresence()
        }
    }

    /** The member's own time as of the last input. */
    protected get now(): number {
        return this.time.now
    }

    /** Sets an appointment so many milliseconds ahead. */
    protected appoint(appointment: Appointment, delayMs: number): void {
        this.scheduler.schedule(this.time.clock + delayMs, appointment, appointment)
    }

    /**
     * Lets the publisher of this member wait before it tries again: an appointment `resubmit`
     * whose delay doubles from `ping` to four `timeout`s, with jitter.
     */
    postpone(now: number, failures: number): void {
        const { ping, timeout } = this.settings
        const delayMs = Math.min(ping * 2 ** Math.min(failures, 16), 4 * timeout)
        const when = now + delayMs + this.random.below(ping)
        this.scheduler.schedule(when, 'resubmit', 'resubmit')
    }

    /** Whether this member votes. */
    protected get isSeated(): boolean {
        return this.citizenship.isCitizen && parliament(this.government).includes(this.id)
    }

    /** Whether this member writes the log: elected, and its government committed. */
    get isLeading(): boolean {
        return this.writer !== null && !this.writer.establishing
    }

    /** The other voters. */
    protected rivals(): readonly Peer[] {
        return this.peersOf(parliament(this.government))
    }

    /** The records of these citizens, without this member's own. */
    protected peersOf(ids: readonly string[]): readonly Peer[] {
        const peers = ids.map((id) => this.peerOf(id))
        return peers.filter((peer) => peer !== null)
    }

    /** The record of a citizen; `null` for this member itself, and for who is none. */
    protected peerOf(id: string): Peer | null {
        const immigrated = own(this.government.immigrated.promise, id)
        if (id === this.id || immigrated === undefined) {
            return null
        }
        return this.peers.find(immigrated) ?? this.peers.of({ id, immigrated })
    }

    /** Since when all on whom a decision depends have obeyed this writer. */
    protected majorityAt(): number {
        const { now, tenure } = this
        const [current = now, ...others] = deciding(this.chain, this.government).map((seats) => {
            const voters = parliament(seats)
            return obeyedSince(voters.length, this.peersOf(voters), now)
        })
        const consents = awaited(this.chain, this.acceptance.accepted)
        if (consents !== null) {
            others.push(this.peers.find(consents.immigrated)?.obeyedAt ?? tenure.graceFrom())
        }
        return standingSince(current, others, tenure.graceFrom())
    }

    /** How long ago a leader last had a majority; `null` where that is longer than `timeout`. */
    protected standing(): number | null {
        const age = this.now - (this.writer === null ? this.ledAt : this.majorityAt())
        return age < this.settings.timeout ? Math.max(0, age) : null
    }

    /** Sends a request to a peer, by its properties. */
    protected send(
        peer: Peer,
        matter: Matter,
        last: number,
        properties: Properties = this.government.properties[peer.id]
    ): void {
        peer.ask(this.now, this.settings.timeout)
        this.#post(peer, matter, last, properties)
    }

    /** Asks a peer whether it is there, and nothing else. */
    protected probe(peer: Peer): void {
        const matter = { method: 'synchronize', welcome: null, previous: this.committed } as const
        peer.probe(this.now)
        const properties = this.government.properties[peer.id]
        this.#post(peer, { ...matter, entries: [] }, this.chain.committed, properties)
    }

    #post({ id, immigrated }: Peer, matter: Matter, last: number, properties: Properties): void {
        const header: RequestHeader = {
            republic: this.republic ?? '',
            founding: this.citizenship.founding,
            from: this.citizenship.incarnation,
            to: { id, immigrated },
            government: this.government.promise,
            committed: this.committed,
            minimum: this.minimum.propagated,
            standing: this.standing()
        }
        const request = Object.freeze(Object.assign(header, matter)) as Request
        const { method } = matter
        const entries = 'entries' in matter ? matter.entries.length : 0
        const call = { to: id, immigrated, method, sentAt: this.now, last }
        this.post.send(entries === 0 ? call : { ...call, entries }, properties, request)
    }

    /** Notes a ballot, so that this member's own will be above it. */
    protected note(ballot: Ballot): void {
        if (Monotonic.compare(ballot, this.highest) > 0) {
            this.highest = ballot
        }
    }

    /** Whether a leader in good standing was heard of within `timeout`. */
    protected isLed(): boolean {
        return this.now - this.ledAt < this.settings.timeout
    }

    /** The incarnation of a candidate or a feeder holds a seat here too. */
    protected seats({ id, immigrated }: Incarnation): boolean {
        return (
            parliament(this.government).includes(id) &&
            this.citizenship.incarnationOf(id)?.immigrated === immigrated
        )
    }
}
