import type { NumberedCall } from './call-number.js'
import type { Monotonic } from '../../base/monotonic.js'
import type { AgeOfSender, InstantOfAnswer } from './age-fields.js'
import type { MoveReport, MoveWish, Relocation } from './moves.js'

/** A member's report about its share of the republic: the member and all members downstream. */
export interface Reduction {
    /** The government of the share. Each government gives new shares. */
    readonly version: Monotonic
    /** Every member of the share has committed through here; `0/0` if unknown. */
    readonly reduced: Monotonic
    /** The versions that every member of the share takes part in. @default [1, 1] */
    readonly versions?: VersionRange
}

/** Leader, voters and learners at one time. Frozen. Each government is an entry of the log. */
export interface Government {
    readonly republic: Republic | null
    readonly promise: Monotonic
    /** Ids of the voters that the leader writes to; the leader comes first. */
    readonly majority: readonly string[]
    /** Ids of the spare voters. Spare voters vote in a collapse, and replace silent voters. */
    readonly minority: readonly string[]
    /** Ids of the learners. */
    readonly constituents: readonly string[]
    /** Ids of the members that may hold a seat, in the order of their naturalization. */
    readonly naturalized: readonly string[]
    readonly properties: Readonly<Record<string, Properties>>
    readonly immigrated: {
        readonly id: Readonly<Record<Monotonic, string>>
        readonly promise: Readonly<Record<string, Monotonic>>
    }
    /** The protocol version of the republic (`membership/versions.ts`). @default 1 */
    readonly version?: number
}

/** The name of one run of one log: a word, or a number such as POSIX time. */
export type Republic = string | number

/** The application's data about a member, for example an address. Opaque to the engine. */
export type Properties = unknown

/**
 * The right to write: `n/g/e`, a count and the owner's immigration promise. Incarnations never
 * share a ballot. (Lamport, Paxos Made Simple, section 2.4: disjoint sets of numbers.)
 */
export type Ballot = Monotonic

/** A member from admission to exile. */
export interface Incarnation {
    readonly id: string
    /** The promise of the government that admitted the member; `0/0` before admission. */
    readonly immigrated: Monotonic
}

/** The lowest and the highest protocol version that a member takes part in. */
export type VersionRange = readonly [lowest: number, highest: number]

/** The sender of a message. */
export interface Sender extends Incarnation {
    /** The versions of the sender. @default [1, 1] */
    readonly versions?: VersionRange
}

/** The body of a published entry. */
export interface UserBody<Body = unknown> {
    readonly id: string
    /** The publisher's request number. The number rises within one incarnation. */
    readonly cookie: string
    /** The publisher's immigration promise. */
    readonly immigrated: Monotonic
    /** The published value; `null` in a flush and in a barrier. */
    readonly body: Body | null
}

/** One change of the government. Only an admission makes two: it may naturalize the newcomer. */
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
        /** The ballot under which the exile needs consent; see `consent.ts`. */
        readonly consent?: Ballot
    } | null
    /** Constituents that take a seat, with their index in the list of constituents. */
    readonly promote: readonly { readonly id: string; readonly index: number }[] | null
    /**
     * The voter that becomes a constituent; `null` without one. A body with a `version` omits the
     * field instead, and a package of version 1 therefore refuses the whole entry.
     */
    readonly demote?: string | null
    /** Old promise to new promise of the proposals that waited; `null` after a collapse. */
    readonly map: Readonly<Record<Monotonic, Monotonic>> | null
    /** The version of the republic from this entry on. @default 1 */
    readonly version?: number
    /** The member that gets other properties; absent if no member moves. */
    readonly move?: Relocation
}

/** One entry of the log. `previous` is the promise of the entry before. */
export interface Entry {
    readonly promise: Monotonic
    readonly previous: Monotonic
    readonly body: GovernmentBody | UserBody
}

/** An entry in the form for the application. */
export type LogEntry<Body = unknown> =
    | {
          readonly module: 'paxos'
          readonly method: 'government'
          readonly promise: Monotonic
          readonly previous: Monotonic
          readonly body: GovernmentBody
          /** The whole government, with the change of the entry. */
          readonly government: Government
      }
    | {
          readonly module: 'paxos'
          readonly method: 'entry'
          readonly promise: Monotonic
          readonly previous: Monotonic
          readonly body: UserBody<Body>
      }

/** The session record of one citizen. */
export interface CensusRecord {
    /** The cookie of the citizen's admission. */
    readonly cookie: string | number
    /** The highest cookie among the citizen's entries in the log; `0` before the first entry. */
    readonly published: string
    /** The number of the citizen's last move in the log; absent before the first move. */
    readonly moved?: number
}

/** The session table: the records by immigration promise. */
export type Census = Readonly<Record<Monotonic, CensusRecord>>

/** The start state of a newcomer: the state before the entry that admits the newcomer. */
export interface Welcome {
    /**
     * A text, chosen once when the republic is founded. Members of different foundings refuse each
     * other's messages, even if both republics have the same name.
     */
    readonly founding: string
    readonly government: Government
    readonly census: Census
}

/** The fields of every request between two engines. */
export interface RequestHeader extends AgeOfSender, NumberedCall {
    readonly republic: Republic
    readonly founding: string
    readonly from: Sender
    readonly to: Incarnation
    /** The promise of the sender's government. */
    readonly government: Monotonic
    /** The promise of the sender's last committed entry. */
    readonly committed: Monotonic
    /** The *minimum*: a promise through which every member has committed, as the sender knows. */
    readonly minimum: Monotonic
    /** Milliseconds since a majority last answered the leader; `null` if the leader may be lost. */
    readonly standing: number | null
    /** The sender's move, until the log holds the move and a peer has called the sender. */
    readonly moved?: MoveWish
}

/** Phase 2: the entries that a voter lacks under a ballot. A run without entries is a ping. */
export interface Register extends RequestHeader {
    readonly method: 'register'
    readonly ballot: Ballot
    readonly previous: Monotonic
    readonly entries: readonly Entry[]
    /** The leader's disk holds all entries through here; absent if its disk does not vote. */
    readonly stable?: Monotonic
    /** True if the sender no longer holds the entries that the receiver lacks; absent otherwise. */
    readonly trimmed?: boolean
}

/** Committed entries for a learner. With `welcome`, the first entry admits the receiver. */
export interface Synchronize extends RequestHeader {
    readonly method: 'synchronize'
    readonly welcome: Welcome | null
    readonly previous: Monotonic
    readonly entries: readonly Entry[]
    /** As in a register. */
    readonly trimmed?: boolean
}

/** Pre-vote: would the receiver promise? Changes nothing. (Raft thesis, section 9.6.) */
export interface Canvass extends RequestHeader {
    readonly method: 'canvass'
    /** The leading incarnation that has ceded to the candidate; absent without a cession. */
    readonly ceded?: Monotonic
}

/** Phase 1: asks for a promise, and for the accepted entries that are not known to be committed. */
export interface Prepare extends RequestHeader {
    readonly method: 'prepare'
    readonly ballot: Ballot
    /** As in a canvass. */
    readonly ceded?: Monotonic
}

/** The leader asks its successor to start an election. (Raft thesis, section 3.10.) */
export interface Cede extends RequestHeader {
    readonly method: 'cede'
    readonly ballot: Ballot
}

/** A member without a feeder asks for the entries that the member lacks. */
export interface Petition extends RequestHeader {
    readonly method: 'petition'
}

/** A request of one engine to another engine. */
export type Request = Register | Synchronize | Canvass | Prepare | Petition | Cede

/** A request without the header. */
export type Matter = Request extends infer Each
    ? Each extends Request
        ? Omit<Each, keyof RequestHeader>
        : never
    : never

/** The fields of every answer of a member. */
export interface ResponseHeader extends InstantOfAnswer {
    readonly from: Sender
    readonly government: Monotonic
    readonly committed: Monotonic
    /** The highest promised ballot. */
    readonly ballot: Ballot
    readonly minimum: Reduction
    /** Immigration promises of the members, here and downstream, that say they may hold a seat. */
    readonly naturalizing: readonly Monotonic[]
    /** Immigration promises of the members that ask to be exiled; absent if there are none. */
    readonly leaving?: readonly Monotonic[]
    /** The moves, here and downstream, that the log does not hold; absent if there are none. */
    readonly moving?: readonly MoveReport[]
    /** Immigration promises of the members downstream that do not answer. */
    readonly silent: readonly Monotonic[]
}

/** The answer to a register: the member holds all entries through `position` under `accepted`. */
export interface Recorded extends ResponseHeader {
    readonly method: 'recorded'
    readonly accepted: Ballot
    readonly position: Monotonic
}

/** A granted prepare: the accepted entries that are not known to be committed. */
export interface Promised extends ResponseHeader {
    readonly method: 'promised'
    readonly accepted: Ballot
    readonly entries: readonly Entry[]
    /** The government that the member drafted under `accepted`, since its start; may be absent. */
    readonly draft?: Monotonic
}

/** The answering member is ahead of the asking member, and sends the missing entries. */
export interface Ahead extends ResponseHeader {
    readonly method: 'ahead'
    readonly previous: Monotonic
    readonly entries: readonly Entry[]
}

/**
 * An answer without further fields:
 * - `synchronized`: the member has taken a synchronize or a cede.
 * - `granted`: the member would promise.
 * - `refused`: the member has promised a higher ballot, or one of the two members has no seat.
 * - `led`: the member has a leader in good standing.
 * - `behind`: the asking member is ahead, and has to send the missing entries first.
 * - `trimmed`: the member is ahead, and no longer holds the entries that the asking member
 *   lacks.
 */
export interface Brief extends ResponseHeader {
    readonly method: 'synchronized' | 'granted' | 'refused' | 'led' | 'behind' | 'trimmed'
}

/** The receiver is not the addressee. `exiled`: the log has exiled the asking member. */
export interface Unreachable {
    readonly method: 'unreachable'
    readonly exiled: boolean
}

/** An answer of a member. */
export type Answer = Recorded | Promised | Ahead | Brief

/** A response of one engine to another engine. */
export type Response = Answer | Unreachable
