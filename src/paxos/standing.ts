import type { Monotonic } from '../base/monotonic.js'
import { own } from '../base/own-property.js'
import type { Core } from './core.js'
import type { Proposer } from './election/proposer.js'
import { awaited } from './membership/consent.js'
import { parliament } from './membership/government.js'
import { deciding } from './membership/open-government.js'
import { quorum, ranked } from './membership/quorum.js'
import type { Incarnation, Properties, Republic } from './messages/messages.js'
import { ownVote } from './replication/own-vote.js'
import type { PeerProgress } from './replication/peer-progress.js'
import type { Writer } from './replication/writer.js'

// Questions about a member. No function of this file decides anything. `peerOf`, and each function
// that calls `peerOf`, adds an empty record for a citizen without a record; the remaining functions
// change nothing.

/** The writer of an elected member; `null` in any other role. */
export function writerOf({ role }: Core): Writer | null {
    return role.name === 'elected' ? role.writer : null
}

/** The campaign of a member; `null` in any other role. */
export function proposerOf({ role }: Core): Proposer | null {
    return role.name === 'campaigning' ? role.proposer : null
}

/** Whether the member leads: the member is elected, and its own government is committed. */
export function isLeading({ role }: Core): boolean {
    return role.name === 'elected' && !role.writer.establishing
}

/** Whether the member has a vote. */
export function isSeated({ citizenship, government, id }: Core): boolean {
    return citizenship.isCitizen && parliament(government).includes(id)
}

/** Whether the member has heard from a leader in good standing within `timeout`. */
export function isLed({ now, ledAt, settings }: Core): boolean {
    return now - ledAt < settings.timeout
}

/** Whether an incarnation has a vote in the government in force. */
export function holdsSeat(core: Core, { id, immigrated }: Incarnation): boolean {
    return (
        parliament(core.government).includes(id) &&
        core.citizenship.incarnationOf(id)?.immigrated === immigrated
    )
}

/**
 * Whether a leader has ceded to the member, so that the member may campaign while the leader leads.
 */
export function maySucceed(core: Core, leader: Monotonic): boolean {
    return proposerOf(core)?.maySucceed(leader) === true
}

/** The record of a citizen; `null` for the member itself, and for an id without a citizen. */
export function peerOf({ id: ownId, government, peers }: Core, id: string): PeerProgress | null {
    const immigrated = own(government.immigrated.promise, id)
    if (id === ownId || immigrated === undefined) {
        return null
    }
    return peers.find(immigrated) ?? peers.of({ id, immigrated })
}

/**
 * The properties by which peers call a citizen: of the log, or of a later move (`moves.ts`).
 */
export function propertiesOf(core: Core, { id, immigrated }: Incarnation): Properties {
    const { government, moves } = core
    const moved = id === core.id ? moves.own : moves.addressOf(immigrated)
    return moved === null ? own(government.properties, id) : moved.properties
}

/** The records of citizens, without the member's own id. */
export function peersOf(core: Core, ids: readonly string[]): readonly PeerProgress[] {
    const peers: PeerProgress[] = []
    for (const id of ids) {
        const peer = peerOf(core, id)
        if (peer !== null) {
            peers.push(peer)
        }
    }
    return peers
}

/** The records of all voters except the member. */
export function rivals(core: Core): readonly PeerProgress[] {
    const { peers, government } = core
    return peers.listVoters(government, () => peersOf(core, parliament(government)))
}

/** The ids of the citizens with the given immigration promises. */
export function namesOf({ government }: Core, promises: Iterable<Monotonic>): readonly string[] {
    const ids = government.immigrated.id
    return [...promises].flatMap((promise) => ids[promise] ?? [])
}

/** The position through which a voter holds the log under the writer's ballot; -1 if unknown. */
export function heldThrough(core: Core, id: string): number {
    if (id === core.id) {
        return ownVote(core)
    }
    const peer = peerOf(core, id)
    return peer?.matched === true ? peer.match : -1
}

/**
 * The instant since which a majority of a parliament has obeyed a writer.
 *
 * @param voters The number of voters in the parliament.
 * @param others The records of the voters except the writer. If the list is shorter than the
 * parliament, the writer is a voter, and obeys at every instant.
 */
export function obeyedSince(voters: number, others: readonly PeerProgress[], now: number): number {
    const needed = quorum(voters) - (voters - others.length)
    const obeyedAt = others.map((peer) => peer.obeyedAt)
    return needed <= 0 ? now : (ranked(obeyedAt)[needed - 1] ?? Number.NEGATIVE_INFINITY)
}

/**
 * The instant since which a writer has all majorities that a decision needs.
 *
 * @param current The instant since which a majority of the parliament in force obeys.
 * @param others The instant for each further condition of an open government: a majority of the new
 * parliament, and the member that has to consent.
 * @param graceFrom The start of the `timeout` that the further conditions have.
 */
export function standingSince(
    current: number,
    others: readonly number[],
    graceFrom: number
): number {
    return Math.min(current, ...others.map((since) => Math.max(since, graceFrom)))
}

/** The instant since which all members that a decision depends on have obeyed the writer. */
export function majoritySince(core: Core): number {
    const { log, government, now, tenure } = core
    const current = obeyedSince(parliament(government).length, rivals(core), now)
    const [, ...open] = deciding(log, government)
    if (open.length === 0) {
        return current
    }
    const others = open.map((seats) => {
        const voters = parliament(seats)
        return obeyedSince(voters.length, peersOf(core, voters), now)
    })
    const consents = awaited(log, core.acceptance.accepted)
    if (consents !== null) {
        others.push(core.peers.find(consents.immigrated)?.obeyedAt ?? tenure.graceFrom())
    }
    return standingSince(current, others, tenure.graceFrom())
}

/**
 * The age of the leader's majority, in milliseconds, as far as the member knows; `null` if the age
 * is `timeout` or more. A writer measures its own majority.
 */
export function standingOf(core: Core): number | null {
    const seenAt = core.role.name === 'elected' ? majoritySince(core) : core.ledAt
    const age = core.now - seenAt
    return age < core.settings.timeout ? Math.max(0, age) : null
}

/**
 * Why the member cannot take an order for the leader, with the leader's id if the id is known;
 * `null` if the member leads.
 */
export function rejectOrder(
    core: Core,
    republic: Republic
): { readonly leader: string | null } | null {
    const { citizenship, role, government, id } = core
    const isOurs = republic === citizenship.republic && !citizenship.exiled
    if (!isOurs || role.name === 'campaigning') {
        return { leader: null }
    }
    if (isLeading(core)) {
        return null
    }
    const leader = government.majority[0] ?? null
    return { leader: leader === id ? null : leader }
}
