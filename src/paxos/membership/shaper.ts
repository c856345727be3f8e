import { own } from '../../base/own-property.js'
import type { Government } from '../messages/messages.js'
import type { ShapedGovernment } from './government.js'
import { majoritySeats, parliament } from './government.js'
import { quorum } from './quorum.js'
import { isPresent, isTenable, mayLose, type Situation } from './situation.js'

/** A government that changes no member. */
export const UNCHANGED = {
    immigrate: null,
    naturalize: null,
    exile: null,
    promote: null,
    demote: null
} as const

function keepSeats(government: Government): ShapedGovernment {
    const { majority, minority } = government
    return { ...UNCHANGED, majority, minority }
}

/**
 * Takes one seat from an even parliament. The last doubtful voter among the lower ranks loses the
 * seat; otherwise the last leaving voter; otherwise the last voter. If the leader hands over to a
 * voter, the parliament stays, because the voter may have received the seat for the handover.
 */
function contract(situation: Situation): ShapedGovernment | null {
    const { government, parliamentFloor, doubtful, leaving, successor } = situation
    const voters = parliament(government)
    const isHandingOver = successor !== null && voters.includes(successor)
    if (voters.length % 2 === 1 || voters.length - 1 < parliamentFloor || isHandingOver) {
        return null
    }
    const majority = government.majority.slice(0, majoritySeats(government) - 1)
    const minority = [...government.majority.slice(majority.length), ...government.minority]
    const demote =
        minority.findLast((id) => doubtful.has(id)) ??
        minority.findLast((id) => leaving.includes(id)) ??
        minority.at(-1)
    if (demote === undefined) {
        return null
    }
    minority.splice(minority.indexOf(demote), 1)
    const next = { ...UNCHANGED, majority, minority, demote }
    return isTenable(situation, next) ? next : null
}

function removal(government: Government, id: string): ShapedGovernment {
    const voters = parliament(government).filter((voter) => voter !== id)
    // A spare voter fills a free seat of the majority. A free seat of the minority disappears.
    const seats = quorum(voters.length)
    return {
        ...UNCHANGED,
        majority: voters.slice(0, seats),
        minority: voters.slice(seats),
        exile: {
            id,
            promise: own(government.immigrated.promise, id) ?? '0/0',
            properties: own(government.properties, id) ?? null
        }
    }
}

/**
 * Constituents that may be offered a seat (naturalized, present and not leaving), in the order of
 * their naturalization.
 */
function promotable(situation: Situation): readonly string[] {
    const { government, leaving } = situation
    return government.naturalized.filter((id) => {
        const mayStay = isPresent(situation, id) && !leaving.includes(id)
        return mayStay && government.constituents.includes(id)
    })
}

/**
 * Whether some constituent may be offered a seat soon: the constituent is naturalized, but the
 * leader does not know yet whether the constituent is present. The leader probes the constituent,
 * and after half a `timeout` without an answer the constituent is doubtful.
 */
function mayBeSucceeded(situation: Situation): boolean {
    const { government, leaving, silent, doubtful } = situation
    return government.constituents.some((id) => {
        const isReady = government.naturalized.includes(id) && !leaving.includes(id)
        return isReady && !isPresent(situation, id) && !silent.has(id) && !doubtful.has(id)
    })
}

/** Exiles a voter and gives the seat to a constituent, in one government. */
function replacement(government: Government, id: string, successor: string): ShapedGovernment {
    const shape = removal(government, id)
    const index = government.constituents.indexOf(successor)
    const seated = [...parliament(shape), successor]
    const seats = quorum(seated.length)
    const promote = [{ id: successor, index }]
    return { ...shape, majority: seated.slice(0, seats), minority: seated.slice(seats), promote }
}

/**
 * Whether the parliament can lose a voter without a successor. At the floor, a dead voter keeps the
 * seat and the id. Exception: the voter can return only as a new incarnation (`returning`). Then
 * the parliament may be smaller than the floor until the return, if a majority is still as large as
 * at the floor.
 */
function isDispensable({ government, returning, parliamentFloor }: Situation, id: string): boolean {
    const left = parliament(government).length - 1
    return left >= parliamentFloor || (returning.has(id) && quorum(left) >= quorum(parliamentFloor))
}

function exile(situation: Situation): ShapedGovernment | null {
    const { government, silent } = situation
    const voters = parliament(government)
    for (const id of [...voters, ...government.constituents]) {
        if (!silent.has(id) || id === government.majority[0]) {
            continue
        }
        const shape = removal(government, id)
        if (!voters.includes(id) || isDispensable(situation, id)) {
            if (isTenable(situation, shape)) {
                return shape
            }
            continue
        }
        // At the floor, a constituent takes the seat at once, or the seat stays vacant.
        const successor = promotable(situation)[0]
        const next = successor && replacement(government, id, successor)
        if (next && isTenable(situation, next)) {
            return next
        }
    }
    return null
}

/** Gives a seat to the successor of a handover, because a leader must vote. */
function seatSuccessor(situation: Situation): ShapedGovernment | null {
    const { government, successor } = situation
    if (successor === null || !promotable(situation).includes(successor)) {
        return null
    }
    const seated = [...parliament(government), successor]
    if (!isTenable(situation, { majority: seated, minority: [] })) {
        return null
    }
    const seats = quorum(seated.length)
    const promote = [{ id: successor, index: government.constituents.indexOf(successor) }]
    return {
        ...UNCHANGED,
        majority: seated.slice(0, seats),
        minority: seated.slice(seats),
        promote
    }
}

/**
 * Exiles a voter at the voter's own wish. If the exile would make the leader indispensable, the
 * exile needs the voter's consent, and the voter must be present to consent. If the
 * voter does not answer, the voter is exiled for silence, without consent.
 */
function exileAtWish(situation: Situation, id: string): ShapedGovernment | null {
    const shape = removal(situation.government, id)
    if (shape.exile === null || mayLose(situation, shape)) {
        return shape
    }
    const exile = { ...shape.exile, consent: situation.ballot }
    return isPresent(situation, id) ? { ...shape, exile } : null
}

/**
 * Exiles a member at the member's own wish.
 *
 * 1. A constituent leaves at once.
 * 2. If a constituent may be offered a seat, the constituent takes the seat of a leaving voter
 *    in the same government.
 * 3. Without such a constituent, the parliament shrinks, but not below the floor.
 * 4. If too few voters are present for a majority of the present or of the next parliament, or a
 *    constituent may be offered a seat soon, the voter waits.
 * 5. The leader leaves only after a cession.
 */
function depart(situation: Situation): ShapedGovernment | null {
    const { government, leaving, parliamentFloor } = situation
    const voters = parliament(government)
    const [successor] = promotable(situation)
    for (const id of leaving) {
        if (government.constituents.includes(id)) {
            return removal(government, id)
        }
        if (!voters.includes(id) || id === government.majority[0]) {
            continue
        }
        const mayShrink = voters.length > parliamentFloor && !mayBeSucceeded(situation)
        const shrunk = mayShrink ? exileAtWish(situation, id) : null
        const next = successor === undefined ? shrunk : replacement(government, id, successor)
        if (next !== null && isTenable(situation, next)) {
            return next
        }
    }
    return null
}

/** Swaps a doubtful voter of the majority with a present voter of the minority. */
function exchange(situation: Situation): ShapedGovernment | null {
    const { government, doubtful } = situation
    const [leader, ...others] = government.majority
    const absent = others.find((id) => doubtful.has(id))
    const present = government.minority.find((id) => isPresent(situation, id))
    if (leader === undefined || absent === undefined || present === undefined) {
        return null
    }
    return {
        ...UNCHANGED,
        majority: [leader, ...others.filter((id) => id !== absent), present],
        minority: [...government.minority.filter((id) => id !== present), absent]
    }
}

/** Gives a moved member its new properties. No seat changes. */
function move({ government, moving: [relocation] }: Situation): ShapedGovernment | null {
    return relocation === undefined ? null : { ...keepSeats(government), move: relocation }
}

function naturalize({ government, naturalizing }: Situation): ShapedGovernment | null {
    const id = naturalizing.find((candidate) => !government.naturalized.includes(candidate))
    return id === undefined ? null : { ...keepSeats(government), naturalize: id }
}

function immigrate({ government, arriving }: Situation): ShapedGovernment | null {
    const [arrival] = arriving
    if (arrival === undefined) {
        return null
    }
    const { id, properties, cookie, naturalized } = arrival
    return {
        ...keepSeats(government),
        immigrate: { id, properties, cookie },
        naturalize: naturalized === true ? id : null
    }
}

/**
 * Adds two constituents to an odd parliament, or one constituent to an even parliament, if the
 * parliament has room for all of them. At or below the floor, a parliament may be even.
 */
function grow(situation: Situation): ShapedGovernment | null {
    const { government, parliamentSize } = situation
    const seats = parliament(government).length
    const room = seats % 2 === 0 ? 1 : 2
    const chosen = promotable(situation).slice(0, room)
    if (seats + room > parliamentSize || chosen.length < room) {
        return null
    }
    const minority = [...government.minority, ...chosen]
    const majority = [...government.majority]
    while (majority.length < quorum(seats + room)) {
        const next = minority.shift()
        if (next === undefined) {
            break
        }
        majority.push(next)
    }
    const promote = chosen
        .map((id) => ({ id, index: government.constituents.indexOf(id) }))
        .sort((left, right) => right.index - left.index)
    const next = { ...UNCHANGED, majority, minority, promote }
    return isTenable(situation, next) ? next : null
}

/**
 * Decides on the next government; `null` if no change is necessary. A pure function; each
 * government makes one change. The order is the order of need: first the addresses of moved
 * members, then an even parliament and silent members, then the handover, departures, doubtful
 * voters, naturalization, admission, and at last growth.
 */
export function shape(situation: Situation): ShapedGovernment | null {
    return (
        move(situation) ??
        contract(situation) ??
        exile(situation) ??
        seatSuccessor(situation) ??
        depart(situation) ??
        exchange(situation) ??
        naturalize(situation) ??
        immigrate(situation) ??
        grow(situation)
    )
}
