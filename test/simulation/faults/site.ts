import type { FaultyWorld, NetworkSite, Undo } from '../../../src/testing/faults/site.js'
import { parliament } from '../../../src/paxos/membership/government.js'
import type { Colleagues } from '../colleague.js'
import type { Fault } from '../plan.js'
import type { Resident } from '../resident.js'
import type { World } from '../world.js'

export { type Undo, victim } from '../../../src/testing/faults/site.js'

/** Where a fault strikes, and by what chance. */
export interface Site extends Omit<NetworkSite<Resident>, 'fault'> {
    readonly world: World & FaultyWorld<Resident>
    readonly colleagues: Colleagues
    readonly fault: Fault
}

/** Lets a fault strike; `null` where it has no end, or could not strike. */
export type Strike = (site: Site) => Undo | null

/** The hosts of the running voters, the leader first. */
export function votersOf(world: World): readonly number[] {
    const { government } = world.realm.chronicle
    const ids = government === null ? [] : parliament(government)
    return ids.flatMap((id) => world.citizen(id)?.host ?? [])
}
