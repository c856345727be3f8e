import { Monotonic } from '../../base/monotonic.js'
import type { Core } from '../core.js'
import { collapse, restartCampaign, stopWriting } from '../election/election.js'
import { petition } from '../election/petition.js'
import { enact } from '../enact.js'
import type { Ahead, Entry } from '../messages/messages.js'
import { isSeated } from '../standing.js'
import type { PeerProgress } from './peer-progress.js'
import { learn } from './recorder.js'

/**
 * Appends entries that a peer reports as committed. If the entries differ from the member's own
 * suffix, the member stops writing. If the entries are the same, the peer only learned of the
 * commit first.
 *
 * @param through The peer's last committed entry. If the member still lacks entries up to
 * `through`, more entries follow, and a campaign of the member waits for them.
 */
export function catchUp(
    core: Core,
    previous: Monotonic,
    entries: readonly Entry[],
    through: Monotonic
): void {
    const { log } = core
    const { committed, last } = log
    learn(log, previous, entries)
    if (log.committed === committed) {
        return
    }
    if (log.last !== last) {
        stopWriting(core)
    }
    enact(core)
    restartCampaign(core, Monotonic.compare(core.committed, through) >= 0)
}

/** Takes the entries of a peer with a longer committed log. */
export function onAhead(
    core: Core, peer: PeerProgress, { previous, entries, committed }: Ahead
): void {
    const before = core.log.committed
    const wasElected = core.role.name === 'elected'
    catchUp(core, previous, entries, committed)
    const hasLearned = core.log.committed > before
    if (hasLearned) {
        peer.feeds = true
    }
    if (wasElected && core.role.name !== 'elected' && isSeated(core)) {
        // The promises of the election concern the shorter log.
        collapse(core)
        return
    }
    const isBehind = Monotonic.compare(core.committed, committed) < 0
    const mayAsk = core.role.name === 'following' || (core.role.name === 'campaigning' && isBehind)
    if (hasLearned && mayAsk) {
        // The member has no feeder, or the feeder's log begins too late: the member asks for the
        // next entries.
        petition(core, peer)
    }
}
