import type { Monotonic } from '../../base/monotonic.js'
import { own } from '../../base/own-property.js'
import type { Government } from '../messages/messages.js'
import type { Shape } from './government.js'
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

function keep(government: Government): Shape {
    const { majority, minority } = government
    return { ...UNCHANGED, majority, minority }
}

/**
 * An even parliament gives a seat back: who is silent, who leaves, or who has the last one. Not
 * while its leader hands over to one of it, who may have got a seat for that.
 */
function contract(situation: Situation): Shape | null {
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

function removal(government: Government, id: string): Shape {
    const voters = parliament(government).filter((voter) => voter !== id)
    // A seat left by the majority is filled from the bench; a seat left on the bench is not.
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

/** Who may be offered a seat, in the order in which they said that they may. */
function promotable(situation: Situation): readonly string[] {
    const { government, leaving } = situation
    return government.naturalized.filter((id) => {
        const mayStay = isPresent(situation, id) && !leaving.includes(id)
        return mayStay && government.constituents.includes(id)
    })
}

/**
 * Whether a constituent may take a seat soon: the leader has yet to hear whether it is there. The
 * leader asks, and after half a timeout without an answer the constituent is in doubt.
 */
function mayBeSucceeded(situation: Situation): boolean {
    const { government, leaving, silent, doubtful } = situation
    return government.constituents.some((id) => {
        const isReady = government.naturalized.includes(id) && !leaving.includes(id)
        return isReady && !isPresent(situation, id) && !silent.has(id) && !doubtful.has(id)
    })
}

/** Exiles a voter and gives its seat to a constituent, in one government. */
function replacement(government: Government, id: string, successor: string): Shape {
    const shape = removal(government, id)
    const index = government.constituents.indexOf(successor)
    const seated = [...parliament(shape), successor]
    const seats = quorum(seated.length)
    const promote = [{ id: successor, index }]
    return { ...shape, majority: seated.slice(0, seats), minority: seated.slice(seats), promote }
}

/**
 * Whether a voter may be exiled that nobody succeeds. At the floor its seat stays as a vacancy, and
 * its id with it, unless it wants to come back: then the parliament may be smaller until it has, if
 * as many must hold what is acknowledged as at the floor.
 */
function isSpared({ government, returning, parliamentFloor }: Situation, id: string): boolean {
    const left = parliament(government).length - 1
    return left >= parliamentFloor || (returning.has(id) && quorum(left) >= quorum(parliamentFloor))
}

function exile(situation: Situation): Shape | null {
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
        // At the floor a seat changes hands within one government or stays as a vacancy.
        const successor = promotable(situation)[0]
        const next = successor && replacement(government, id, successor)
        if (next && isTenable(situation, next)) {
            return next
        }
    }
    return null
}

/** Whom the leader hands over to must vote; a constituent gets a seat beside the others. */
function install(situation: Situation): Shape | null {
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
 * Exiles a voter by its own wish. If the voter has to consent, the voter must be there: a voter
 * that does not answer is exiled for its silence, and that needs no consent.
 */
function release(situation: Situation, id: string): Shape | null {
    const shape = removal(situation.government, id)
    if (shape.exile === null || mayLose(situation, shape)) {
        return shape
    }
    const exile = { ...shape.exile, consent: situation.ballot }
    return isPresent(situation, id) ? { ...shape, exile } : null
}

/**
 * Who asks to leave goes: its seat to a constituent that may hold one, in one government. Where
 * there is none the parliament shrinks, but not below its floor, nor to one that could not go on
 * for want of those who answer: then who leaves waits. The leader waits, too, until it has ceded.
 */
function depart(situation: Situation): Shape | null {
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

/** A member of the majority that stays silent changes places with one of the bench. */
function exchange(situation: Situation): Shape | null {
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

function naturalize({ government, naturalizing }: Situation): Shape | null {
    const id = naturalizing.find((candidate) => !government.naturalized.includes(candidate))
    return id === undefined ? null : { ...keep(government), naturalize: id }
}

function immigrate({ government, arriving }: Situation): Shape | null {
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
 * Two naturalized constituents and room for two: the parliament grows by two. One is enough for a
 * parliament that is even, as it is where it had to give up a seat of its floor.
 */
function grow(situation: Situation): Shape | null {
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
 * The government of one who was elected: itself first, those who promised, then the others. The
 * seats stay the same.
 *
 * @param promised Incarnations.
 */
export function cabinet(government: Government, id: string, promised: readonly Monotonic[]): Shape {
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
 * The government that should come next, or `null` where this one serves. A pure function; each
 * government makes one change. The order is that of need: what weakens the parliament first, then
 * who takes over, who leaves, who is ready, who arrives, and growth last.
 */
export function shape(situation: Situation): Shape | null {
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
