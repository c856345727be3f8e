import type { Government } from '../../../src/paxos/messages/messages.js'
import { nullGovernment } from '../../../src/paxos/membership/government.js'
import type { LogEntry } from '../../../src/paxos/messages/messages.js'
import { demand } from '../violation.js'
import { citizens, majoritySeats, parliament, quorum } from './law.js'
import { republicVersion } from '../../../src/paxos/membership/versions.js'

type GovernmentEntry = Extract<LogEntry, { method: 'government' }>

/** The bounds that the options put on a parliament. */
export interface Seats {
    readonly parliamentSize: number
    readonly parliamentFloor: number
}

function without(ids: readonly string[], id: string | undefined): string[] {
    return ids.filter((other) => other !== id)
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
    return one.length === other.length && new Set([...one, ...other]).size === one.length
}

function checkMembers(before: Government, { promise, body, government }: GovernmentEntry): void {
    const { immigrate, exile } = body
    const version = republicVersion(government)
    demand(version >= republicVersion(before), 'S14', () => `${promise} has version ${version}`)
    const arrived = immigrate === null ? [] : [immigrate.id]
    const expected = [...without(citizens(before), exile?.id), ...arrived]
    demand(isSameSet(citizens(government), expected), 'S7', () =>
        `${promise} has the citizens ${citizens(government)} instead of ${expected}`)
    const { id, promise: promises } = government.immigrated
    const tables = [Object.values(id), Object.keys(promises), Object.keys(government.properties)]
    demand(tables.every((ids) => isSameSet(ids, expected)), 'S7', () =>
        `${promise} does not know its citizens: ${JSON.stringify(government)}`)
    for (const [name, immigrated] of Object.entries(promises)) {
        const old = before.immigrated.promise[name]
        const isRight = id[immigrated] === name && immigrated === (old ?? promise)
        demand(isRight, 'S7', () => `${promise} has ${name} immigrate at ${immigrated}`)
    }
    if (exile !== null) {
        demand(before.immigrated.promise[exile.id] === exile.promise, 'S7', () =>
            `${promise} exiles ${exile.id} of ${exile.promise}, who is not there`)
    }
    if (immigrate !== null) {
        demand(!citizens(before).includes(immigrate.id), 'S7', () =>
            `${promise} admits ${immigrate.id}, who is there`)
    }
}

/** A member gets other properties only by its admission or by a move under its incarnation. */
function checkProperties(before: Government, { promise, body, government }: GovernmentEntry): void {
    const { move, immigrate } = body
    for (const [id, properties] of Object.entries(government.properties)) {
        const isMoved = move?.id === id && move.immigrated === government.immigrated.promise[id]
        const expected = isMoved ? move.properties
            : immigrate?.id === id ? immigrate.properties : before.properties[id]
        demand(JSON.stringify(properties) === JSON.stringify(expected), 'S7', () =>
            `${promise} has ${id} at ${JSON.stringify(properties)}`)
    }
}

function checkSeats(before: Government, entry: GovernmentEntry, seats: Seats): void {
    const { promise, body, government } = entry
    const voters = parliament(government)
    const isFounding = before.majority.length === 0
    const moved = [
        ...without(voters.filter((id) => !parliament(before).includes(id)), body.immigrate?.id),
        ...(isFounding ? [] : parliament(before).filter((id) => !voters.includes(id)))
    ]
    const named = [
        ...(body.promote ?? []).map(({ id }) => id),
        ...[body.demote ?? null].filter((id) => id !== null),
        ...parliament(before).filter((id) => id === body.exile?.id)
    ]
    demand(isSameSet(moved, named), 'S7', () =>
        `${promise} moves ${moved} and says that it moves ${named}`)
    demand(moved.length <= 2 && named.length <= 2, 'S7', () => `${promise} moves ${moved} at once`)
    const isFilled = government.majority.length >= majoritySeats(government)
    demand(isFilled, 'S7', () => `${promise} has a majority of ${government.majority}`)
    const { parliamentSize, parliamentFloor } = seats
    // Whom the leader hands over to may have a seat beside the others, until one is given back.
    const isInstalled = body.exile === null && body.promote?.length === 1
    const seatsMax =
        Math.max(1, parliamentSize, parliament(before).length) + (isInstalled ? 1 : 0)
    demand(voters.length <= seatsMax, 'S7', () => `${promise} seats ${voters} of ${parliamentSize}`)
    const isAboveFloor = voters.length >= Math.min(parliamentFloor, parliament(before).length) ||
        (body.exile !== null && quorum(voters.length) >= quorum(parliamentFloor))
    demand(isAboveFloor, 'S7', () => `${promise} seats ${voters}, below the floor`)
    for (const { id } of body.promote ?? []) {
        demand(before.naturalized.includes(id) && before.constituents.includes(id), 'S7', () =>
            `${promise} seats ${id}, who may not hold a seat`)
    }
}

/** Checks that a government follows from the one before it by one change that it names: S7. */
export function checkSuccession(
    previous: Government | null,
    entry: GovernmentEntry,
    seats: Seats
): void {
    const { promise, body, government } = entry
    const before = previous ?? nullGovernment(government.republic)
    const all = citizens(government)
    demand(new Set(all).size === all.length, 'S7', () => `${promise} seats somebody twice: ${all}`)
    demand(government.promise === promise && body.promise === promise, 'S7', () =>
        `${promise} calls itself ${government.promise} and ${body.promise}`)
    const { immigrate, exile, promote, demote = null, move = null } = body
    const changes = [immigrate, exile, promote, demote, move]
    const count = changes.filter((change) => change !== null).length
    const mayReplace = body.exile !== null && body.promote?.length === 1
    demand(count <= 1 || (count === 2 && mayReplace), 'S7', () =>
        `${promise} makes ${count} changes: ${JSON.stringify(body)}`)
    checkMembers(before, entry)
    checkProperties(before, entry)
    checkSeats(before, entry, seats)
    const foreign = government.naturalized.filter((id) => !all.includes(id))
    demand(foreign.length === 0, 'S7', () => `${promise} has naturalized ${foreign}, not citizens`)
    const isOnce = new Set(government.naturalized).size === government.naturalized.length
    demand(isOnce, 'S7', () => `${promise} naturalizes twice: ${government.naturalized}`)
}
