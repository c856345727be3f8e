import type { IslanderHealth } from '../publisher/islander-types.js'
import type { KibitzError, KibitzErrorCode } from '../base/errors.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { JournalStat } from '../journal/journal.js'
import type { Monotonic } from '../base/monotonic.js'
import { parliament, quorum } from '../paxos/membership/government.js'
import type { Government } from '../paxos/messages/messages.js'
import type { Republic } from '../paxos/messages/messages.js'
import type { Status } from '../member/status.js'
import type { Joining, JoiningProgress } from './joining.js'
import type { OutOfBandServer } from './out-of-band-server.js'
import type { StateTransfer, StateTransferProgress } from './state-transfer.js'
import type { StateMachine } from './state-machine.js'
import type { SnapshotHealth, SnapshotWatch } from './state-health.js'
import type { Turnstile, TurnstileHealth } from './request-limiter.js'

/**
 * How many more members may fail at once without anything being lost or stopped. Zero, and zero
 * `voting`, while this member knows no leader: then this member does not know the voters' state.
 */
export interface Tolerance {
    /** How many seats the parliament is to have (option `parliamentSize`). */
    readonly configured: number
    /** How many it has, less those whose holders do not answer: only the leader knows of these. */
    readonly voting: number
    readonly tolerates: number
    /** The same in words. */
    readonly text: string
}

/** What an operator wants to know of a Colleague, as of now. Plain data. */
export interface Health {
    /** When it was made, in milliseconds since the epoch. */
    readonly startedAt: number
    /** What went through `requests`. */
    readonly requests: TurnstileHealth
    /** The questions of other members, and of this one, for the application. */
    readonly questions: TurnstileHealth
    readonly islandName: string
    readonly colleagueId: string
    /** The run of the republic; `null` before it is known. */
    readonly islandId: Republic | null
    readonly government: Government
    readonly role: Status['role']
    /** The leader of the government in force; `null` while no leader is known. */
    readonly leader: string | null
    /** Whether this member knows a leader in good standing; as in `status()`. */
    readonly isLed: boolean
    /** How long ago the last contact with a leader was, in milliseconds; as in `status()`. */
    readonly leaderSeenMs: number | null
    /** The last committed entry that is known here. */
    readonly committed: Monotonic
    /** The last entry that the application has applied. */
    readonly applied: Monotonic
    /** Whether the application has a state that follows the log of a leader (see `isLed`). */
    readonly isCurrent: boolean
    /** Publishes and barriers that are not in the log yet. */
    readonly pending: number
    /** Entries that are in the log and that the application has not applied. */
    readonly backlog: number
    /** About how many bytes these entries take. */
    readonly backlogSize: number
    readonly islander: IslanderHealth
    readonly tolerance: Tolerance
    /** How many arrivals, answers and questions were turned away, by code. */
    readonly rejected: Readonly<Record<string, number>>
    /** How many calls of this member were refused, by the peer's id and the status. */
    readonly refused: Status['refused']
    /** The entries that a peer has refused last; as in `status()`. */
    readonly refusedRuns: Status['refusedRuns']
    /** The member of another founding that answers; as in `status()`. */
    readonly superseded: Status['superseded']
    /** The defects of the certificates that this member shows; as in `status()`. */
    readonly certificates: Status['certificates']
    /** The citizen that passes this member's publishes on to the leader; as in `status()`. */
    readonly relay: Status['relay']
    /** How far it has come in asking for admission; `null` while it does not. */
    readonly admission: JoiningProgress | null
    /** How far it has come in taking over a state; `null` while it does not. */
    readonly handover: StateTransferProgress | null
    /** How much the journal holds; `null` without one. */
    readonly journal: JournalStat | null
    /** How many snapshots are kept for newcomers. */
    readonly snapshots: number
    /** What became of the snapshots of the application, for newcomers and for the journal. */
    readonly snapshot: SnapshotHealth
    /** Why it has stopped; `null` while it has not. */
    readonly failure: KibitzErrorCode | null
}

/**
 * What a government can bear to lose.
 *
 * @param silent How many holders of its seats do not answer; `null` while no leader is known.
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

/** The parts that a Colleague's health is told from. */
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
    const unheard = isLed ? silent.length : null
    const { backlog, backlogSize } = status
    return Object.freeze({
        startedAt: parts.startedAt,
        requests: parts.requests.health(),
        questions: outOfBandServer.questions.health(),
        islandName: parts.settings.islandName,
        colleagueId: id,
        islandId: republic,
        government,
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
        tolerance: toleranceOf(government, parts.settings.parliamentSize, unheard),
        rejected: sum(status.rejected, outOfBandServer.refusals()),
        refused: status.refused,
        refusedRuns: status.refusedRuns,
        superseded: status.superseded,
        certificates: status.certificates,
        relay: status.relay,
        admission: parts.joining.progress,
        handover: follower.stateTransfer.progress,
        journal: status.journal,
        snapshots: outOfBandServer.snapshotCache.size,
        snapshot: parts.snapshotWatch.health(),
        failure: parts.failure?.code ?? null
    })
}
