import { Monotonic } from '../../../src/base/monotonic.js'
import type { Government } from '../../../src/paxos/messages/messages.js'
import { nullGovernment } from '../../../src/paxos/membership/government.js'
import { inside } from '../inside.js'
import { hasMoves } from '../plan.js'
import type { Resident } from '../resident.js'
import type { Address } from '../surroundings.js'
import type { World } from '../world.js'
import { parliament, quorum, type Seats } from './law.js'

/** Whether a parliament has a majority among these. */
export function hasQuorum(seats: Seats, present: ReadonlySet<string>): boolean {
    const voters = parliament(seats)
    return voters.filter((id) => present.has(id)).length >= quorum(voters.length)
}

/** The governments that a process has accepted and does not know to be committed. */
export function openGovernments(resident: Resident): Seats[] {
    const { log } = inside(resident.door.paxos)
    return log.suffix().flatMap(({ body }) => ('majority' in body ? [body] : []))
}

/**
 * Judges from the truth whether those present could go on: they must be a majority of the
 * parliament in force, of the last one that any of them knows to be in force, and of each
 * parliament that something they have accepted would open. What was accepted may have been chosen,
 * so that they may not go on without it; and who alone knew that it was may be dead.
 */
export function isCore(government: Government | null, present: readonly Resident[]): boolean {
    if (government === null) {
        return false
    }
    const ids = new Set(present.map(({ id }) => id))
    const known = present.map(({ door }) => door.paxos.government)
        .reduce((latest, one) =>
            Monotonic.compare(one.promise, latest.promise) > 0 ? one : latest, nullGovernment(null))
    const voters = present.filter(({ id }) => parliament(government).includes(id))
    return hasQuorum(government, ids) && hasQuorum(known, ids) &&
        voters.flatMap(openGovernments).every((seats) => hasQuorum(seats, ids))
}

/** From where to where in the chronicle a process holds the log. */
function heldBy({ door, memory: { position } }: Resident): { first: number, last: number } {
    const { log } = inside(door.paxos)
    return { first: position - (log.committed - log.first), last: position }
}

/**
 * Whether a process lies further behind than any other keeps entries for it: the bound `history`.
 * Nobody can feed it, or whoever can lies too far behind itself; and without it being fed its vote
 * counts for nothing.
 */
export function isOutOfReach(resident: Resident, present: readonly Resident[]): boolean {
    const others = present.map(heldBy)
    let { last } = heldBy(resident)
    for (;;) {
        const feeding = others.filter((other) => other.last > last && other.first <= last)
        if (feeding.length === 0) {
            return others.some((other) => other.last > last)
        }
        last = Math.max(...feeding.map((other) => other.last))
    }
}

/** The citizens on these hosts that live, are awake, and can take part. */
export function presentOn(world: World, hosts: ReadonlySet<number>): Resident[] {
    const present = world.living.filter((one) =>
        hosts.has(one.host) && !one.isPaused && world.isCitizen(one))
    return present.filter((one) => !isOutOfReach(one, present))
}

/** Whether a process takes itself for a citizen, and nobody that it knows lives any more. */
export function isForlorn(
    world: World, resident: Resident, hosts: ReadonlySet<number>
): boolean {
    const { paxos } = resident.door
    const ids = Object.keys(paxos.government.properties)
    const known = ids.map((id) => paxos.addressOf(id) as Address)
    const isThere = (other: Resident | null): boolean =>
        other !== null && other !== resident && hosts.has(other.host) && world.isCitizen(other)
    // A member that has moved is found by its id.
    const isFound = (id: string): boolean => hasMoves(world.plan) && isThere(world.citizen(id))
    return resident.isCitizen && !world.isCitizen(resident) && !ids.some(isFound) &&
        !known.some(({ host }) => isThere(world.network.hosts[host] ?? null))
}

/**
 * Whether all who have no seat ask for the names of voters that are gone, and ask in vain: where
 * the floor does not let the parliament be smaller, such a name is kept until somebody else takes
 * the seat, and nobody else is there.
 */
export function isSeatKept(world: World, members: readonly Resident[]): boolean {
    const { parliamentFloor } = world.options
    const voters = parliament(world.realm.chronicle.government ?? nullGovernment(null))
    const left = voters.length - 1
    const isKept = left < parliamentFloor && quorum(left) < quorum(parliamentFloor)
    const others = members.filter((one) => !voters.includes(one.id) || !world.isCitizen(one))
    return isKept && others.length !== 0 && others.every(({ id }) => {
        const isComing = world.network.hosts.some((one) => one?.id === id && one.isReturning)
        return voters.includes(id) && world.citizen(id) === null && !isComing
    })
}

/**
 * Whether somebody has to wait until the log gives up a citizen of its name: because it has lost
 * its disk, or because whoever could have welcomed it has gone, or for a message that came late.
 */
export function isNameTaken(world: World, members: readonly Resident[]): boolean {
    const names = world.realm.chronicle.government?.properties ?? {}
    return !world.isIntact || members.some((one) =>
        Object.hasOwn(names, one.id) && !world.isCitizen(one))
}
