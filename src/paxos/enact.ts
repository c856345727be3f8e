import type { Monotonic } from '../base/monotonic.js'
import type { Core } from './core.js'
import { endHandover } from './departure/cede.js'
import { sayFarewell } from './departure/exile-notice.js'
import { forgetLeavers, repeatWishToLeave, stayIfAlone } from './departure/leave.js'
import { continueElection } from './election/election.js'
import type { Change } from './membership/government.js'
import { forgetNaturalized, repeatReadiness } from './membership/naturalization.js'
import type { Entry, GovernmentBody } from './messages/messages.js'
import { branches, constituency } from './replication/constituency.js'
import { peerOf, peersOf } from './standing.js'

// Puts committed entries into effect, one by one, and holds the table of what follows a government.
// An input handler calls `enact` after each move of the commit mark.

/** What follows a government that takes effect, in this order. */
const AFTER_GOVERNMENT: readonly ((core: Core, change: Change) => void)[] = [
    // Departures. The records of an exiled member are still there.
    endHandover,
    forgetLeavers,
    stayIfAlone,
    repeatWishToLeave,
    sayFarewell,
    // The minimum is reduced over the new constituency.
    resetMinimum,
    // Peers. Records of exiled members end here.
    forgetExiledPeers,
    // Membership.
    forgetNaturalized,
    repeatReadiness,
    markNewcomer,
    // The election: an inherited government may be complete. This line may send requests.
    continueElection,
    forgetAdmitted,
    // The next government may depend on this one.
    askForReshape
]

/** Puts all committed entries into effect that are not in effect yet. */
export function enact(core: Core): void {
    const { log, citizenship, delivery } = core
    let publisher = core.id
    while (core.enactedThrough < log.committed) {
        core.enactedThrough++
        const entry = log.at(core.enactedThrough)
        const { body } = entry
        if ('majority' in body) {
            enactGovernment(core, entry, body)
            continue
        }
        delivery.push(citizenship.enact(entry))
        if (body.id !== publisher) {
            expectMark(core, publisher, core.enactedThrough - 1)
            publisher = body.id
        }
    }
    expectMark(core, publisher, core.enactedThrough)
}

function enactGovernment(core: Core, entry: Entry, body: GovernmentBody): void {
    const { log, citizenship } = core
    const position = core.enactedThrough
    if (body.immigrate !== null) {
        log.keepWelcome(position, citizenship.snapshot())
    }
    const before = core.government
    const enacted = citizenship.enact(entry)
    log.keepEnacted(position, enacted)
    core.delivery.push(enacted)
    const change = { body, before }
    for (const follow of AFTER_GOVERNMENT) {
        follow(core, change)
    }
    for (const peer of core.peers.all()) {
        // Every member waits for a government.
        peer.awaited = position
    }
}

/** Treats the committed entries of a new log as being in effect. */
export function skipEnacted(core: Core): void {
    core.enactedThrough = core.log.committed
}

/**
 * Notes that a publisher waits for the entry at a position, and with it the member of this member's
 * constituency through which the entry reaches the publisher. The commit mark does not linger then.
 */
function expectMark(core: Core, publisher: string, position: number): void {
    if (publisher === core.id) {
        return
    }
    const through = branches(core.government, core.id).get(publisher)
    const peer = through === undefined ? null : peerOf(core, through)
    if (peer !== null) {
        peer.awaited = position
    }
}

function resetMinimum(core: Core): void {
    const fed = peersOf(core, constituency(core.government, core.id))
    core.minimum.reset(core.government.promise, fed.map((peer) => peer.immigrated))
}

function forgetExiledPeers({ citizenship, peers, silenceReports }: Core): void {
    const isCitizen = (immigrated: Monotonic): boolean => citizenship.isKnown(immigrated)
    peers.retain(isCitizen)
    silenceReports.retain(isCitizen)
}

/** A newcomer of the constituency has no log yet: it gets its admission first. */
function markNewcomer(core: Core, { body }: Change): void {
    for (const peer of peersOf(core, constituency(core.government, core.id))) {
        // A later feeder of the newcomer asks first how far the newcomer is.
        peer.stranger ||= peer.immigrated === body.promise
    }
}

/** Members that are citizens now no longer ask for admission; exiled ones no longer return. */
function forgetAdmitted({ role, government, citizenship }: Core): void {
    if (role.name !== 'elected') {
        return
    }
    for (const id of Object.keys(government.properties)) {
        role.arriving.delete(id)
    }
    for (const id of role.returning) {
        if (citizenship.incarnationOf(id) === null) {
            role.returning.delete(id)
        }
    }
}

function askForReshape(core: Core): void {
    core.isReshapeDue = true
}
