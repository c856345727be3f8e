import { appoint, isAppointed } from '../agenda.js'
import type { Core } from '../core.js'
import { awaited } from '../membership/consent.js'
import { parliament } from '../membership/government.js'
import { deciding } from '../membership/open-government.js'
import { outOfReach } from '../membership/situation.js'
import { send } from '../messages/send.js'
import {
    heldThrough, isLeading, namesOf, peerOf, peersOf, rivals, writerOf
} from '../standing.js'
import { isAgreed } from './commit.js'
import { constituency } from './constituency.js'
import { diskSilence, statedVote } from './own-vote.js'
import type { PeerProgress } from './peer-progress.js'
import { learnersRation, votersRation, type Ration } from './rations.js'
import { bound } from './run-size.js'
import { silenceOf } from './silence.js'

// Which peers the member sends entries to, and when. `rations.ts` decides which entries a peer
// gets.

const NONE: readonly string[] = []

/** How long a commit mark may wait for the next entries, in milliseconds. */
const LINGER = 2

/**
 * The voters to which a writer writes, and no voter without a writer. In stable times: the named
 * majority. During an election, and while a voter of the majority is silent for a `ping`: the
 * minority too.
 */
export function votersToWriteTo(core: Core): readonly string[] {
    const writer = writerOf(core)
    if (writer === null) {
        return NONE
    }
    const { log, government, departure: { handover }, settings } = core
    const parliaments = deciding(log, government)
    const isPlain = parliaments.length === 1 && handover === null
    const majority = isPlain ? government.majority : allMajorities(core, parliaments)
    const consents = awaited(log, writer.ballot)
    const isShort = diskSilence(core) >= settings.ping || majority.some((id) => {
        const peer = peerOf(core, id)
        return peer !== null && silenceOf(peer, core.now) >= settings.ping
    })
    const voters = isShort || writer.establishing
        ? [...new Set(parliaments.flatMap((seats) => parliament(seats)))]
        : majority
    return consents === null ? voters : withConsentLast(core, voters, consents.id)
}

/**
 * A member that must consent to its own exile gets the exile last, after all majorities have
 * agreed.
 */
function withConsentLast(core: Core, voters: readonly string[], id: string): readonly string[] {
    const others = voters.filter((voter) => voter !== id)
    const hasAgreed = isAgreed(core.log, core.government, (voter) => heldThrough(core, voter))
    return hasAgreed ? [...others, id] : others
}

/** The majorities of all deciding parliaments, and the successor of a handover if it has a seat. */
function allMajorities(core: Core, parliaments: ReturnType<typeof deciding>): readonly string[] {
    const { government, departure: { handover } } = core
    const successor = parliament(government).filter((id) => id === handover?.to.id)
    return [...new Set([...parliaments.flatMap((seats) => seats.majority), ...successor])]
}

/** The members that the member feeds, the voters first. */
function fedMembers(core: Core, voters: readonly string[], due: boolean): readonly string[] {
    const fed = constituency(core.government, core.id)
    const orphans = isLeading(core) ? membersWithoutFeeder(core, due) : NONE
    if (orphans.length === 0 && fed.every((id) => voters.includes(id))) {
        return voters
    }
    const isBare = voters.length + orphans.length === 0
    return isBare ? fed : [...new Set([...voters, ...fed, ...orphans])]
}

/**
 * The members that the leader feeds in place of their feeders. A leader exiles no member on the
 * report of a peer, so the leader asks the reported member. A silent feeder that keeps its seat
 * feeds no member.
 */
function membersWithoutFeeder(core: Core, due: boolean): readonly string[] {
    const { now, settings: { ping, timeout }, government } = core
    const voters = rivals(core)
    const isSilent = (peer: PeerProgress): boolean => silenceOf(peer, now) >= 2 * ping
    const silent = voters.some(isSilent) ? voters.filter(isSilent) : []
    const reported = core.silenceReports.recent(now, timeout)
    const unsure = due ? membersOfUnknownReach(core) : NONE
    if (silent.length + reported.length + unsure.length === 0) {
        return NONE
    }
    const orphans = silent.flatMap((peer) => constituency(government, peer.id))
    return [...namesOf(core, reported), ...orphans, ...unsure]
}

/**
 * The voters, and the constituents that may hold a seat, to which the leader may be unable to send
 * all missing entries: the position is unknown, or the leader will soon drop the entries or has
 * dropped them. The leader asks for the positions. In the end a member with lost entries is exiled,
 * and the rest may take a seat.
 */
function membersOfUnknownReach(core: Core): readonly string[] {
    const { constituents, naturalized } = core.government
    const eligible = peersOf(core, constituents.filter((id) => naturalized.includes(id)))
    return outOfReach(core, [...rivals(core), ...eligible])
}

/**
 * Sends each fed member its missing entries and the commit mark, or a ping if there is nothing to
 * send and a ping is due.
 *
 * @param due Whether a member without a request for a `ping` gets a ping.
 * @param patient Whether a commit mark may wait for the next entries.
 */
export function feed(core: Core, due: boolean, patient: boolean): void {
    const voters = votersToWriteTo(core)
    for (const peer of peersOf(core, fedMembers(core, voters, due))) {
        const isDue = due && core.now - peer.sentAt >= core.settings.ping
        if (peer.failures < 2 || isDue) {
            const votes = voters.includes(peer.id)
            feedPeer(core, peer, votes, isDue, patient)
            appointRestOfMarks(core, peer, votes)
        }
    }
}

/**
 * Feeds one peer at once, in the member's constituency or not: a peer must be level before it can
 * vote.
 *
 * @param isLast Whether the member cannot send later. Then the run leaves in spite of calls under
 * way.
 */
export function feedAtOnce(core: Core, peer: PeerProgress, isLast: boolean): void {
    feedPeer(core, peer, false, isLast, false)
}

/**
 * Whether a commit mark may wait. A voter's mark travels with the next run; a learner's mark waits
 * if the last request to the learner is recent. If a publisher at or below the peer waits for the
 * mark, the mark does not wait.
 */
function mayWait(core: Core, peer: PeerProgress, votes: boolean): boolean {
    const isRecent = votes || core.now - peer.sentAt < LINGER
    return isRecent && peer.awaited <= peer.informedThrough(votes)
}

/** Appoints the sending of a waiting commit mark, in case that no entry follows. */
function appointRestOfMarks(core: Core, peer: PeerProgress, votes: boolean): void {
    const isOwed = peer.awaiting === 0 && peer.informedThrough(votes) < core.log.committed
    if (isOwed && mayWait(core, peer, votes) && !isAppointed(core, 'feed')) {
        appoint(core, 'feed', LINGER)
    }
}

function feedPeer(
    core: Core, peer: PeerProgress, votes: boolean, due: boolean, patient: boolean
): void {
    const { log, settings: { feeding: most } } = core
    const { run, catchUp } = most
    // The first run under a ballot stays whole.
    const feeding = peer.runSize === null
        ? most
        : { ...most, run: bound(run, peer.runSize), catchUp: bound(catchUp, peer.runSize) }
    for (let pinging = due; ; pinging = false) {
        const waits = patient && mayWait(core, peer, votes)
        const ration = votes
            ? votersRation(log, peer, feeding, pinging, waits)
            : learnersRation(log, peer, feeding, pinging, waits)
        if (ration === null) {
            return
        }
        sendRation(core, peer, ration, votes)
    }
}

function sendRation(core: Core, peer: PeerProgress, ration: Ration, votes: boolean): void {
    const { welcome, previous, entries, last } = ration
    peer.marked = core.log.committed
    peer.next = Math.max(peer.next, last + 1)
    const writer = votes && welcome === null ? writerOf(core) : null
    const run = writer === null
        ? { method: 'synchronize', welcome, previous, entries } as const
        : {
            method: 'register', ballot: writer.ballot, previous, entries, ...statedVote(core)
        } as const
    send(core, peer, peer.lostAt === null ? run : { ...run, trimmed: true }, last)
}
