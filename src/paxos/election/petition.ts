import { appoint } from '../agenda.js'
import type { Core } from '../core.js'
import { citizens } from '../membership/government.js'
import { petitionsWhileLed } from '../membership/versions.js'
import type { Answer, Register, Request, Synchronize } from '../messages/messages.js'
import { reply } from '../messages/reply.js'
import { send } from '../messages/send.js'
import { mayAsk } from '../replication/call-limits.js'
import { representative } from '../replication/constituency.js'
import type { PeerProgress } from '../replication/peer-progress.js'
import { peerOf, peersOf } from '../standing.js'

// A member without a feeder asks its peers for missing entries (a *petition*), and finds out
// whether any peer still holds the entries. Between two petitions without entries the member
// pauses, in every role. If the word of a leader reaches the member through a feeder that does not
// send the entries, the member petitions, too.

/** How often the pause between two petitions doubles. */
const DOUBLINGS_MAX = 3

/**
 * For how many timeouts a member with a leader waits for missing entries. A lost call fails after
 * one `timeout`, and then the feeder sends the entries again.
 */
const WAIT_TIMEOUTS = 2

/**
 * Whether the member's missing entries are lost, as far as the member knows: at least one peer says
 * that it no longer holds the entries, and no peer counts as a feeder.
 */
export function isLeftBehind(core: Core): boolean {
    const { role, citizenship, peers, lack } = core
    if (role.name === 'elected' || citizenship.exiled) {
        return false
    }
    // A read must not create records of peers: the state would depend on reads.
    const all = [...peers.all()]
    const isTrimmed = lack.isTrimmed(core.committed) || all.some(({ feeds }) => feeds === false)
    return isTrimmed && !all.some(({ feeds }) => feeds)
}

/** The citizens that lack entries which the member, as the feeder, no longer holds. */
export function lostPeers({ peers }: Core): readonly string[] {
    return [...peers.all()].filter(({ lostAt }) => lostAt !== null).map(({ id }) => id)
}

/**
 * The appointment `collapse` at a member with a leader. If the leader's word arrives and the
 * missing entries do not arrive, the member petitions its peers in turn. (From version 2 of the
 * republic on. Under version 1, a member that is left behind repeats the first petition.)
 */
export function petitionWhileLed(core: Core): void {
    const { government, lack, committed, now, settings: { timeout } } = core
    const isBehind = isLeftBehind(core)
    const isStuck = petitionsWhileLed(government)
        && (isBehind || lack.lastsMs(committed, now) >= WAIT_TIMEOUTS * timeout)
    if (!isStuck) {
        core.petitions = 0
    }
    if (isStuck || isBehind) {
        // Neither the leader nor the feeder feeds the member; another peer may be able to.
        petitionNext(core)
    }
}

/**
 * Petitions one peer, and sets the next try. The first try goes to the member's representative,
 * each further try to the next citizen. If the entries seem lost, the pause is about one `timeout`;
 * otherwise the pause doubles from `ping` up to eight `ping`s, and never exceeds `timeout`.
 */
export function petitionNext(core: Core): void {
    const { government, id, settings: { ping, timeout } } = core
    const doublings = Math.min(core.petitions, DOUBLINGS_MAX)
    const pauseMs = isLeftBehind(core) ? timeout : Math.min(timeout, ping * 2 ** doublings)
    appoint(core, 'collapse', pauseMs / 2 + core.random.below(pauseMs))
    const first = representative(government, id)
    // Voters and constituents take turns: a constituent may outlive all voters.
    const others = citizens(government).filter((other) => other !== first)
    const petitioned = peersOf(core, first === null ? others : [first, ...others])
    const peer = petitioned[core.petitions++ % Math.max(1, petitioned.length)]
    if (peer !== undefined) {
        petition(core, peer)
    }
    const leader = petitioned.find((other) => other.id === government.majority[0])
    if (core.moves.own !== null && leader !== undefined && leader !== peer) {
        // The request tells the leader that the moved member lives.
        petition(core, leader)
    }
}

/** Asks a peer for missing entries, unless too many calls to the peer are under way. */
export function petition(core: Core, peer: PeerProgress): void {
    if (mayAsk(peer, core.settings.window)) {
        send(core, peer, { method: 'petition' }, core.log.committed)
    }
}

/**
 * A peer answers that it no longer holds the missing entries. The member asks an unasked peer at
 * once, and so soon knows whether all peers answer the same.
 */
export function onTrimmed(core: Core, peer: PeerProgress): void {
    if (peer.feeds === false) {
        return
    }
    peer.feeds = false
    petitionUnasked(core)
}

/**
 * Takes the words of a feeder about the member's missing entries, after the member has taken the
 * entries of the request.
 */
export function noteFeeder(core: Core, request: Register | Synchronize): void {
    const { from, trimmed = false, entries, committed } = request
    if (petitionsWhileLed(core.government)) {
        core.lack.hear(core.committed, committed, core.now)
    }
    const peer = peerOf(core, from.id)
    if (peer?.immigrated !== from.immigrated) {
        // The feeder has immigrated under a government that the member does not know yet.
        if (trimmed && core.lack.hearTrimmed(core.committed)) {
            petitionUnasked(core)
        }
    } else if (trimmed) {
        onTrimmed(core, peer)
    } else if (entries.length !== 0 && peer.feeds === false) {
        peer.feeds = true
    }
}

/** Petitions one peer that the member has not asked since the last progress. */
function petitionUnasked(core: Core): void {
    const others = peersOf(core, citizens(core.government))
    const unasked = others.find(({ feeds, awaiting }) => feeds === null && awaiting === 0)
    if (unasked !== undefined && core.role.name !== 'elected') {
        petition(core, unasked)
    }
}

/**
 * Answers a sender with a shorter committed log. `ahead` carries the entries after the
 * sender's last entry, one call at most; `trimmed` says that the member no longer holds these
 * entries.
 */
export function offerMissing(core: Core, { committed }: Request): Answer {
    const { log, settings } = core
    const position = log.positionOf(committed)
    if (position === -1) {
        return reply(core, { method: 'trimmed' })
    }
    const entries = log.run(position, log.committed, settings.feeding.catchUp)
    return reply(core, { method: 'ahead', previous: committed, entries })
}
