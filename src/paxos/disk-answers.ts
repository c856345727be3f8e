import { advanceTime } from './agenda.js'
import type { Core } from './core.js'
import type { Ballot } from './messages/messages.js'
import type { Stable } from './replication/own-disk.js'
import { awaitedVote, diskVotes, takeVote } from './replication/own-vote.js'
import { settle } from './settle.js'
import { writerOf } from './standing.js'

/** How the member depends on its own disk, as of the last input. */
export interface DiskView {
    /** Whether messages leave before the disk holds their records. */
    readonly isEarly: boolean
    /** The ballot under which the member writes early; `null` without such a ballot. */
    readonly ballot: Ballot | null
    /** The answer of the disk that the leader waits for; `null` if the leader waits for none. */
    readonly awaited: Stable | null
}

const LATE: DiskView = Object.freeze({ isEarly: false, ballot: null, awaited: null })
const WITHOUT_BALLOT: DiskView = Object.freeze({ isEarly: true, ballot: null, awaited: null })

/** How the member depends on its own disk. */
export function diskViewOf(core: Core): DiskView {
    if (!diskVotes(core)) {
        return LATE
    }
    const writer = writerOf(core)
    return writer === null
        ? WITHOUT_BALLOT
        : { isEarly: true, ballot: writer.ballot, awaited: awaitedVote(core) }
}

/** Takes an answer of the member's own disk. */
export function stable(core: Core, now: number, answer: Stable): void {
    advanceTime(core, now, core.agenda.next())
    if (!core.citizenship.exiled) {
        takeVote(core, answer)
        settle(core, false)
    }
}
