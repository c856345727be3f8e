import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties, Republic } from '../paxos/messages/messages.js'
import { pause } from './backoff.js'
import type { Joining } from './joining.js'
import type { LogFollower } from './log-follower.js'
import { moveTo } from './own-properties.js'
import { searchPeers } from './peer-search.js'
import type { FoundingTerms } from './start-messages.js'
import { rejectContacts, type StartRequest } from './start-options.js'
import type { Starting } from './starting.js'

/** The parts of a Colleague that a start uses. */
export interface StartParts<Result> {
    readonly kibitzer: Kibitzer
    readonly starting: Starting
    readonly joining: Joining
    readonly follower: LogFollower<Result>
    readonly pingMs: number
    readonly random: () => number
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
    const ended = new AbortController()
    if (hasContacts) {
        void searchPeers(parts, discover, AbortSignal.any([signal, ended.signal]))
    }
    try {
        await follower.whenCurrent
        await follower.naturalization.done
        await follower.passBarrier(signal)
        // The log may know a returned member by its former address.
        await moveTo(kibitzer, properties, signal)
    } finally {
        ended.abort()
    }
}

/**
 * Waits until a majority of the founders may vote: before that, the founder would serve clients
 * alone, from a single disk.
 */
async function untilFounded<Result>(
    { kibitzer, pingMs, starting }: StartParts<Result>,
    { founders, expect }: FoundingTerms,
    signal: AbortSignal
): Promise<void> {
    const needed = Math.floor((founders?.length ?? expect ?? 1) / 2) + 1
    try {
        for (;;) {
            const { naturalized } = kibitzer.paxos.government
            const present = naturalized.filter((id) => founders?.includes(id) !== false)
            if (present.length >= needed) {
                return
            }
            starting.waitForFounders(needed - present.length)
            await pause(pingMs, signal)
        }
    } finally {
        starting.waitForFounders(0)
    }
}
