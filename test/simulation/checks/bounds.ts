import { BATCH_ENTRIES } from '../../../src/publisher/batch-backoff.js'
import { FLIGHTS_MAX } from '../../../src/publisher/publish-window.js'
import { writerOf } from '../../../src/paxos/standing.js'
import { inside } from '../inside.js'
import type { Resident } from '../resident.js'
import { fail } from '../violation.js'
import { citizens } from './law.js'

/** How much of each kind a member holds, or how much it may hold. */
export interface Sizes {
    /** What it has in its calendar: to ping, to collapse, to try again. */
    readonly appointments: number
    /** Those that it keeps a record of. */
    readonly peers: number
    /** The calls under way to the one of them that has most. */
    readonly calls: number
    /** Those of whom others say that they are silent. */
    readonly hearsay: number
    readonly naturalizing: number
    readonly leaving: number
    readonly arriving: number
    /** What its publisher has sent and not seen. */
    readonly sought: number
    /** Proposals that wait to be written, a government among them. */
    readonly proposals: number
    /** Entries that are accepted and not known to be committed. */
    readonly suffix: number
    readonly suffixWeight: number
}

/** How many publishes an Islander sends before it has seen them. */
const BATCH_MAX = FLIGHTS_MAX * BATCH_ENTRIES

/** The largest value that may be published, and about as much again for what is around it. */
const VALUE_MAX = 2 * 262_144

/** Measures a member. */
export function sizesOf({ door }: Resident): Sizes {
    const { paxos, islander } = door
    const core = inside(paxos)
    const { leaving, log, naturalizing, peers, role, silenceReports } = core
    let known = 0
    let calls = 0
    for (const peer of peers.all()) {
        known++
        calls = Math.max(calls, peer.calls)
    }
    return {
        appointments: paxos.scheduler.calendar().length,
        peers: known,
        calls,
        hearsay: silenceReports.recent(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).length,
        naturalizing: naturalizing.size,
        leaving: leaving.size,
        arriving: role.name === 'elected' ? role.arriving.size : 0,
        sought: islander.health().waiting,
        proposals: writerOf(core)?.waiting ?? 0,
        suffix: log.head - log.committed,
        suffixWeight: log.weigh(log.committed + 1, log.head + 1)
    }
}

/** How much a member may hold, as its options and its republic have it. */
export function boundsOf({ door }: Resident): Sizes {
    const { settings } = inside(door.paxos)
    const { writing, window } = settings
    const ids = citizens(door.paxos.government)
    const population = ids.length
    return {
        appointments: 4,
        peers: population - (ids.includes(door.paxos.id) ? 1 : 0),
        calls: 2 * window + 2,
        hearsay: population,
        naturalizing: population,
        leaving: population,
        arriving: settings.citizens,
        sought: BATCH_MAX,
        proposals: settings.proposals + 1,
        // A suffix is as long as one writer lets it grow; its successor adds its government.
        suffix: writing.entries + 1,
        suffixWeight: writing.weight + VALUE_MAX
    }
}

/** Checks that a member holds no more of anything than it may: S12. */
export function checkBounds(id: string, sizes: Sizes, bounds: Sizes): void {
    for (const kind of Object.keys(bounds) as (keyof Sizes)[]) {
        if (!(sizes[kind] <= bounds[kind])) {
            fail('S12', `${id} holds ${sizes[kind]} ${kind}, ${bounds[kind]} at the most.`)
        }
    }
}
