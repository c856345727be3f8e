import type { Monotonic } from '../base/monotonic.js'
import type { Core } from './core.js'
import { endHandover } from './departure/cede.js'
import { sayFarewell } from './departure/exile-notice.js'
import { forgetLeavers, repeatWishToLeave, stayIfAlone } from './departure/leave.js'
import { continueElection } from './election/election.js'
import type { Change } from './membership/government.js'
import { settleMoves } from './membership/move-reports.js'
import { forgetNaturalized, repeatReadiness } from './membership/naturalization.js'
import { republicVersion, takesPart, versionsOf } from './membership/versions.js'
import type { Entry, GovernmentBody } from './messages/messages.js'
import { branches, constituency } from './replication/constituency.js'
import { peerOf, peersOf } from './standing.js'

// Puts committed entries into effect, one by one, and holds the table of consequences of a
// government. After each move of the commit mark, the input's handler calls `enact`.

/** The consequences of a government, in order. */
const AFTER_GOVERNMENT: readonly ((core: Core, change: Change) => void)[] = [
    // Departures. The records of an exiled member still exist.
    endHandover,
    forgetLeavers,
    stayIfAlone,
    repeatWishToLeave,
    sayFarewell,
    // The minimum is reduced over the new constituency.
    resetMinimum,
    // Peers. The records of exiled members end.
    forgetExiledPeers,
    // Membership.
    settleMoves,
    forgetNaturalized,
    repeatReadiness,
    markNewcomer,
    // The election: an inherited government may be complete. The call may send requests.
    continueElection,
    forgetAdmitted,
    // The new government may call for a next government.
    askForReshape
]

/** Puts into effect all entries between `enactedThrough` and the commit mark. */
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
        // At every member, publishers wait for a government.
        peer.awaited = position
    }
}

/** Treats all committed entries of a restored log as being in effect. */
export function skipEnacted(core: Core): void {
    core.enactedThrough = core.log.committed
}

/**
 * Records that a publisher waits for the entry at a position. The peer through which the entry
 * reaches the publisher gets the mark without a delay for later entries.
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

/** Marks a newcomer in the constituency: a newcomer has no log, and gets its admission first. */
function markNewcomer(core: Core, { body }: Change): void {
    for (const peer of peersOf(core, constituency(core.government, core.id))) {
        // A later feeder of the newcomer first asks for the newcomer's position.
        peer.stranger ||= peer.immigrated === body.promise
    }
}

/** Drops the admission requests of new citizens, and the returns of exiled members. */
function forgetAdmitted({ role, government, citizenship }: Core): void {
    if (role.name !== 'elected') {
        return
    }
    for (const id of Object.keys(government.properties)) {
        role.arriving.delete(id)
    }
    for (const [id, immigration] of role.arriving) {
        // The government may have raised the version.
        if (!takesPart(versionsOf(immigration), republicVersion(government))) {
            role.arriving.delete(id)
        }
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
