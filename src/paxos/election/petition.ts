import { appoint } from '../agenda.js'
import type { Core } from '../core.js'
import { citizens } from '../membership/government.js'
import type { Answer, Request } from '../messages/messages.js'
import { reply } from '../messages/reply.js'
import { send } from '../messages/send.js'
import { representative } from '../replication/constituency.js'
import type { Peer } from '../replication/peers.js'
import { peersOf } from '../standing.js'

// A member without a feeder asks other members for missing entries (a *petition*), and finds out
// whether any member still holds the entries. A petition that brings no entries is followed by a
// pause, in every role.

/** How often the pause between two petitions doubles. */
const DOUBLINGS_MAX = 3

/**
 * Whether no member can give this member its missing entries, as far as this member knows: at least
 * one member has said so, and the last entries came from no member that still answers.
 */
export function isLeftBehind({ role, citizenship, peers }: Core): boolean {
    if (role.name === 'elected' || citizenship.exiled) {
        return false
    }
    // A question must not add records of peers.
    const all = [...peers.all()]
    return all.some(({ feeds }) => feeds === false) && !all.some(({ feeds }) => feeds)
}

/** The citizens that lack entries which this member, feeding them, no longer holds. */
export function lostPeers({ peers }: Core): readonly string[] {
    return [...peers.all()].filter(({ lostAt }) => lostAt !== null).map(({ id }) => id)
}

/** Asks one member after another, first the member that feeds this one; then pauses. */
export function petitionNext(core: Core): void {
    const { government, id, settings: { ping, timeout } } = core
    const doublings = Math.min(core.petitions, DOUBLINGS_MAX)
    const pauseMs = isLeftBehind(core) ? timeout : Math.min(timeout, ping * 2 ** doublings)
    appoint(core, 'collapse', pauseMs / 2 + core.random.below(pauseMs))
    const first = representative(government, id)
    // Voters and constituents take turns: any of them may outlive the others.
    const others = citizens(government).filter((other) => other !== first)
    const petitioned = peersOf(core, first === null ? others : [first, ...others])
    const peer = petitioned[core.petitions++ % Math.max(1, petitioned.length)]
    if (peer !== undefined) {
        petition(core, peer)
    }
}

/** Asks one member for the entries that this member lacks. */
export function petition(core: Core, peer: Peer): void {
    if (peer.calls < core.settings.window + 2) {
        send(core, peer, { method: 'petition' }, core.log.committed)
    }
}

/**
 * A member says that it no longer holds the entries that this member lacks. This member asks one of
 * the members that it has not asked, so it soon knows whether all members say the same.
 */
export function onTrimmed(core: Core, peer: Peer): void {
    if (peer.feeds === false) {
        return
    }
    peer.feeds = false
    const others = peersOf(core, citizens(core.government))
    const unasked = others.find(({ feeds, calls }) => feeds === null && calls === 0)
    if (unasked !== undefined && core.role.name !== 'elected') {
        petition(core, unasked)
    }
}

/** The answer to a sender that is behind this member: the entries behind the sender's last one. */
export function offerMissing(core: Core, { committed }: Request): Answer {
    const { log, settings } = core
    const position = log.positionOf(committed)
    if (position === -1) {
        return reply(core, { method: 'trimmed' })
    }
    const entries = log.run(position, log.committed, settings.feeding.run)
    return reply(core, { method: 'ahead', previous: committed, entries })
}
