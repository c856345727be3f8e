import type { Ballot, Government, GovernmentBody } from '../messages/messages.js'
import type { Immigration } from '../messages/proposals.js'
import { parliament, quorum } from './government.js'

/** Everything the next government may depend on. */
export interface Situation {
    readonly government: Government
    /** The ballot of the leader that decides. */
    readonly ballot: Ballot
    /** How many seats the parliament grows to. */
    readonly parliamentSize: number
    /** How many seats the parliament does not shrink below. */
    readonly parliamentFloor: number
    /** Who asks to be admitted, oldest first. */
    readonly arriving: readonly Immigration[]
    /** Citizens who can only come back as somebody new, and are about to, or have to. */
    readonly returning: ReadonlySet<string>
    /** Citizens that have not answered for `timeout`. */
    readonly silent: ReadonlySet<string>
    /** Citizens that have not answered lately; nobody offers them a seat. */
    readonly doubtful: ReadonlySet<string>
    /** Citizens with an answer to this leader lately: the evidence that they are there. */
    readonly present: ReadonlySet<string>
    /** Citizens that say they may hold a seat. */
    readonly naturalizing: readonly string[]
    /** Citizens that ask to be exiled, the first of them first. */
    readonly leaving: readonly string[]
    /** Whom the leader hands over to; `null` where it does not. */
    readonly successor: string | null
}

type Seats = Pick<GovernmentBody, 'majority' | 'minority'>

/** Whether a citizen is there, by the evidence of its answers; the leader always is. */
export function isPresent(situation: Situation, id: string): boolean {
    const { government, present, silent, doubtful } = situation
    const isEvident = present.has(id) || id === government.majority[0]
    return isEvident && !silent.has(id) && !doubtful.has(id)
}

/** Whether so many of these voters are there that they could go on. */
function isQuorate(situation: Situation, voters: readonly string[]): boolean {
    return voters.filter((id) => isPresent(situation, id)).length >= quorum(voters.length)
}

/**
 * Whether a government may change the parliament to this one now: a majority of the parliament in
 * force and a majority of the next one are there. Without the first, nothing can be committed, so
 * the change waits. Without the second, the government stays open, and nothing is written behind
 * an open government: a majority that is alive would wait for members that are not.
 */
export function isTenable(situation: Situation, next: Seats): boolean {
    const { government } = situation
    return (
        isQuorate(situation, parliament(government)) && isQuorate(situation, parliament(next))
    )
}

/**
 * Whether the members that are there could go on under a parliament without the leader. A leader
 * that is alone in a parliament is always needed.
 */
export function mayLose(situation: Situation, next: Seats): boolean {
    const voters = parliament(next)
    const present = voters.filter((id) => isPresent(situation, id))
    return voters.length === 1 || present.length > quorum(voters.length)
}
