import type { Monotonic } from '../base/monotonic.js'
import type { DepartureState } from './departure/departure.js'
import type { FarewellState } from './departure/farewells.js'
import type { ProposerState } from './election/proposer.js'
import type { LogState } from './log/log.js'
import type { MinimumState } from './log/minimum.js'
import type { InstantState, TimeState } from './member-time.js'
import type { CitizenshipState } from './membership/citizenship.js'
import type { MovesState } from './membership/moves.js'
import type { CorrespondenceState } from './messages/mailbox.js'
import type { Ballot } from './messages/messages.js'
import type { Immigration } from './messages/proposals.js'
import type { PaxosOptions } from './options.js'
import type { FreshnessState } from './replication/freshness.js'
import type { LackState } from './replication/lack.js'
import type { OwnDiskState } from './replication/own-disk.js'
import type { PeerState } from './replication/peer-progress.js'
import type { Acceptance } from './replication/recorder.js'
import type { TenureState } from './replication/tenure.js'
import type { WriterState } from './replication/writer.js'

/** An event in the calendar. */
export interface AppointmentState {
    readonly when: number
    readonly key: string
    readonly body: string
}

/**
 * The written form of an engine, between two inputs: everything that later outputs depend on. Plain
 * data that survives JSON. Equal engines give equal text. The frozen parts are shared with the
 * engine.
 */
export interface PaxosState {
    /** The version of the format. An engine reads no other version. */
    readonly version: 1
    readonly options: Required<PaxosOptions>
    readonly time: TimeState
    /** In the order of `when`; equal instants in the order of appointment. */
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
    readonly office: DepartureState
    readonly tenure: TenureState
    readonly farewells: readonly FarewellState[]
    /** Absent if the member knows no move. */
    readonly moves?: MovesState
    readonly arriving: readonly Immigration[]
    readonly returning: readonly string[]
    readonly peers: readonly PeerState[]
    readonly hearsay: readonly (readonly [Monotonic, number])[]
    readonly minimum: MinimumState
    readonly post: CorrespondenceState
    readonly random: number
    readonly writer: WriterState | null
    readonly proposer: ProposerState | null
    readonly petitions: number
    /** Absent if the member knows nothing, and in states of earlier versions. */
    readonly freshness?: FreshnessState
    /** Absent if the member knows of no entries that it lacks. */
    readonly lack?: LackState
    /** Absent if the process has no journal, and in states of earlier versions. */
    readonly disk?: OwnDiskState
}
