import { lagMax } from './endurance.js'
import type { Resident } from './resident.js'
import type { World } from './world.js'

/** How many entries and publishes a member of a converged republic lacks at the most. */
const FEW = 20

/**
 * Whether one of these members leads, and every member is level and has few unsettled publishes.
 * While every round is full, a level member lacks some rounds, and its callers wait.
 */
export function isConverged(world: World, members: readonly Resident[]): boolean {
    const { plan: { saturation }, realm: { chronicle } } = world
    const leaders = members.filter(({ door }) => door.paxos.isLeading)
    const lacked = saturation === null ? FEW : lagMax(world)
    const unsettled = FEW + (saturation?.callers ?? 0)
    return leaders.length === 1 && leaders[0] === world.leader && members.every((one) => {
        const { waiting, pending } = one.door.islander.health()
        const isRecent = one.memory.position >= chronicle.entries.length - lacked
        return world.isCitizen(one) && isRecent && waiting + pending < unsettled &&
            one.memory.government === chronicle.government?.promise
    })
}
