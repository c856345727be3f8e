import type { Monotonic } from '../base/monotonic.js'
import type { Core } from './core.js'
import { isLeftBehind, lostPeers } from './election/petition.js'
import { parliament } from './membership/government.js'
import { deciding } from './membership/open-government.js'
import { reachOf } from './membership/situation.js'
import { ageOf, decidesAlone } from './replication/age.js'
import { silenceOf } from './replication/silence.js'
import { isLeading, majoritySince, rivals, writerOf } from './standing.js'

// A view of the record for operators. No decision of the engine depends on this file.

/** A view of a member. */
export interface Inspection {
    readonly id: string
    readonly role: 'stranger' | 'exile' | 'leader' | 'candidate' | 'citizen'
    readonly government: Monotonic
    readonly committed: Monotonic
    /** The last held entry, committed or not. */
    readonly head: Monotonic
    readonly promised: Monotonic
    readonly accepted: Monotonic
    /** The number of proposals that the leader has not yet written. */
    readonly waiting: number
    /**
     * Voters without an answer to the leader for a `timeout`; empty at a member that does not lead.
     */
    readonly silent: readonly string[]
    /** The accepted, uncommitted government; `null` if there is none. */
    readonly open: OpenGovernment | null
    /**
     * The members with lost entries, as far as the member knows: no asked member holds the entries.
     */
    readonly leftBehind: readonly string[]
    /**
     * At a leader: the citizens that may return only as newcomers, as far as the leader knows. The
     * leader exiles such a citizen after a `timeout` of silence.
     */
    readonly returning: readonly string[]
    /**
     * The number of committed entries that each other voter is not known to hold; empty at a member
     * that does not lead. A silent voter falls behind with each entry.
     */
    readonly lag: Readonly<Record<string, number>>
    /**
     * About the size of these entries, in bytes on the wire. Beyond 1,024 entries, the first 1,024
     * stand for the others.
     */
    readonly lagSize: Readonly<Record<string, number>>
}

/** The ballots of a member, and the end of its log. */
export type LogEnd = Pick<Inspection, 'promised' | 'accepted' | 'head'>

/** The member's knowledge of a leader, as of the last input. Time alone changes the knowledge. */
export interface Contact {
    /** Whether the member knows a leader in good standing. */
    readonly isLed: boolean
    /**
     * The age of the last contact with a leader in good standing, in milliseconds; `null` without a
     * contact.
     */
    readonly leaderSeenMs: number | null
    /**
     * The instant, by the clock of the inputs, before which every entry that any member had
     * committed is in the committed log; `null` if unknown, infinity at a leader that decides
     * alone. See `replication/age.ts`.
     */
    readonly freshAt: number | null
}

/** A government that the member has accepted and does not know to be committed. */
export interface OpenGovernment {
    readonly promise: Monotonic
    /** Voters that must still accept the government, as far as the member knows. */
    readonly missing: readonly string[]
    /** The time since the acceptance, in milliseconds of the member's own time. */
    readonly forMs: number
}

/**
 * The number of timeouts for which a contact counts. News of the leader reaches a constituent
 * through a member of the minority, and each step may take a `ping`: one `timeout` could be too
 * short.
 */
const CONTACT_TIMEOUTS = 2

/** The limit of entries whose sizes a view computes. */
const WEIGHED_MAX = 1024

/** The ballots of a member, and the end of its log. */
export function logEndOf({ log, acceptance }: Core): LogEnd {
    const { promised, accepted } = acceptance
    return { promised, accepted, head: log.promiseAt(log.head) }
}

/** The view of a member. */
export function inspect(core: Core): Inspection {
    const { log, acceptance } = core
    const lag = isLeading(core) ? lagOf(core) : {}
    return {
        id: core.id,
        role: roleOf(core),
        government: core.government.promise,
        committed: core.committed,
        head: log.promiseAt(log.head),
        promised: acceptance.promised,
        accepted: acceptance.accepted,
        waiting: writerOf(core)?.waiting ?? 0,
        silent: isLeading(core) ? silentRivals(core) : [],
        open: openGovernment(core),
        leftBehind: isLeftBehind(core) ? [core.id, ...lostPeers(core)] : lostPeers(core),
        returning: core.role.name === 'elected' ? [...core.role.returning] : [],
        lag,
        lagSize: lagSizeOf(core, lag)
    }
}

/** The entries between the position of each voter and the last committed entry. */
function lagOf(core: Core): Readonly<Record<string, number>> {
    const { log } = core
    const committed = log.positionOf(core.committed)
    return Object.fromEntries(rivals(core).map((peer) => {
        const held = Math.max(peer.match, reachOf(core, peer), log.first - 1)
        return [peer.id, Math.max(0, committed - held)]
    }))
}

/** About the size of the last committed entries that each voter lacks. */
function lagSizeOf(
    { log }: Core, lag: Readonly<Record<string, number>>
): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(lag).map(([id, entries]) => {
        const from = log.committed + 1 - entries
        const weighed = Math.min(entries, WEIGHED_MAX)
        const size = log.weigh(from, from + weighed)
        return [id, entries === weighed ? size : Math.round(size / weighed * entries)]
    }))
}

/**
 * The last contact with a leader. At a leader, the contact is the instant at which a majority last
 * obeyed. A contact before a restart does not prove a leader after the restart.
 */
export function contact(core: Core): Contact {
    const role = roleOf(core)
    const isMember = role !== 'stranger' && role !== 'exile'
    const leads = isLeading(core)
    const seenAt = leads ? majoritySince(core) : core.ledAt
    const ageMs = core.now - seenAt
    const isSinceRestart = leads || seenAt > core.revivedAt
    const isRecent = isSinceRestart && ageMs < CONTACT_TIMEOUTS * core.settings.timeout
    return {
        isLed: isMember && role !== 'candidate' && isRecent,
        leaderSeenMs: isMember && Number.isFinite(ageMs) ? Math.max(0, ageMs) : null,
        freshAt: freshAt(core)
    }
}

function freshAt(core: Core): number | null {
    if (decidesAlone(core)) {
        return Number.POSITIVE_INFINITY
    }
    const age = ageOf(core)
    return age === null ? null : core.time.clock - age
}

function silentRivals(core: Core): readonly string[] {
    const { now, settings: { timeout } } = core
    const silent = rivals(core).filter((peer) => silenceOf(peer, now) >= timeout)
    return silent.map(({ id }) => id)
}

function openGovernment(core: Core): OpenGovernment | null {
    const { opened } = core.tenure
    if (opened === null || core.citizenship.exiled) {
        return null
    }
    const { promise, openedAt } = opened
    const parliaments = deciding(core.log, core.government)
    const voters = new Set(parliaments.flatMap((seats) => parliament(seats)))
    const missing = [...voters].filter((id) => id !== core.id && !hasAccepted(core, id))
    return { promise, missing, forMs: core.now - openedAt }
}

/**
 * Whether a voter holds the open government. A member that does not write cannot know; then the
 * result is whether the voter has answered within a `timeout`.
 */
function hasAccepted(core: Core, id: string): boolean {
    // A view must not add a record of a peer: the state would depend on the views.
    const peer = core.peers.find(core.citizenship.incarnationOf(id)?.immigrated ?? '0/0')
    const answeredAt = peer?.answeredAt ?? Number.NEGATIVE_INFINITY
    const holds = peer?.matched === true && peer.match >= core.log.head
    const answers = core.now - answeredAt < core.settings.timeout
    return core.role.name === 'elected' ? holds : answers
}

/** The role of the member. */
export function roleOf(core: Core): Inspection['role'] {
    if (core.citizenship.exiled) {
        return 'exile'
    }
    if (!core.citizenship.isCitizen) {
        return 'stranger'
    }
    if (isLeading(core)) {
        return 'leader'
    }
    return core.role.name === 'following' ? 'citizen' : 'candidate'
}
