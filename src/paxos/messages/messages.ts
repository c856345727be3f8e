import type { Monotonic } from '../../base/monotonic.js'


/** Who leads, who votes, who learns. Frozen; each new one is itself an entry of the log. */
export interface Government {
    readonly republic: Republic | null
    readonly promise: Monotonic
    /** Leader first; whom the leader writes to. */
    readonly majority: readonly string[]
    /** They vote in a collapse and stand in for a silent member of the majority. */
    readonly minority: readonly string[]
    /** They learn. */
    readonly constituents: readonly string[]
    /** Who may hold a seat, in the order in which they said so. */
    readonly naturalized: readonly string[]
    readonly properties: Readonly<Record<string, Properties>>
    readonly immigrated: {
        readonly id: Readonly<Record<Monotonic, string>>
        readonly promise: Readonly<Record<string, Monotonic>>
    }
}

/** The name of one run of one log. POSIX time does as well as a word. */
export type Republic = string | number

/** What the application says of a member, its address above all. Opaque to the engine. */
export type Properties = unknown

/**
 * Who may write: `n/g/e`, a count followed by the immigration promise of its owner. No two
 * incarnations share one. (Lamport, Paxos Made Simple, section 2.4: disjoint sets of numbers.)
 */
export type Ballot = Monotonic

/** One process's time in the republic, from its admission to its exile. */
export interface Incarnation {
    readonly id: string
    /** The promise of the government that admitted it; `0/0` before that. */
    readonly immigrated: Monotonic
}

/** What a publisher put into the log. */
export interface UserBody {
    readonly id: string
    /** The publisher's count; within one incarnation it only rises. */
    readonly cookie: string
    /** The publisher's immigration promise. */
    readonly immigrated: Monotonic
    /** The user's own value; `null` in a flush and in a barrier. */
    readonly body: unknown
}

/** What a government entry changes. At most one kind of change, but an immigrant may come ready. */
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
        /** The ballot under which the exile needs the consent of the member; see `consent.ts`. */
        readonly consent?: Ballot
    } | null
    /** Constituents that take a seat. */
    readonly promote: readonly { readonly id: string; readonly index: number }[] | null
    /** The member of parliament that becomes a constituent. */
    readonly demote: string | null
    /** Old promise to new promise of what waited; `null` after a collapse. */
    readonly map: Readonly<Record<Monotonic, Monotonic>> | null
}

/** One link of the log's chain. `previous` numbers the link before it. */
export interface Entry {
    readonly promise: Monotonic
    readonly previous: Monotonic
    readonly body: GovernmentBody | UserBody
}

/**
 * Entries of one publisher whose numbers and cookies count up by one, as they travel as text. It
 * stands for as many entries as it has bodies.
 */
export interface PackedRun {
    /** The promise before the first of them. */
    readonly previous: Monotonic
    /** The promise of the first. */
    readonly promise: Monotonic
    readonly id: string
    /** The cookie of the first. */
    readonly cookie: string
    readonly immigrated: Monotonic
    readonly bodies: readonly unknown[]
}

/** An entry as the log hands it to the application. */
export type LogEntry =
    | {
          readonly module: 'paxos'
          readonly method: 'government'
          readonly promise: Monotonic
          readonly previous: Monotonic
          readonly body: GovernmentBody
          /** The whole government as it stands with this entry. */
          readonly government: Government
      }
    | {
          readonly module: 'paxos'
          readonly method: 'entry'
          readonly promise: Monotonic
          readonly previous: Monotonic
          readonly body: UserBody
      }

/** What is known of one citizen beyond its seat. */
export interface CensusRecord {
    /** The cookie it immigrated with. */
    readonly cookie: string | number
    /** The highest cookie it has in the log; `0` before its first entry. */
    readonly published: string
}

/** By immigration promise. */
export type Census = Readonly<Record<Monotonic, CensusRecord>>

/** The state a newcomer begins with: everything as it stands before the entry that admits it. */
export interface Welcome {
    /** Drawn once, when the republic was founded. Two foundings of one name never mix. */
    readonly founding: string
    readonly government: Government
    readonly census: Census
}

/** What every request between two engines says first. */
export interface RequestHeader {
    readonly republic: Republic
    readonly founding: string
    readonly from: Incarnation
    readonly to: Incarnation
    /** The sender's government. */
    readonly government: Monotonic
    /** The last committed entry of the sender. */
    readonly committed: Monotonic
    /** The lowest promise that everyone holds, as handed down. */
    readonly minimum: Monotonic
    /** How long ago, in milliseconds, the leader last had a majority; `null` where not led. */
    readonly standing: number | null
}

/** Phase 2: what a member of parliament lacks under a ballot. An empty run is a ping. */
export interface Register extends RequestHeader {
    readonly method: 'register'
    readonly ballot: Ballot
    readonly previous: Monotonic
    readonly entries: readonly Entry[]
    /** The sender no longer holds what the addressee lacks; missing where that is not so. */
    readonly trimmed?: boolean
}

/** Committed entries for one who only learns. With `welcome`, the first entry admits it. */
export interface Synchronize extends RequestHeader {
    readonly method: 'synchronize'
    readonly welcome: Welcome | null
    readonly previous: Monotonic
    readonly entries: readonly Entry[]
    /** As of a register. */
    readonly trimmed?: boolean
}

/** Would you promise? Changes nothing. (Raft thesis, section 9.6: PreVote.) */
export interface Canvass extends RequestHeader {
    readonly method: 'canvass'
    /** The incarnation that leads and has ceded to the candidate; missing where nobody has. */
    readonly ceded?: Monotonic
}

/** Phase 1. */
export interface Prepare extends RequestHeader {
    readonly method: 'prepare'
    readonly ballot: Ballot
    /** As of a canvass. */
    readonly ceded?: Monotonic
}

/** The leader of this ballot has nothing left to write: be elected. (Raft thesis, section 3.10.) */
export interface Cede extends RequestHeader {
    readonly method: 'cede'
    readonly ballot: Ballot
}

/** A member without a feeder asks for the entries that the member lacks. */
export interface Petition extends RequestHeader {
    readonly method: 'petition'
}

/** What one engine asks another. */
export type Request = Register | Synchronize | Canvass | Prepare | Petition | Cede

/** A request without its header. */
export type Matter = Request extends infer Each
    ? Each extends Request
        ? Omit<Each, keyof RequestHeader>
        : never
    : never

/** What every answer of a member says first. */
export interface ResponseHeader {
    readonly from: Incarnation
    readonly government: Monotonic
    readonly committed: Monotonic
    /** The highest ballot promised. */
    readonly ballot: Ballot
    readonly minimum: { readonly version: Monotonic; readonly reduced: Monotonic }
    /** Who downstream is ready for a seat, by immigration promise. */
    readonly naturalizing: readonly Monotonic[]
    /** Who asks to be exiled, by immigration promise; missing where nobody does. */
    readonly leaving?: readonly Monotonic[]
    /** Who downstream does not answer, by immigration promise. */
    readonly silent: readonly Monotonic[]
}

/** Where the member stands: it holds everything through `position` under `accepted`. */
export interface Recorded extends ResponseHeader {
    readonly method: 'recorded'
    readonly accepted: Ballot
    readonly position: Monotonic
}

/** Phase 1, granted: what was accepted and is not known to be committed. */
export interface Promised extends ResponseHeader {
    readonly method: 'promised'
    readonly accepted: Ballot
    readonly entries: readonly Entry[]
    /**
     * The promise of the government that the answering member itself drafted under `accepted`, in
     * this life of its process; missing if there is none.
     */
    readonly draft?: Monotonic
}

/** The answerer is ahead of the asker; this is what the asker lacks. */
export interface Ahead extends ResponseHeader {
    readonly method: 'ahead'
    readonly previous: Monotonic
    readonly entries: readonly Entry[]
}

/**
 * `synchronized` took it · `granted` would promise · `refused` a higher ballot is promised or no
 * vote is due · `led` a leader in good standing was heard · `behind` feed me first · `trimmed` the
 * answerer is ahead of the asker, and no longer holds what the asker lacks.
 */
export interface Brief extends ResponseHeader {
    readonly method: 'synchronized' | 'granted' | 'refused' | 'led' | 'behind' | 'trimmed'
}

/** Not the incarnation that was asked for. `exiled`: the log has exiled the asker. */
export interface Unreachable {
    readonly method: 'unreachable'
    readonly exiled: boolean
}

/** The answer of a member of another founding, beside `unreachable`: the founding it is of. */
export interface OtherFounding {
    readonly id: string
    readonly republic: Republic
    readonly founding: string
}

/** An answer of a member. */
export type Answer = Recorded | Promised | Ahead | Brief

/** What one engine answers another. */
export type Response = Answer | Unreachable

/** A request and where it goes. */
export interface Envelope {
    readonly to: string
    readonly properties: Properties
    readonly request: Request
}

/** One scatter-gather round. The engine puts one envelope in each, so that nobody waits. */
export interface Communique {
    readonly cookie: string
    readonly envelopes: readonly Envelope[]
    /** By id; the shell fills it. */
    readonly responses: Record<string, Response | null>
}
