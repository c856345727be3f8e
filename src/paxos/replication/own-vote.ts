import type { Monotonic } from '../../base/monotonic.js'
import type { Core } from '../core.js'
import type { Log } from '../log/log.js'
import { isGovernment, population } from '../membership/government.js'
import { sendsEarly } from '../membership/versions.js'
import type { Register } from '../messages/messages.js'
import type { Stable } from './own-disk.js'

// The disk of a member is a voter that answers. A leader with a journal sends entries at once,
// while its own disk still writes them. The leader counts itself for an entry only after the disk
// has answered, like any other voter: by the input `stable`.
//
// A crash may take any records without an answer of the disk. So:
//
// 1. A leader counts itself only through `stable` (`heldThrough`).
// 2. A run tells which of its entries are on the leader's disk (`Register.stable`), so that a voter
//    commits by the pair rule (`commit.ts`) only entries on two disks.
// 3. A restarted leader never continues under its old ballot: the earlier process may have sent
//    other entries under the ballot (`mayHaveSentMore`).
// 4. The members drop entries that all members have committed. The leader counts itself only
//    through the commit mark on its disk: after a crash, the leader asks for later entries.
// 5. If the disk does not answer for a `timeout`, the leader stops writing, as after the silence
//    of a majority.
//
// A member without a journal, and a member of a republic of version 1, has no such voter: the
// member counts itself at once. With a journal, its messages then wait for the disk.

/** Whether the member's own disk votes: the member sends entries before the disk holds them. */
export function diskVotes({ ownDisk, citizenship }: Core): boolean {
    return ownDisk.isThere && sendsEarly(citizenship.government)
}

/** The position through which the member holds the log under its ballot, as a voter. */
export function ownVote(core: Core): number {
    const { role, ownDisk, log } = core
    if (!diskVotes(core)) {
        return log.head
    }
    return role.name === 'elected' && role.writer.ballot === ownDisk.ballot ? ownDisk.through : -1
}

/** Whether the leader waits for an answer of the disk. */
function isVoteAwaited(core: Core): boolean {
    return core.role.name === 'elected' && diskVotes(core) && ownVote(core) < core.log.head
}

/** The answer that the leader waits for; `null` if the leader waits for none. */
export function awaitedVote(core: Core): Stable | null {
    const { role, log } = core
    if (role.name !== 'elected' || !isVoteAwaited(core)) {
        return null
    }
    const promise = log.promiseAt(log.head)
    return Object.freeze({ ballot: role.writer.ballot, promise, committed: core.committed })
}

/**
 * The statement in the runs of a leader, by rule 2; empty if the disk does not vote. Committed
 * entries need no disk.
 */
export function statedVote(core: Core): Pick<Register, 'stable'> {
    const { log } = core
    return diskVotes(core)
        ? { stable: log.promiseAt(Math.max(ownVote(core), log.committed)) }
        : {}
}

/** Takes an answer of the disk. An answer under another ballot changes nothing. */
export function takeVote(core: Core, { ballot, promise, committed }: Stable): void {
    const { role, log, ownDisk } = core
    const position = log.positionOf(promise)
    if (role.name !== 'elected' || role.writer.ballot !== ballot || position === -1) {
        return
    }
    const isSame = ownDisk.ballot === ballot
    ownDisk.ballot = ballot
    ownDisk.through = isSame ? Math.max(ownDisk.through, position) : position
    ownDisk.committed = Math.max(ownDisk.committed, log.positionOf(committed))
    ownDisk.askedAt = Number.NEGATIVE_INFINITY
}

/** Notes since when the leader waits for its disk. */
export function observeDisk(core: Core): void {
    const { ownDisk } = core
    if (!ownDisk.isThere) {
        return
    }
    if (!isVoteAwaited(core)) {
        ownDisk.askedAt = Number.NEGATIVE_INFINITY
    } else if (ownDisk.askedAt === Number.NEGATIVE_INFINITY) {
        ownDisk.askedAt = core.now
    }
}

/** For how many milliseconds the leader has waited for its disk. */
export function diskSilence({ ownDisk: { askedAt }, now }: Core): number {
    return askedAt === Number.NEGATIVE_INFINITY ? 0 : now - askedAt
}

/** The member's commit mark for the minimum, by rule 4. */
export function keptCommitted(core: Core): Monotonic {
    const { ownDisk, log } = core
    if (!diskVotes(core)) {
        return core.committed
    }
    return ownDisk.committed < log.first ? '0/0' : log.promiseAt(ownDisk.committed)
}

/**
 * Whether the earlier process of a restarted leader may have sent entries under its ballot that the
 * disk does not hold.
 *
 * A leader that is the only citizen has sent nothing: the first message to another citizen follows
 * the commit of its admission, and only the disk decides on that commit. If the log ends with an
 * open government, the earlier process may have committed the government.
 */
export function mayHaveSentMore(core: Core): boolean {
    const { government, log } = core
    return diskVotes(core) && (population(government) > 1 || endsOpen(log))
}

function endsOpen(log: Log): boolean {
    return log.head > log.committed && isGovernment(log.promiseAt(log.head))
}
