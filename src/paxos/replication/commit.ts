import type { Core } from '../core.js'
import type { Log } from '../log/log.js'
import { awaited } from '../membership/consent.js'
import { isGovernment, parliament } from '../membership/government.js'
import { deciding } from '../membership/open-government.js'
import { sendsEarly } from '../membership/versions.js'
import { heldByMajority, quorum } from '../membership/quorum.js'
import type { Ballot, Government, Register } from '../messages/messages.js'
import { heldThrough, holdsSeat, isSeated } from '../standing.js'
import { markedPosition } from './recorder.js'
import type { Writer } from './writer.js'

// When an entry is committed:
//
// 1. An entry is committed when a majority of the parliament in force holds the entry under the
//    writer's ballot.
// 2. A government that changes the parliament also needs a majority of the new parliament, and
//    sometimes the consent of the member that the government exiles (`membership/consent.ts`).
// 3. If a majority of the parliament is two, a voter that accepts an entry from the leader knows
//    at once that the entry is committed: leader and voter are a majority. The leader says in the
//    run which entries are on its disk (`own-vote.ts`); the rule concerns no other entry.
//
// The functions here only move the commit mark. `enact.ts` puts committed entries into effect.

/** Whether a majority of each parliament that decides on the last entry holds the entry. */
export function isAgreed(
    log: Log,
    government: Government,
    held: (id: string) => number
): boolean {
    return deciding(log, government).every((seats) => {
        return heldByMajority(parliament(seats), held) >= log.head
    })
}

/**
 * The last position that a writer may commit, by rules 1 and 2.
 *
 * @param held The position through which a voter holds the log under this ballot.
 */
export function committable(
    log: Log,
    government: Government,
    ballot: Ballot,
    held: (id: string) => number
): number {
    if (log.head === log.committed) {
        return log.committed
    }
    const position = Math.min(heldByMajority(parliament(government), held), log.head)
    if (position <= log.committed) {
        return log.committed
    }
    if (position < log.head) {
        return position
    }
    const consents = awaited(log, ballot)
    const isConsented = consents === null || held(consents.id) >= log.head
    return isConsented && isAgreed(log, government, held) ? position : position - 1
}

/** Commits all entries that the writer may commit. Returns whether the commit mark moved. */
export function commitAgreed(core: Core, { ballot }: Writer): boolean {
    const { log } = core
    const position = committable(log, core.government, ballot, (id) => heldThrough(core, id))
    if (position === log.committed) {
        return false
    }
    log.commitThrough(position)
    return true
}

/**
 * Commits, by rule 3, the entries that the voter has accepted from the leader. An open government
 * waits for the leader's commit mark, because the government may need two majorities.
 *
 * @returns Whether the rule applies.
 */
export function commitByPair(core: Core, run: Register): boolean {
    const { ballot, from } = run
    const { log, acceptance, government } = core
    const isPair = quorum(parliament(government).length) === 2
    const applies =
        isPair && acceptance.accepted === ballot && isSeated(core) && holdsSeat(core, from)
    if (applies) {
        const last = Math.max(log.committed, stablePosition(core, run))
        log.commitThrough(isGovernment(log.promiseAt(last)) ? last - 1 : last)
    }
    return applies
}

/**
 * The position through which the leader's disk holds the log. A run without a statement left after
 * the disk had written its entries, or the leader has no disk. A later run may have overtaken it.
 */
function stablePosition({ log, government }: Core, run: Register): number {
    const { stable, previous, entries } = run
    const last = stable ?? entries[entries.length - 1]?.promise ?? previous
    return stable === undefined && !sendsEarly(government) ? log.head : markedPosition(log, last)
}
