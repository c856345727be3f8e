import type { Monotonic } from '../../base/monotonic.js'
import { own } from '../../base/own-property.js'
import type { Core } from '../core.js'
import type { VersionRange } from '../messages/messages.js'
import { constituency } from '../replication/constituency.js'
import { isLeading, writerOf } from '../standing.js'
import { FIRST_VERSION, HIGHEST_VERSION, republicVersion } from './versions.js'

// The leader raises the version of the republic. The raise is a government that changes nothing
// else.

/** The protocol versions, as far as a member knows. */
export interface Versions {
    /** The version of the republic. */
    readonly inForce: number
    /** The version of the last government in the log, committed or not. */
    readonly reached: number
    /** The version to which the leader may raise the republic now; `null` if there is none. */
    readonly raisable: number | null
    /** The versions that the member and all members downstream take part in. */
    readonly common: VersionRange
}

/** The ranges from the first version to each version, by the highest version. */
const RANGES: readonly VersionRange[] = Array.from({ length: HIGHEST_VERSION + 1 }, (_, highest) =>
    Object.freeze([FIRST_VERSION, highest]))

/** The versions that the member takes part in. */
export function ownVersions({ settings: { highestVersion } }: Pick<Core, 'settings'>):
    VersionRange {
    return RANGES[highestVersion] ?? [FIRST_VERSION, highestVersion]
}

/** The protocol versions, as far as the member knows. */
export function versionsOf(core: Core): Versions {
    return {
        inForce: republicVersion(core.government),
        reached: reachedVersion(core),
        raisable: raisableVersion(core),
        common: core.minimum.commonVersions(ownVersions(core))
    }
}

/** The version of the last government in the member's log, committed or not. */
export function reachedVersion({ log, government }: Core): number {
    const { body } = log.last
    const open = log.head > log.committed && 'majority' in body ? body.version : undefined
    return Math.max(open ?? FIRST_VERSION, republicVersion(government))
}

/**
 * The version to which the leader may raise the republic now; `null` if there is none.
 *
 * 1. All members take part in the version, by their reports up the tree under the government in
 *    force (`log/minimum.ts`).
 * 2. Each fed member, and each member that a report names as silent, has answered the leader within
 *    a `timeout`. A silent member may return with an earlier package.
 * 3. No government is open, no newcomer waits, and no handover is under way.
 *
 * A question only: the function adds no record of a peer.
 */
export function raisableVersion(core: Core): number | null {
    const { government, settings, departure, log, role } = core
    const version = republicVersion(government)
    const writer = writerOf(core)
    if (settings.highestVersion <= version || writer === null || !isLeading(core)) {
        return null
    }
    const isBusy = departure.handover !== null || writer.isReshaping(log) ||
        (role.name === 'elected' && role.arriving.size !== 0)
    const [, highest] = core.minimum.commonVersions(ownVersions(core))
    return isBusy || highest <= version || !isEveryoneHeard(core) ? null : highest
}

/** Whether rule 2 holds. */
function isEveryoneHeard({ government, id, now, peers, settings, silenceReports }: Core): boolean {
    const { timeout } = settings
    const isHeard = (immigrated: Monotonic): boolean => {
        const peer = peers.find(immigrated)
        return peer !== undefined && now - peer.presentAt < timeout
    }
    const fed = constituency(government, id)
        .map((each) => own(government.immigrated.promise, each) ?? '0/0')
    // The leader asks a reported member itself, so the leader's own evidence counts.
    return [...fed, ...silenceReports.recent(now, timeout)].every(isHeard)
}

/** Raises the version of the republic, if the leader still may. */
export function raise(core: Core, version: number): void {
    const writer = writerOf(core)
    if (writer === null || raisableVersion(core) !== version) {
        return
    }
    const { majority, minority } = core.government
    const unchanged = { immigrate: null, naturalize: null, exile: null, promote: null }
    const shape = { ...unchanged, majority, minority, version }
    writer.propose(core.log, core.government, shape, true)
}
