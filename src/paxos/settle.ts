import { appointNext } from './agenda.js'
import type { Core } from './core.js'
import { moveHandover, tellSuccessor } from './departure/cede.js'
import { tellExiles } from './departure/exile-notice.js'
import { retire } from './departure/retire.js'
import { enact } from './enact.js'
import { reshape } from './membership/reshape.js'
import { writesBeforeGovernments } from './membership/versions.js'
import { confirmAge } from './replication/age.js'
import { commitAgreed } from './replication/commit.js'
import { feed } from './replication/feeding.js'
import { keptCommitted, observeDisk } from './replication/own-vote.js'
import { writeProposals } from './replication/proposals.js'
import { isLeading, writerOf } from './standing.js'

/**
 * All consequences of an input, in order. `enact.ts` has the consequences of a government.
 *
 * @param isPingDue Whether members without news get a ping.
 */
export function settle(core: Core, isPingDue: boolean): void {
    const { citizenship, settings: { keeping, kept, underWay } } = core
    if (!citizenship.exiled) {
        moveHandover(core)
        write(core)
    }
    if (citizenship.exiled) {
        // A leader may just have completed its own exile.
        retire(core)
        return
    }
    core.tenure.observe(core.log, core.now)
    observeDisk(core)
    confirmAge(core)
    feedAll(core, isPingDue, true)
    if (isLeading(core)) {
        core.minimum.raise(core.minimum.reduce(keptCommitted(core)).reduced)
    }
    core.log.trim(core.minimum.propagated)
    core.log.bound(keeping, kept, underWay)
    appointNext(core)
}

/** Proposes governments, writes and commits, until the commit mark rests. */
function write(core: Core): void {
    for (;;) {
        const writer = writerOf(core)
        if (writer === null) {
            return
        }
        if (writesBeforeGovernments(core.government)) {
            // Otherwise the proposals would wait for each government of a row of governments.
            writeProposals(core, writer)
        }
        reshape(core, writer)
        writeProposals(core, writer)
        if (!commitAgreed(core, writer)) {
            return
        }
        enact(core)
    }
}

/**
 * Sends all due requests: entries and commit marks, the message to a successor, and the messages to
 * exiled members.
 *
 * @param mayWait Whether a commit mark may wait for the next entries.
 */
export function feedAll(core: Core, isPingDue: boolean, mayWait: boolean): void {
    feed(core, isPingDue, mayWait)
    tellSuccessor(core)
    tellExiles(core)
}
