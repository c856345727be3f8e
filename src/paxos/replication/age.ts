import type { Core } from '../core.js'
import { parliament } from '../membership/government.js'
import type { Answer, RequestHeader } from '../messages/messages.js'
import type { PeerProgress } from './peer-progress.js'
import { isLeading, majoritySince, writerOf } from '../standing.js'

// The age of a member's committed log: an upper bound, measured without synchronized clocks. If a
// member says `age`, every entry that any member had committed more than `age` milliseconds ago is
// in the member's committed log.
//
// 1. The leader. A majority has obeyed requests that the leader sent at or after an instant. So no
//    higher ballot had a majority before the instant, and each entry that was committed before is
//    in the leader's log. The entry is in the committed log if it lies before a milestone that the
//    leader has committed (`Freshness.coveredAt`).
// 2. Every other member. A request carries the age of the sender's log, and the *echo*: the instant
//    of the receiver's last answer to the sender, by the receiver's own time. The sender got the
//    answer before it sent the request. So at the instant of the echo, the sender's log was at most
//    as old as the age in the request. The receiver's log contains the sender's committed log, or
//    soon will.
// 3. The ages add up down the tree: leader, majority, minority, constituents. Each member measures
//    by its own clock alone, and counts a millisecond that has begun as a whole.
//
// The age grows by a pause of the process in full. A step back of the clock, and a restart, make
// the age unknown, up to a request that echoes a later answer. A request of an earlier version of
// the engine has no age.

/**
 * The limit of the time at the end of a journal that a crash may undo, in milliseconds of the
 * member's own time. Within this time, a member answers inputs that change no claim (`claims.ts`)
 * before the inputs are recorded.
 */
export const UNRECORDED_MS = 60_000

/**
 * The age of the committed log, in milliseconds; `null` if unknown. An exiled member takes no input
 * of the calendar, so the member would miss a step back of its clock.
 */
export function ageOf({ now, citizenship, freshness: { freshAt } }: Core): number | null {
    const isKnown = freshAt !== Number.NEGATIVE_INFINITY && !citizenship.exiled
    return isKnown ? now - freshAt + 1 : null
}

/**
 * Whether no other member can commit an entry, and no entry may be committed without the member's
 * knowledge: the member leads, is the only voter, and has no open entry. A restart forgets commits
 * of open entries, such as a government with more voters.
 */
export function decidesAlone(core: Core): boolean {
    const { head, committed } = core.log
    return isLeading(core) && parliament(core.government).length === 1 && head === committed
}

/** Takes rule 1, at a leader. */
export function confirmAge(core: Core): void {
    const writer = writerOf(core)
    if (writer === null || writer.establishing) {
        // The votes of the election prove nothing about the time of the election.
        return
    }
    const { log, freshness, now } = core
    const coveredAt = freshness.coveredAt(writer.ballot, log.head, log.committed, now)
    if (coveredAt > freshness.freshAt) {
        const at = Math.min(coveredAt, majoritySince(core))
        if (freshness.isSteady(at)) {
            freshness.raise(at)
        }
    }
}

/** Keeps the instant of an answer, for the echo in later requests to the peer. */
export function keepEcho(peer: PeerProgress, { at }: Answer): void {
    if (at !== undefined) {
        peer.echo = Math.max(at, peer.echo ?? at)
    }
}

/** The instant of an answer, for the echo in later requests to the member. */
export function instantOfAnswer({ now, freshness: { echoBase } }: Core): number {
    return now + echoBase
}

/** The member's own time of an echoed answer; before the restart if the answer was. */
export function timeOfEcho({ freshness: { echoBase } }: Core, echo: number): number {
    return echo - echoBase
}

/** Takes rule 2, after the member has taken the entries of a request. */
export function takeAge(core: Core, { age, echo, committed }: RequestHeader): void {
    const { freshness, now } = core
    if (age === undefined || echo === undefined) {
        return
    }
    const answeredAt = timeOfEcho(core, echo)
    if (answeredAt <= now && freshness.isSteady(answeredAt)) {
        freshness.takeMessage(committed, answeredAt - age, core.committed)
    }
}
