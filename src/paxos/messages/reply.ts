import type { Monotonic } from '../../base/monotonic.js'
import type { Core } from '../core.js'
import { reportsToPassOn } from '../membership/move-reports.js'
import { instantOfAnswer } from '../replication/age.js'
import { constituency } from '../replication/constituency.js'
import { silenceOf } from '../replication/silence.js'
import { toldCommitted } from '../replication/told-mark.js'
import { peerOf } from '../standing.js'
import { ownVersions } from '../membership/raise.js'
import { declared, republicVersion } from '../membership/versions.js'
import type { Reduction, ResponseHeader } from './messages.js'
import { senderOf } from './send.js'

/**
 * Makes an answer: the header of every answer, and the rest. The function assigns the fields: in
 * V8, an object literal with fields behind a spread takes forty times as long.
 */
export function reply<const Rest extends object>(core: Core, rest: Rest): ResponseHeader & Rest {
    const header: ResponseHeader = {
        from: senderOf(core),
        government: core.government.promise,
        committed: toldCommitted(core),
        ballot: core.acceptance.promised,
        minimum: reductionOf(core),
        naturalizing: [...core.naturalizing],
        silent: silentDownstream(core),
        at: instantOfAnswer(core)
    }
    const moving = reportsToPassOn(core)
    const leaving = core.leaving.size === 0 ? null : { leaving: [...core.leaving] }
    if (leaving === null && moving.length === 0) {
        return Object.assign(header, rest)
    }
    return Object.assign(header, leaving, moving.length === 0 ? null : { moving }, rest)
}

/** The member's report to its feeder. Only below the highest version, the report names versions. */
function reductionOf(core: Core): Reduction {
    const { minimum, government, settings } = core
    const reduction = minimum.reduce(toldCommitted(core))
    const mayRise = republicVersion(government) < settings.highestVersion
    return mayRise
        ? { ...reduction, ...declared(minimum.commonVersions(ownVersions(core))) }
        : reduction
}

/** The silent members downstream, by the member's own evidence or by reports of peers. */
function silentDownstream(core: Core): readonly Monotonic[] {
    const { now, settings: { ping, timeout } } = core
    const silent = [...core.silenceReports.recent(now, timeout)]
    for (const id of constituency(core.government, core.id)) {
        const peer = peerOf(core, id)
        const isSilent = peer !== null && silenceOf(peer, now) >= 2 * ping
        if (isSilent && !silent.includes(peer.immigrated)) {
            silent.push(peer.immigrated)
        }
    }
    return silent
}
