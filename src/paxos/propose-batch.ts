import { GAP } from '../base/publish-identity.js'
import type { Core } from './core.js'
import type { Republic } from './messages/messages.js'
import type { EnqueueOutcome, Proposal } from './messages/proposals.js'
import { type BatchAnswer, proposeAll } from './replication/proposals.js'
import { settle } from './settle.js'
import { rejectOrder, writerOf } from './standing.js'

/**
 * Proposes the entries of a batch at a leader, in order. A member that cannot write changes
 * nothing.
 *
 * @param founding The founding to which the publisher belongs.
 * @returns The answer of `proposeAll`; `null` if the member cannot write.
 */
export function proposeBatch(
    core: Core, republic: Republic, entries: readonly Proposal[], founding: string
): BatchAnswer {
    const isOurs = founding === core.citizenship.founding && rejectOrder(core, republic) === null
    const writer = isOurs ? writerOf(core) : null
    if (writer === null) {
        return null
    }
    const promises = proposeAll(core, writer, entries)
    settle(core, false)
    return promises
}

/** Proposes one entry of this founding; see `proposeBatch`. */
export function proposeOne(core: Core, republic: Republic, entry: Proposal): EnqueueOutcome {
    const promises = proposeBatch(core, republic, [entry], core.citizenship.founding)
    if (promises === null || promises === GAP) {
        return { enqueued: false, leader: rejectOrder(core, republic)?.leader ?? null }
    }
    return { enqueued: true, leader: core.id, promise: promises[entry.cookie] ?? '0/0' }
}
