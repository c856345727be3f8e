import type { Monotonic } from '../../base/monotonic.js'
import { own } from '../../base/own-property.js'
import type { Government } from '../messages/messages.js'
import type { ShapedGovernment } from './government.js'
import { majoritySeats, parliament } from './government.js'
import { quorum } from './quorum.js'
import { isPresent, isTenable, mayLose, type Situation } from './situation.js'

const UNCHANGED = {
    immigrate: null,
    naturalize: null,
    exile: null,
    promote: null,
    demote: null
} as const

function keep(government: Government): ShapedGovernment {
    const { majority, minority } = government
    return { ...UNCHANGED, majority, minority }
}

/**
 * An even parliament gives a seat back: the seat of a doubtful voter, of a leaving voter, or the
 * last one. While the leader hands over to a voter, the parliament stays: the successor may have
 * got the seat for the handover.
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
    // A voter of the minority fills a free seat of the majority. A free seat of the minority stays
    // free.
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

/** The constituents with a right to a seat, in the order of naturalization. */
function promotable(situation: Situation): readonly string[] {
    const { government, leaving } = situation
    return government.naturalized.filter((id) => {
        const mayStay = isPresent(situation, id) && !leaving.includes(id)
        return mayStay && government.constituents.includes(id)
    })
}

/**
 * Whether a constituent may take a seat soon: the leader has not heard yet whether the constituent
 * is there. The leader asks, and after half a `timeout` without an answer the constituent is in
 * doubt.
 */
function mayBeSucceeded(situation: Situation): boolean {
    const { government, leaving, silent, doubtful } = situation
    return government.constituents.some((id) => {
        const isReady = government.naturalized.includes(id) && !leaving.includes(id)
        return isReady && !isPresent(situation, id) && !silent.has(id) && !doubtful.has(id)
    })
}

/** Exiles a voter and gives its seat to a constituent, in one government. */
function replacement(government: Government, id: string, successor: string): ShapedGovernment {
    const shape = removal(government, id)
    const index = government.constituents.indexOf(successor)
    const seated = [...parliament(shape), successor]
    const seats = quorum(seated.length)
    const promote = [{ id: successor, index }]
    return { ...shape, majority: seated.slice(0, seats), minority: seated.slice(seats), promote }
}

/**
 * Whether the leader may exile a voter without a successor for the seat. At the floor, the seat
 * stays as a vacancy, and the id stays with the seat. But if the voter's id asks to come back, the
 * parliament may shrink until then, as long as the smaller parliament's majority has as many voters
 * as the majority at the floor.
 */
function isSpared({ government, returning, parliamentFloor }: Situation, id: string): boolean {
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
        if (!voters.includes(id) || isSpared(situation, id)) {
            if (isTenable(situation, shape)) {
                return shape
            }
            continue
        }
        // At the floor, a seat gets a new holder in the same government, or stays as a vacancy.
        const successor = promotable(situation)[0]
        const next = successor && replacement(government, id, successor)
        if (next && isTenable(situation, next)) {
            return next
        }
    }
    return null
}

/** The successor of a handover must vote: a constituent gets a seat beside the others. */
function install(situation: Situation): ShapedGovernment | null {
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
 * Exiles a voter by its own wish. A voter needed for consent must be present: an absent voter
 * is exiled for silence, without consent.
 */
function release(situation: Situation, id: string): ShapedGovernment | null {
    const shape = removal(situation.government, id)
    if (shape.exile === null || mayLose(situation, shape)) {
        return shape
    }
    const exile = { ...shape.exile, consent: situation.ballot }
    return isPresent(situation, id) ? { ...shape, exile } : null
}

/**
 * Exiles a member by the member's wish. A constituent with a right to a seat takes the seat in the
 * same government. Without such a constituent the parliament shrinks, unless the parliament is at
 * its floor, or too few of the rest answer: then the wish waits. A leader's wish waits until the
 * leader has ceded.
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
        const shrunk = mayShrink ? release(situation, id) : null
        const next = successor === undefined ? shrunk : replacement(government, id, successor)
        if (next !== null && isTenable(situation, next)) {
            return next
        }
    }
    return null
}

/** A silent voter of the majority and a present voter of the minority change places. */
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

function naturalize({ government, naturalizing }: Situation): ShapedGovernment | null {
    const id = naturalizing.find((candidate) => !government.naturalized.includes(candidate))
    return id === undefined ? null : { ...keep(government), naturalize: id }
}

function immigrate({ government, arriving }: Situation): ShapedGovernment | null {
    const [arrival] = arriving
    if (arrival === undefined) {
        return null
    }
    const { id, properties, cookie, naturalized } = arrival
    return {
        ...keep(government),
        immigrate: { id, properties, cookie },
        naturalize: naturalized ? id : null
    }
}

/**
 * With two naturalized constituents and room for two, the parliament grows by two. An even
 * parliament, which had to give up a seat of its floor, grows by one.
 */
function grow(situation: Situation): ShapedGovernment | null {
    const { government, parliamentSize } = situation
    const seats = parliament(government).length
    const room = seats % 2 === 0 ? 1 : 2
    const chosen = promotable(situation).slice(0, room)
    if (seats + room > parliamentSize || chosen.length < room) {
        return null
    }
    const bench = [...government.minority, ...chosen]
    const majority = [...government.majority]
    while (majority.length < quorum(seats + room)) {
        const next = bench.shift()
        if (next === undefined) {
            break
        }
        majority.push(next)
    }
    const promote = chosen
        .map((id) => ({ id, index: government.constituents.indexOf(id) }))
        .sort((left, right) => right.index - left.index)
    const next = { ...UNCHANGED, majority, minority: bench, promote }
    return isTenable(situation, next) ? next : null
}

/**
 * The government of an elected member: the member first, then the voters with a promise, then the
 * rest. The number of seats stays.
 *
 * @param promised Incarnations.
 */
export function cabinet(
    government: Government, id: string, promised: readonly Monotonic[]
): ShapedGovernment {
    const hasPromised = (voter: string): boolean =>
        promised.includes(own(government.immigrated.promise, voter) ?? '0/0')
    const voters = parliament(government).filter((voter) => voter !== id)
    const ranked = [
        id,
        ...voters.filter((voter) => hasPromised(voter)),
        ...voters.filter((voter) => !hasPromised(voter))
    ]
    const seats = majoritySeats(government)
    return { ...UNCHANGED, majority: ranked.slice(0, seats), minority: ranked.slice(seats) }
}

/**
 * The next government, or `null` if the government in force is good. A pure function; each
 * government makes one change. The most urgent change comes first: repair of a weak parliament,
 * handover, departures, exchange, naturalization, admission, and growth last.
 */
export function shape(situation: Situation): ShapedGovernment | null {
    return (
        contract(situation) ??
        exile(situation) ??
        install(situation) ??
        depart(situation) ??
        exchange(situation) ??
        naturalize(situation) ??
        immigrate(situation) ??
        grow(situation)
    )
}
