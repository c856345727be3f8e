import type { Core, Role } from './core.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Ballot, Government } from './messages/messages.js'
import { toldCommitted } from './replication/told-mark.js'

/**
 * The facts about a member on which its messages rely, and which no restart may undo. Everything
 * else in a message is a fact about peers, which stays true, or a measured time.
 */
export interface Claims {
    readonly promised: Ballot
    readonly accepted: Ballot
    readonly highestBallot: Ballot
    /** The position of the last entry. Under one `accepted`, equal positions mean equal logs. */
    readonly head: number
    /** The commit mark that answers tell. */
    readonly committed: Monotonic
    /** The government in force. It contains the admission of the member. */
    readonly government: Government
    readonly exiled: boolean
    readonly role: Role['name']
    /** Whether a change is under way: an election, a handover, a move, or a wish of any member. */
    readonly isBusy: boolean
}

/** The claims of a member, as of the last input. */
export function claimsOf(core: Core): Claims {
    const { acceptance: { promised, accepted }, highestBallot, log, role, citizenship } = core
    const { naturalizing, leaving, departure, moves } = core
    const isElecting = role.name === 'campaigning' ||
        (role.name === 'elected' && role.writer.establishing)
    return {
        promised,
        accepted,
        highestBallot,
        head: log.head,
        committed: toldCommitted(core),
        government: citizenship.government,
        exiled: citizenship.exiled,
        role: role.name,
        isBusy: isElecting || departure.handover !== null || !moves.isEmpty ||
            naturalizing.size + leaving.size !== 0
    }
}

/** Whether a member without a change under way claims the same as before. */
export function claimsRest(before: Claims, after: Claims): boolean {
    return !before.isBusy && !after.isBusy && before.role === after.role &&
        before.promised === after.promised && before.accepted === after.accepted &&
        before.highestBallot === after.highestBallot &&
        before.head === after.head && before.committed === after.committed &&
        before.government === after.government && before.exiled === after.exiled
}
