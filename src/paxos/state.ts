import type { Monotonic } from '../base/monotonic.js'
import type { Call } from './messages/mailbox.js'
import type { Government } from './membership/government.js'
import type {
    Ballot,
    Census,
    Entry,
    Immigration,
    Incarnation,
    Properties,
    Republic,
    PackedRun,
    Welcome
} from './messages/messages.js'
import type { Reduction } from './log/minimum.js'
import type { PaxosOptions } from './options.js'
import type { Acceptance } from './replication/recorder.js'

/**
 * Entries, each by itself as an engine tells them, or, as `pack` makes them, those that one
 * publisher wrote in a row as one, which is shorter. They never change: a state is told at once,
 * whatever the length of the log, and whoever writes it down packs and writes piece by piece.
 */
export type Packed = readonly (Entry | PackedRun)[]

/** A map, in its order. */
export type Pairs<Key, Value> = readonly (readonly [Key, Value])[]

/** An instant of the member's own time; `null` where it never came. */
export type InstantState = number | null

/** What a member's own time is reckoned from. */
export interface TimeState {
    readonly clock: number
    readonly skew: number
}

/** What is due. */
export interface AppointmentState {
    readonly when: number
    readonly key: string
    readonly body: string
}

/** Who a member is, and what its committed log tells of everybody. */
export interface CitizenshipState {
    readonly id: string
    readonly cookie: string | number | null
    readonly republic: Republic | null
    readonly founding: string
    readonly immigrated: Monotonic
    readonly exiled: boolean
    readonly government: Government
    readonly census: Pairs<Monotonic, Census[Monotonic]>
}

/** What is held of the log. What was handed out of it follows from this. */
export interface LogState {
    /** The position of the first entry, in the life of the member. */
    readonly first: number
    readonly committed: number
    readonly entries: Packed
    /** The government that the first government entry made; `null` where none is held. */
    readonly government: Government | null
    /** What the first admission that is held began with; `null` where none is held. */
    readonly welcome: Welcome | null
}

/** What a member knows of another. */
export interface PeerState extends Incarnation {
    readonly holds: number
    readonly stranger: boolean
    readonly matched: boolean
    readonly match: number
    readonly next: number
    readonly marked: number
    readonly awaited: number
    readonly calls: number
    readonly sentAt: InstantState
    readonly probedAt: InstantState
    readonly obeyedAt: InstantState
    readonly answeredAt: InstantState
    readonly presentAt: InstantState
    readonly askedAt: InstantState
    readonly pressedAt: InstantState
    readonly asks: number
    readonly failures: number
    readonly lostAt: InstantState
    readonly lostFrom: Monotonic
    readonly feeds: boolean | null
}

/** What everyone holds, as far as it was told. */
export interface MinimumState {
    readonly propagated: Monotonic
    readonly version: Monotonic
    readonly constituency: readonly Monotonic[]
    readonly reports: Pairs<Monotonic, Reduction>
}

/** Whose answers are awaited. */
export interface CorrespondenceState {
    readonly cookie: string
    readonly calls: Pairs<string, Call>
}

/** What one who writes has to go on with. */
export interface WriterState {
    readonly ballot: Ballot
    readonly establishing: boolean
    readonly inherits: boolean
    readonly promise: Monotonic
    readonly queue: Packed
    readonly cookies: Pairs<Monotonic, string>
}

/** A leadership on its way to another member. */
export interface HandoverState {
    readonly to: Incarnation
    readonly since: number
    readonly isClosing: boolean
    readonly toldAt: InstantState
}

/** How far a member has come in leaving office. */
export interface OfficeState {
    readonly leaves: boolean
    readonly tries: number
    readonly triedAt: InstantState
    readonly heir: { readonly id: string; readonly promise: Monotonic } | null
    readonly handover: HandoverState | null
}

/** What a member knows of its own term as a writer. */
export interface TenureState {
    readonly since: InstantState
    readonly opened: { readonly promise: Monotonic; readonly openedAt: number } | null
    readonly draft: { readonly ballot: Ballot; readonly promise: Monotonic } | null
}

/** An exiled member that its leader has not told yet. */
export interface FarewellState {
    readonly peer: PeerState
    readonly properties: Properties
    readonly government: Monotonic
    readonly tellings: number
}

/** How far a campaign has come. */
export interface ProposerState {
    readonly ceded: Monotonic | null
    readonly ballot: Ballot | null
    readonly attempts: number
    readonly offers: number
    readonly granted: readonly Monotonic[]
    readonly promises: Pairs<
        Monotonic,
        { readonly ballot: Ballot; readonly entries: Packed; readonly draft: Monotonic | null }
    >
}

/**
 * All that anything an engine will ever put out depends on, between two inputs. Plain data that
 * survives JSON; the same engine gives the same text. It shares its frozen parts with the engine.
 */
export interface PaxosState {
    /** Of this format. Another one is not read. */
    readonly version: 1
    readonly options: Required<PaxosOptions>
    readonly time: TimeState
    /** By time; those of one time in the order in which they were made. */
    readonly calendar: readonly AppointmentState[]
    readonly citizenship: CitizenshipState
    readonly log: LogState
    readonly acceptance: Readonly<Acceptance>
    readonly highest: Ballot
    readonly ready: boolean
    readonly reshape: boolean
    readonly ledBy: Monotonic
    readonly ledAt: InstantState
    readonly revivedAt: InstantState
    readonly naturalizing: readonly Monotonic[]
    readonly leaving: readonly Monotonic[]
    readonly office: OfficeState
    readonly tenure: TenureState
    readonly farewells: readonly FarewellState[]
    readonly arriving: readonly Immigration[]
    readonly returning: readonly string[]
    readonly peers: readonly PeerState[]
    readonly hearsay: Pairs<Monotonic, number>
    readonly minimum: MinimumState
    readonly post: CorrespondenceState
    readonly random: number
    readonly writer: WriterState | null
    readonly proposer: ProposerState | null
    readonly petitions: number
}
