import type { Monotonic } from '../../base/monotonic.js'
import { own } from '../../base/own-property.js'
import type { Government } from '../messages/messages.js'
import { majoritySeats, parliament, type ShapedGovernment } from './government.js'
import { UNCHANGED } from './shaper.js'

/**
 * The first government of a newly elected leader: the leader first, then the willing voters, then
 * the rest of the voters. The leader that has ceded may end soon, so this member is the last of the
 * willing: the writer waits for the other members first. The set of voters stays the same.
 *
 * @param willing Immigration promises of the voters that promised, or would have promised.
 * @param ceded The incarnation of the leader that has ceded; `null` without such a leader.
 */
export function cabinet(
    government: Government, id: string, willing: readonly Monotonic[],
    ceded: Monotonic | null = null
): ShapedGovernment {
    const rankOf = (voter: string): number => {
        const promise = own(government.immigrated.promise, voter) ?? '0/0'
        const isWilling = willing.includes(promise)
        return [voter === id, isWilling && promise !== ceded, isWilling, true].indexOf(true)
    }
    const ranked = parliament(government).toSorted((a, b) => rankOf(a) - rankOf(b))
    const seats = majoritySeats(government)
    return { ...UNCHANGED, majority: ranked.slice(0, seats), minority: ranked.slice(seats) }
}
