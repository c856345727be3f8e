import type { Core } from '../core.js'
import { citizens, population } from '../membership/government.js'
import { appraisePeers } from '../membership/presence.js'
import type { Incarnation } from '../messages/messages.js'
import { silenceOf } from '../replication/silence.js'
import { holdsSeat, peersOf } from '../standing.js'

// A member asks for its own exile. The peers keep the entries of the member. A leader hands its
// leadership over first, and never exiles itself.

/**
 * The outcome of asking to leave. `exiled`: the member is no citizen any more · `alone`: the
 * member is the only citizen, and nothing has changed · `leaving`: the exile is to come.
 */
export type LeaveOutcome = 'exiled' | 'alone' | 'leaving'

/** How often the pause between two handovers of a leaving leader doubles. */
const DOUBLINGS_MAX = 3

/** Asks for the member's exile, now or after its admission. Asking again changes nothing. */
export function askToLeave(core: Core): LeaveOutcome {
    if (core.citizenship.exiled) {
        return 'exiled'
    }
    if (isAlone(core)) {
        return 'alone'
    }
    core.departure.leaves = true
    repeatWishToLeave(core)
    return 'leaving'
}

/** Whether the member has asked to leave and is not yet exiled. */
export function isLeaving({ departure, citizenship }: Core): boolean {
    return departure.leaves && !citizenship.exiled
}

function isAlone({ citizenship, government }: Core): boolean {
    return citizenship.isCitizen && population(government) === 1
}

/** Once the member is a citizen, adds the member to the list of citizens that ask to be exiled. */
export function repeatWishToLeave(core: Core): void {
    if (isLeaving(core) && core.citizenship.isCitizen) {
        core.leaving.add(core.citizenship.immigrated)
        core.isReshapeDue = true
    }
}

/** Forgets the wishes of members that the government has exiled. */
export function forgetLeavers({ leaving, citizenship }: Core): void {
    for (const promise of leaving) {
        if (!citizenship.isKnown(promise)) {
            leaving.delete(promise)
        }
    }
}

/** The last citizen has to stay: all peers have left. */
export function stayIfAlone(core: Core): void {
    if (isAlone(core)) {
        core.departure.leaves = false
        core.leaving.clear()
    }
}

/**
 * The successor of a leader that leaves: a present, naturalized citizen that stays, seated if
 * possible, and the next candidate with each try. `null` if the leader stays, if its last try is
 * too recent, or without a candidate. After each try the pause doubles, from one `timeout` to
 * eight.
 */
export function successorOfLeaver(core: Core): Incarnation | null {
    const { government, departure, now, settings: { ping, timeout } } = core
    const nextTryAt = departure.triedAt + timeout * 2 ** Math.min(departure.tries, DOUBLINGS_MAX)
    if (!departure.leaves || now < nextTryAt) {
        return null
    }
    const ready = citizens(government).filter((id) => government.naturalized.includes(id))
    const peers = peersOf(core, ready)
    const { present } = appraisePeers(core, peers)
    const staying = peers.filter((peer) => {
        const isThere = present.has(peer.id) && silenceOf(peer, now) < ping
        return isThere && !core.leaving.has(peer.immigrated)
    })
    const seated = staying.filter((peer) => holdsSeat(core, peer))
    const candidates = seated.length === 0 ? staying : seated
    const successor = candidates[departure.tries % Math.max(1, candidates.length)]
    if (successor === undefined) {
        return null
    }
    departure.tries++
    departure.triedAt = now
    return { id: successor.id, immigrated: successor.immigrated }
}
