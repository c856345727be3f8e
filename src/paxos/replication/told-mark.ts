import type { Monotonic } from '../../base/monotonic.js'
import type { Core } from '../core.js'
import type { Government } from '../messages/messages.js'
import { diskVotes } from './own-vote.js'

// The commit mark that the answers of a member tell. An answer waits for the record of its claims.
// So the answer to a run that brings nothing but a commit mark would cost a synchronization, and
// the next entries would wait for its end. Such an answer repeats the earlier mark instead, and
// leaves at once. The member tells the new mark with the next entries, or after the next run
// without a new mark. Until then the others keep the entries that a restarted member may ask for.

/** What a run may change, as of before the run. */
export interface MarkBefore {
    readonly told: Monotonic
    readonly head: number
    readonly committed: number
    readonly accepted: Monotonic
    readonly government: Government
}

/** The commit mark that the answers of the member tell. */
export function toldCommitted(core: Core): Monotonic {
    return core.ownDisk.told ?? core.committed
}

/** Call before a run is taken. */
export function markBefore(core: Core): MarkBefore {
    const { log: { head, committed }, acceptance: { accepted }, government } = core
    return { told: toldCommitted(core), head, committed, accepted, government }
}

/** Call after a run was taken, before the answer. */
export function holdMark(core: Core, before: MarkBefore): void {
    const { log, acceptance, government, ownDisk } = core
    const isMarkAlone = log.committed > before.committed && log.head === before.head &&
        acceptance.accepted === before.accepted && government === before.government
    ownDisk.told = isMarkAlone && diskVotes(core) ? before.told : null
}
