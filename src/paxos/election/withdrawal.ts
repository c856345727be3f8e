import type { Monotonic } from '../../base/monotonic.js'
import { isSame } from '../log/entry.js'
import { consenting } from '../membership/consent.js'
import { changesParliament, parliament } from '../membership/government.js'
import { quorum } from '../membership/quorum.js'
import type { Ballot, Entry, Government } from '../messages/messages.js'

/** The suffix that an acceptor had accepted at its promise. */
export interface Accepted {
    readonly ballot: Ballot
    readonly entries: readonly Entry[]
    /** The government that the acceptor itself drafted under `ballot`; `null` without a draft. */
    readonly draft: Monotonic | null
}

/** The promises of an election, each with the id of the voter. */
export type Promises = readonly (readonly [string, Accepted])[]

/** Whether a suffix holds an entry. */
function holds({ entries }: Accepted, entry: Entry): boolean {
    return entries.some((each) => each.promise === entry.promise && isSame(each, entry))
}

/**
 * Leaves out the open government at the end of an adopted suffix, if the promises prove that no
 * leader has committed the government and no leader ever will.
 *
 * Let `P` be the parliament in force, `N` the parliament of the open government `G`, `n` the
 * candidate's ballot, and `b` the highest ballot under which a promise holds a suffix. Only the
 * owner of a ballot decides that an entry is committed under the ballot. The owner decides `G`
 * after a majority of `P` and a majority of `N` hold `G` under the ballot.
 *
 * 1. Above `b`, and below `n`: a decision needs a majority of `P` under a ballot above `b`. The
 *    majority and the promises share a voter, and the voter would show a ballot above `b`.
 * 2. Under `b`, if the promise of the owner of `b` is there and names `G` as the owner's own
 *    draft: the owner's log ends where the candidate's log ends, before `G`. So the owner has not
 *    decided `G`. The owner has promised `n`, so the owner never will.
 * 3. Below `b`, in the case of 2: the owner drafted `G` by free choice under `b`. So the owner's
 *    own election, or the majority that accepted the owner's last government under `b`, had shown
 *    that no entry was decided in the place of `G` under a lower ballot. (Paxos, P2c.)
 * 4. Under any ballot below `n`, if so many members of `N` have promised without holding `G`
 *    that the rest is no majority of `N`. If a promising member held `G` before and replaced the
 *    suffix, the replacement came under a higher ballot, whose election had shown that `G` was not
 *    decided.
 * 5. Under `b`, if `G` needs the consent of a member under `b` (`consent.ts`) and the promise of
 *    the member is there: the member has not consented. The member has promised `n`, so it never
 *    will. `G` was drafted under `b`, so case 3 holds for the ballots below.
 *
 * An adopted government is no draft: the earlier ballot may have decided the government. A
 * restarted owner has no draft either: its journal may end before its last decision.
 */
export function withdraw(
    government: Government,
    promises: Promises,
    best: Accepted
): readonly Entry[] {
    const last = best.entries.at(-1)
    if (last === undefined || !('majority' in last.body)) {
        return best.entries
    }
    const { body, promise } = last
    if (!changesParliament(government, body)) {
        return best.entries
    }
    const member = consenting(last, best.ballot)
    const isUndecided = promises.some(([voter, { ballot, draft }]) => {
        return voter === member?.id || (ballot === best.ballot && draft === promise)
    })
    const without = new Set(promises.filter(([, accepted]) => !holds(accepted, last))
        .map(([voter]) => voter))
    const voters = parliament(body)
    const others = voters.filter((voter) => !without.has(voter))
    return isUndecided || others.length < quorum(voters.length)
        ? best.entries.slice(0, -1)
        : best.entries
}
