import type { MemberLogger } from '../base/member-logger.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties, Republic } from '../paxos/messages/messages.js'
import { pause } from './backoff.js'
import type { Joining } from './joining.js'
import type { LogFollower } from './log-follower.js'
import { LongWait } from './long-wait.js'
import type { FoundingTerms } from './start-messages.js'
import { rejectContacts, type StartRequest } from './start-options.js'
import type { Starting } from './starting.js'

/** The parts of a Colleague that a start uses. */
export interface StartParts<Result> {
    readonly kibitzer: Kibitzer
    readonly starting: Starting
    readonly joining: Joining
    readonly follower: LogFollower<Result>
    readonly logger: MemberLogger
    readonly pingMs: number
    readonly now: () => number
    /** The properties of the member for its peers. */
    readonly properties: Properties
    /** The run of the service; `null` accepts any, and names a founded republic by itself. */
    readonly islandId: Republic | null
    /** The name of a republic that the member founds. */
    readonly name: Republic
    /** Whether the journal has brought back a membership. */
    readonly isMember: boolean
    /** Called after the member has founded a republic. */
    readonly onFound: () => void
}

/**
 * Brings a member to its republic: comes back by the journal, or else joins the republic that
 * answers, or else founds a republic together with the other founders. Resolves after the member
 * has applied all entries that were committed before.
 */
export async function start<Result>(
    parts: StartParts<Result>,
    { terms, discover, hasContacts }: StartRequest,
    signal: AbortSignal
): Promise<void> {
    const { kibitzer, starting, joining, follower, properties, islandId } = parts
    if (!parts.isMember) {
        if (!hasContacts) {
            rejectContacts(kibitzer.id)
        }
        const decision = await starting.decide(terms, islandId, discover, parts.name, signal)
        if (decision.kind === 'join') {
            await joining.run(decision.republic ?? islandId, discover, properties, signal)
        } else {
            kibitzer.bootstrap(decision.republic, properties)
            parts.onFound()
            await untilFounded(parts, terms, signal)
        }
    }
    const wait = new LongWait(parts.logger, 'start', parts.now)
    wait.note(() => reasonOf(kibitzer))
    try {
        await follower.whenCurrent
        await follower.naturalization.done
        await follower.barrier({ signal })
    } finally {
        wait.end()
    }
}

/**
 * Waits until a majority of the founders may vote: before that, the founder would serve clients
 * alone, from a single disk.
 */
async function untilFounded<Result>(
    { kibitzer, logger, pingMs, now }: StartParts<Result>,
    { founders, expect }: FoundingTerms,
    signal: AbortSignal
): Promise<void> {
    const wait = new LongWait(logger, 'start', now)
    const needed = Math.floor((founders?.length ?? expect ?? 1) / 2) + 1
    try {
        for (;;) {
            const { naturalized } = kibitzer.paxos.government
            const present = naturalized.filter((id) => founders?.includes(id) !== false)
            if (present.length >= needed) {
                return
            }
            wait.note(`waits for ${needed - present.length} more founders to join the republic`)
            await pause(pingMs, signal)
        }
    } finally {
        wait.end()
    }
}

/** Why a member does not make progress, in words, from its status. */
function reasonOf(kibitzer: Pick<Kibitzer, 'status'>): string {
    const { isLed, leader, superseded, leaderSeenMs, committed, role } = kibitzer.status()
    if (superseded !== null) {
        return `no leader of this founding answers; ${superseded.id} answers as a member of `
            + `another founding of ${superseded.republic}`
    }
    if (!isLed) {
        const seen = leaderSeenMs === null ? 'never' : `${leaderSeenMs} ms ago`
        return `no leader is known (role ${role}, last contact with a leader ${seen}); a majority `
            + 'of the parliament must run and be reachable'
    }
    return `${leader ?? 'no member'} leads, and this member has the log through ${committed}`
}
