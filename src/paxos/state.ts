import type { Monotonic } from '../base/monotonic.js'
import type { DepartureState } from './departure/departure.js'
import type { FarewellState } from './departure/farewells.js'
import type { ProposerState } from './election/proposer.js'
import type { LogState } from './log/log.js'
import type { MinimumState } from './log/minimum.js'
import type { InstantState, TimeState } from './member-time.js'
import type { CitizenshipState } from './membership/citizenship.js'
import type { CorrespondenceState } from './messages/mailbox.js'
import type { Ballot } from './messages/messages.js'
import type { Immigration } from './messages/proposals.js'
import type { PaxosOptions } from './options.js'
import type { PeerState } from './replication/peers.js'
import type { Acceptance } from './replication/recorder.js'
import type { TenureState } from './replication/tenure.js'
import type { WriterState } from './replication/writer.js'

/** What is due. */
export interface AppointmentState {
    readonly when: number
    readonly key: string
    readonly body: string
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
    readonly office: DepartureState
    readonly tenure: TenureState
    readonly farewells: readonly FarewellState[]
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
}
