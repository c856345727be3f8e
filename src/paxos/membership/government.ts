import { Monotonic } from '../../base/monotonic.js'
import { own } from '../../base/own-property.js'
import type { Government, GovernmentBody, Republic } from '../messages/messages.js'
import { quorum } from './quorum.js'

/** A government that has just taken effect. */
export interface Change {
    readonly body: GovernmentBody
    /** The government that was in force before. */
    readonly before: Government
}

/** The next government without its number and its map. */
export type ShapedGovernment = Omit<GovernmentBody, 'promise' | 'map'>

/** The government before the first government: no member, no voter. */
export function nullGovernment(republic: Republic | null): Government {
    return freeze({
        republic,
        promise: '0/0',
        majority: [],
        minority: [],
        constituents: [],
        naturalized: [],
        properties: {},
        immigrated: { id: {}, promise: {} }
    })
}

function freeze(government: Government): Government {
    for (const list of [
        government.majority,
        government.minority,
        government.constituents,
        government.naturalized,
        government.properties,
        government.immigrated.id,
        government.immigrated.promise,
        government.immigrated
    ]) {
        Object.freeze(list)
    }
    return Object.freeze(government)
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
    return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))
}

/**
 * The voters of each frozen government or shape. A frozen object never changes, so the list stays
 * valid.
 */
const parliaments = new WeakMap<object, readonly string[]>()

/** All voters, the leader first. */
export function parliament(shape: Pick<Government, 'majority' | 'minority'>): readonly string[] {
    let voters = parliaments.get(shape)
    if (voters === undefined) {
        voters = Object.freeze([...shape.majority, ...shape.minority])
        if (Object.isFrozen(shape)) {
            parliaments.set(shape, voters)
        }
    }
    return voters
}

/** The ids of all members: voters in the order of their rank, then constituents. */
export function citizens(government: Government): readonly string[] {
    return [...parliament(government), ...government.constituents]
}

/** The number of members. */
export function population({ majority, minority, constituents }: Government): number {
    return majority.length + minority.length + constituents.length
}

/** The government after the entry with a body is committed. */
export function succeed(government: Government, body: GovernmentBody): Government {
    const { immigrate, exile, promote, demote = null, naturalize, version, move } = body
    const promoted = new Set(promote?.map((promotion) => promotion.id) ?? [])
    let constituents = government.constituents.filter(
        (id) => id !== exile?.id && !promoted.has(id)
    )
    if (demote !== null) {
        constituents.unshift(demote)
    }
    const majority = [...body.majority]
    let properties = government.properties
    let { id: ids, promise: promises } = government.immigrated
    if (exile !== null) {
        properties = without(properties, exile.id)
        ids = without(ids, exile.promise)
        promises = without(promises, exile.id)
    }
    if (immigrate !== null) {
        if (majority.length === 0) {
            // Earlier versions wrote the founding entry without a majority.
            majority.push(immigrate.id)
        } else if (!majority.includes(immigrate.id)) {
            constituents = [...constituents, immigrate.id]
        }
        properties = { ...properties, [immigrate.id]: immigrate.properties }
        ids = { ...ids, [body.promise]: immigrate.id }
        promises = { ...promises, [immigrate.id]: body.promise }
    }
    if (move !== undefined && ids[move.immigrated] === move.id) {
        properties = { ...properties, [move.id]: move.properties }
    }
    const naturalized = government.naturalized.filter((id) => id !== exile?.id)
    if (naturalize !== null) {
        naturalized.push(naturalize)
    }
    return freeze({
        republic: government.republic,
        promise: body.promise,
        majority,
        minority: [...body.minority],
        constituents,
        naturalized,
        properties,
        immigrated: { id: ids, promise: promises },
        ...(version !== undefined && { version })
    })
}

/** The latest admission among the members that may hold a seat; `0/0` without such a member. */
export function latestAdmission(government: Government): Monotonic {
    const admissions = government.naturalized.map((id) => {
        return own(government.immigrated.promise, id) ?? '0/0'
    })
    return admissions.sort(Monotonic.compare).at(-1) ?? '0/0'
}

/** The number of majority seats in a parliament. */
export function majoritySeats(shape: Pick<Government, 'majority' | 'minority'>): number {
    return quorum(shape.majority.length + shape.minority.length)
}

/** Whether two governments have different voters. The order of the voters does not matter. */
export function changesParliament(
    government: Government,
    body: Pick<GovernmentBody, 'majority' | 'minority'>
): boolean {
    const before = [...parliament(government)].sort()
    const after = [...parliament(body)].sort()
    return before.length !== after.length || before.some((id, index) => id !== after[index])
}

/** Whether a promise is the promise of a government: `g/0`. */
export function isGovernment(promise: Monotonic): boolean {
    return Monotonic.isBoundary(promise, 0)
}
