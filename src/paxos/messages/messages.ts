import type { Monotonic } from '../../base/monotonic.js'


/** A government: leader, voters, learners. Frozen. Each government is an entry of the log. */
export interface Government {
    readonly republic: Republic | null
    readonly promise: Monotonic
    /** The leader first. The leader writes to the majority. */
    readonly majority: readonly string[]
    /** Spare voters. They vote in a collapse and stand in for a silent member of the majority. */
    readonly minority: readonly string[]
    /** Learners: members without a vote. */
    readonly constituents: readonly string[]
    /** Citizens with a right to a seat, in the order of naturalization. */
    readonly naturalized: readonly string[]
    readonly properties: Readonly<Record<string, Properties>>
    readonly immigrated: {
        readonly id: Readonly<Record<Monotonic, string>>
        readonly promise: Readonly<Record<string, Monotonic>>
    }
}

/** The name of a replicated log: a POSIX time or a word. */
export type Republic = string | number

/** The application's data about a member, above all its address. Opaque to the engine. */
export type Properties = unknown

/**
 * The right to write, `n/g/e`: a count and the immigration promise of the ballot's owner. No two
 * incarnations share a ballot. (Lamport, Paxos Made Simple, section 2.4: disjoint sets of numbers.)
 */
export type Ballot = Monotonic

/** A member between admission and exile. */
export interface Incarnation {
    readonly id: string
    /** The promise of the government that admitted the member; `0/0` before the admission. */
    readonly immigrated: Monotonic
}

/** A published entry's content. */
export interface UserBody {
    readonly id: string
    /** The publisher's count. Within one incarnation the count only rises. */
    readonly cookie: string
    /** The publisher's immigration promise. */
    readonly immigrated: Monotonic
    /** The user's own value; `null` in a flush and in a barrier. */
    readonly body: unknown
}

/** The changes of a government entry. One kind of change, or an admission with readiness. */
export interface GovernmentBody {
    readonly promise: Monotonic
    readonly majority: readonly string[]
    readonly minority: readonly string[]
    readonly immigrate: {
        readonly id: string
        readonly properties: Properties
        readonly cookie: string | number
    } | null
    readonly naturalize: string | null
    readonly exile: {
        readonly id: string
        readonly promise: Monotonic
        readonly properties: Properties
        /**
         * The ballot under which the exile needs the consent of the member
         * (`membership/consent.ts`).
         */
        readonly consent?: Ballot
    } | null
    /** Constituents that take a seat. */
    readonly promote: readonly { readonly id: string; readonly index: number }[] | null
    /** The voter on the way to the constituents. */
    readonly demote: string | null
    /**
     * The renumbering of waiting proposals, old promise to new promise; `null` after a collapse.
     */
    readonly map: Readonly<Record<Monotonic, Monotonic>> | null
}

/** One entry of the log. `previous` is the promise of the entry before. */
export interface Entry {
    readonly promise: Monotonic
    readonly previous: Monotonic
    readonly body: GovernmentBody | UserBody
}

/** Consecutive entries of a publisher, packed: promises and cookies count up by one. */
export interface PackedRun {
    /** The promise of the entry before the first one. */
    readonly previous: Monotonic
    /** The promise of the first entry. */
    readonly promise: Monotonic
    readonly id: string
    /** The cookie of the first entry. */
    readonly cookie: string
    readonly immigrated: Monotonic
    readonly bodies: readonly unknown[]
}

/** An entry in the form for the application. */
export type LogEntry =
    | {
          readonly module: 'paxos'
          readonly method: 'government'
          readonly promise: Monotonic
          readonly previous: Monotonic
          readonly body: GovernmentBody
          /** The whole government after the entry. */
          readonly government: Government
      }
    | {
          readonly module: 'paxos'
          readonly method: 'entry'
          readonly promise: Monotonic
          readonly previous: Monotonic
          readonly body: UserBody
      }

/** The session record of one citizen. */
export interface CensusRecord {
    /** The cookie of the citizen's immigration. */
    readonly cookie: string | number
    /** The highest cookie of the citizen's entries in the log; `0` before the first entry. */
    readonly published: string
}

/** The session table, by immigration promise. */
export type Census = Readonly<Record<Monotonic, CensusRecord>>

/** The state before the admission of a newcomer: the base of the newcomer's log. */
export interface Welcome {
    /** Drawn once, when the republic was founded. Two foundings of one name never mix. */
    readonly founding: string
    readonly government: Government
    readonly census: Census
}

/** The header of every request between two engines. */
export interface RequestHeader {
    readonly republic: Republic
    readonly founding: string
    readonly from: Incarnation
    readonly to: Incarnation
    /** The sender's government. */
    readonly government: Monotonic
    /** The last committed entry of the sender. */
    readonly committed: Monotonic
    /** The minimum: the lowest promise of all members, handed down from the leader. */
    readonly minimum: Monotonic
    /**
     * The age of the leader's majority, in milliseconds; `null` without a leader in good standing.
     */
    readonly standing: number | null
}

/** Phase 2: the missing entries of a voter under a ballot. A run without entries is a ping. */
export interface Register extends RequestHeader {
    readonly method: 'register'
    readonly ballot: Ballot
    readonly previous: Monotonic
    readonly entries: readonly Entry[]
    /** Whether the sender has forgotten the missing entries; absent if not. */
    readonly trimmed?: boolean
}

/** Committed entries for a learner. With `welcome`, the first entry admits the learner. */
export interface Synchronize extends RequestHeader {
    readonly method: 'synchronize'
    readonly welcome: Welcome | null
    readonly previous: Monotonic
    readonly entries: readonly Entry[]
    /** As in a register. */
    readonly trimmed?: boolean
}

/** Pre-vote: would the voter promise? A canvass changes nothing. (Raft thesis, section 9.6.) */
export interface Canvass extends RequestHeader {
    readonly method: 'canvass'
    /** The leader with a handover to the candidate; absent without a handover. */
    readonly ceded?: Monotonic
}

/** Phase 1. */
export interface Prepare extends RequestHeader {
    readonly method: 'prepare'
    readonly ballot: Ballot
    /** As in a canvass. */
    readonly ceded?: Monotonic
}

/** The leader has written everything: the successor may campaign. (Raft thesis, 3.10.) */
export interface Cede extends RequestHeader {
    readonly method: 'cede'
    readonly ballot: Ballot
}

/** A member without a feeder asks for missing entries. */
export interface Petition extends RequestHeader {
    readonly method: 'petition'
}

/** A request between two engines. */
export type Request = Register | Synchronize | Canvass | Prepare | Petition | Cede

/** A request without its header. */
export type Matter = Request extends infer Each
    ? Each extends Request
        ? Omit<Each, keyof RequestHeader>
        : never
    : never

/** The header of every answer of a member. */
export interface ResponseHeader {
    readonly from: Incarnation
    readonly government: Monotonic
    readonly committed: Monotonic
    /** The highest ballot promised. */
    readonly ballot: Ballot
    readonly minimum: { readonly version: Monotonic; readonly reduced: Monotonic }
    /** Members downstream that may hold a seat, by immigration promise. */
    readonly naturalizing: readonly Monotonic[]
    /** Members with a wish for exile, by immigration promise; absent if there are none. */
    readonly leaving?: readonly Monotonic[]
    /** Members downstream that do not answer, by immigration promise. */
    readonly silent: readonly Monotonic[]
}

/** The voter holds every entry through `position` under `accepted`. */
export interface Recorded extends ResponseHeader {
    readonly method: 'recorded'
    readonly accepted: Ballot
    readonly position: Monotonic
}

/** Phase 1, granted: the accepted suffix. */
export interface Promised extends ResponseHeader {
    readonly method: 'promised'
    readonly accepted: Ballot
    readonly entries: readonly Entry[]
    /** The promise of the government that the voter has drafted; absent if there is none. */
    readonly draft?: Monotonic
}

/** The addressee is ahead, and answers with the missing entries of the sender. */
export interface Ahead extends ResponseHeader {
    readonly method: 'ahead'
    readonly previous: Monotonic
    readonly entries: readonly Entry[]
}

/**
 * Answers without further fields. `synchronized`: the entries were taken · `granted`: the voter
 * would promise · `refused`: a higher ballot is promised, or the member has no vote · `led`: a
 * leader in good standing is known · `behind`: the voter lacks entries of the candidate ·
 * `trimmed`: the addressee is ahead, but has forgotten the missing entries of the sender.
 */
export interface Brief extends ResponseHeader {
    readonly method: 'synchronized' | 'granted' | 'refused' | 'led' | 'behind' | 'trimmed'
}

/** The process is not the addressed incarnation. `exiled`: the log has exiled the sender. */
export interface Unreachable {
    readonly method: 'unreachable'
    readonly exiled: boolean
}

/** The founding of the answering member, beside `unreachable`. */
export interface OtherFounding {
    readonly id: string
    readonly republic: Republic
    readonly founding: string
}

/** An answer of a member. */
export type Answer = Recorded | Promised | Ahead | Brief

/** An answer between two engines. */
export type Response = Answer | Unreachable

/** A request and its address. */
export interface Envelope {
    readonly to: string
    readonly properties: Properties
    readonly request: Request
}

/** One scatter-gather round. The engine puts one envelope into each communique. */
export interface Communique {
    readonly cookie: string
    readonly envelopes: readonly Envelope[]
    /** The answers by id, filled in by the shell. */
    readonly responses: Record<string, Response | null>
}
