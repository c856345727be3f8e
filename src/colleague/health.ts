import type { IslanderHealth } from '../publisher/islander-types.js'
import type { KibitzError, KibitzErrorCode } from '../base/errors.js'
import type { Waiting } from '../member/waits.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { JournalStat } from '../journal/journal.js'
import type { Monotonic } from '../base/monotonic.js'
import { parliament } from '../paxos/membership/government.js'
import { quorum } from '../paxos/membership/quorum.js'
import type { Government } from '../paxos/messages/messages.js'
import type { Republic } from '../paxos/messages/messages.js'
import type { Status } from '../member/status.js'
import type { Joining, JoiningProgress } from './joining.js'
import type { OutOfBandServer } from './out-of-band-server.js'
import type { StateTransfer, StateTransferProgress } from './state-transfer.js'
import type { Starting, StartProgress } from './starting.js'
import type { StateMachine } from './state-machine.js'
import type { SnapshotHealth, SnapshotWatch } from './state-health.js'
import type { Turnstile, TurnstileHealth } from './request-limiter.js'

/**
 * The failures that the republic tolerates. While this member knows no leader, `voting` and
 * `tolerates` are 0: the member does not know the state of the voters.
 */
export interface Tolerance {
    /** Number of seats of the full parliament (option `parliamentSize`). */
    readonly configured: number
    /** Number of occupied seats. The leader subtracts the seats of voters that do not answer. */
    readonly voting: number
    /** Number of voters that may fail at the same time without a loss or a standstill. */
    readonly tolerates: number
    /** The same in words, for example `5 configured, 4 voting, tolerates 1`. */
    readonly text: string
}

/** The health of a Colleague at one instant, for an operator. Plain data. */
export interface Health {
    /** The instant of construction, in milliseconds since the epoch. */
    readonly startedAt: number
    /** The requests through `colleague.requests`. */
    readonly requests: TurnstileHealth
    /** The out-of-band questions of members, including this member, to the application. */
    readonly questions: TurnstileHealth
    readonly islandName: string
    readonly colleagueId: string
    /** The run of the service; `null` before the member knows its run. */
    readonly islandId: Republic | null
    readonly government: Government
    /** The protocol versions, as in `status()`. */
    readonly versions: Status['versions']
    readonly role: Status['role']
    /** The leader of the current government; `null` while this member knows no leader. */
    readonly leader: string | null
    /** Whether this member has contact with a leader, as in `status()`. */
    readonly isLed: boolean
    /** The time since the last contact with a leader, in milliseconds, as in `status()`. */
    readonly leaderSeenMs: number | null
    /** The last committed entry that the member knows. */
    readonly committed: Monotonic
    /** The last entry that the application has applied. */
    readonly applied: Monotonic
    /** Whether `isLed` is true and the application has a state that follows the log. */
    readonly isCurrent: boolean
    /** Number of publishes and barriers that are not committed yet. */
    readonly pending: number
    /** Number of committed entries that the application has not applied. */
    readonly backlog: number
    /** The approximate size of these entries, in bytes. */
    readonly backlogSize: number
    readonly islander: IslanderHealth
    readonly tolerance: Tolerance
    /** Number of rejected calls, answers and questions, by code. */
    readonly rejected: Readonly<Record<string, number>>
    /** Number of calls of the member that a peer has refused, by the peer's id and the status. */
    readonly refused: Status['refused']
    /** The entries that a peer has refused last, as in `status()`. */
    readonly refusedRuns: Status['refusedRuns']
    /** The member of another founding that answers, as in `status()`. */
    readonly superseded: Status['superseded']
    /** The defects of the member's certificates, as in `status()`. */
    readonly certificates: Status['certificates']
    /** The end of the certificate that ends first, as in `status()`. */
    readonly certificateExpiry: Status['certificateExpiry']
    /** The citizen that passes the member's publishes on to the leader; as in `status()`. */
    readonly relay: Status['relay']
    /** What `start` waits for; `null` while no start waits. */
    readonly start: StartProgress | null
    /** The progress of the request for admission; `null` while none is under way. */
    readonly admission: JoiningProgress | null
    /** The progress of the state transfer; `null` while none is under way. */
    readonly handover: StateTransferProgress | null
    /** The contents of the journal; `null` if the member has no journal. */
    readonly journal: JournalStat | null
    /** Number of snapshots that the member holds for newcomers. */
    readonly snapshots: number
    /** At the leader: the committed entries that each other voter is not known to hold. */
    readonly lag: Readonly<Record<string, number>>
    /** The calls that wait, by kind, with the reasons. */
    readonly waits: readonly Waiting[]
    /** The snapshots of the application, for newcomers and for the journal. */
    readonly snapshot: SnapshotHealth
    /** The code of the error that has stopped the Colleague; `null` while the Colleague runs. */
    readonly failure: KibitzErrorCode | null
}

/**
 * The failures that a government tolerates.
 *
 * @param silent Number of voters that do not answer; `null` while no leader is known.
 */
export function toleranceOf(
    government: Government,
    configured: number,
    silent: number | null
): Tolerance {
    if (silent === null) {
        const text = `${configured} configured, no leader known, tolerates 0`
        return Object.freeze({ configured, voting: 0, tolerates: 0, text })
    }
    const seats = parliament(government).length
    const voting = seats - silent
    const tolerates = seats === 0 ? 0 : Math.max(0, voting - quorum(seats))
    const text = `${configured} configured, ${voting} voting, tolerates ${tolerates}`
    return Object.freeze({ configured, voting, tolerates, text })
}

/** Adds up counts by code. */
export function sum(
    ...counts: readonly Readonly<Record<string, number>>[]
): Readonly<Record<string, number>> {
    const sums = new Map<string, number>()
    for (const [code, count] of counts.flatMap((one) => Object.entries(one))) {
        sums.set(code, (sums.get(code) ?? 0) + count)
    }
    return Object.freeze(Object.fromEntries(sums))
}

/** The parts of a Colleague that `healthOf` reads. */
export interface HealthParts {
    readonly startedAt: number
    readonly failure: KibitzError | null
    readonly settings: { readonly islandName: string; readonly parliamentSize: number }
    readonly kibitzer: Pick<Kibitzer, 'paxos' | 'status'>
    readonly requests: Pick<Turnstile, 'health'>
    readonly follower: {
        readonly stateMachine: Pick<StateMachine, 'applied' | 'isCurrent'>
        readonly stateTransfer: Pick<StateTransfer, 'progress'>
    }
    readonly starting: Pick<Starting, 'progress'>
    readonly joining: Pick<Joining, 'progress'>
    readonly outOfBandServer: Pick<OutOfBandServer, 'questions' | 'refusals' | 'snapshotCache'>
    readonly snapshotWatch: Pick<SnapshotWatch, 'health'>
}

/** The health of a Colleague, as of now. */
export function healthOf(parts: HealthParts): Health {
    const { follower, outOfBandServer } = parts
    const status = parts.kibitzer.status()
    const { silent } = parts.kibitzer.paxos.inspect()
    const { id, republic, government, committed, pending, health } = status
    const { role, leader, isLed, leaderSeenMs } = status
    const silentVoters = isLed ? silent.length : null
    const { backlog, backlogSize } = status
    return Object.freeze({
        startedAt: parts.startedAt,
        requests: parts.requests.health(),
        questions: outOfBandServer.questions.health(),
        islandName: parts.settings.islandName,
        colleagueId: id,
        islandId: republic,
        government,
        versions: status.versions,
        role,
        leader,
        isLed,
        leaderSeenMs,
        committed,
        applied: follower.stateMachine.applied,
        isCurrent: isLed && follower.stateMachine.isCurrent,
        pending,
        backlog,
        backlogSize,
        islander: health,
        tolerance: toleranceOf(government, parts.settings.parliamentSize, silentVoters),
        rejected: sum(status.rejected, outOfBandServer.refusals()),
        refused: status.refused,
        refusedRuns: status.refusedRuns,
        superseded: status.superseded,
        certificates: status.certificates,
        certificateExpiry: status.certificateExpiry,
        relay: status.relay,
        lag: status.lag,
        waits: status.waits,
        start: parts.starting.progress,
        admission: parts.joining.progress,
        handover: follower.stateTransfer.progress,
        journal: status.journal,
        snapshots: outOfBandServer.snapshotCache.size,
        snapshot: parts.snapshotWatch.health(),
        failure: parts.failure?.code ?? null
    })
}
