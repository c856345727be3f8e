import { quiet } from '../base/callbacks.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { RetryDelay } from './backoff.js'
import type { Discover } from './discovery.js'
import type { Starting } from './starting.js'

/** The parts of a Colleague that search for moved members. */
export interface SearchParts {
    readonly kibitzer: Pick<Kibitzer, 'destroyed' | 'locate' | 'paxos' | 'status'>
    readonly starting: Pick<Starting, 'find'>
    readonly pingMs: number
    readonly random: () => number
}

/** The longest pause between two rounds of questions, in pings. */
const PAUSE_PINGS_MAX = 16

/**
 * Searches the members of the republic whose addresses have changed while this member was away: if
 * every member has moved, no address in the journal leads to a member. While no leader reaches this
 * member, or while no reached member holds the entries that this member lacks, asks the found
 * addresses, and tells the engine which member answers there. Ends with the signal. Never rejects.
 */
export function searchPeers(
    parts: SearchParts, discover: Discover, signal: AbortSignal
): Promise<void> {
    return quiet(search(parts, discover, signal)).catch(() => {})
}

async function search(
    { kibitzer, starting, pingMs, random }: SearchParts, discover: Discover, signal: AbortSignal
): Promise<void> {
    const backoff = new RetryDelay(pingMs, PAUSE_PINGS_MAX * pingMs, random)
    for (;;) {
        await backoff.wait(signal)
        const { isLed, leftBehind } = kibitzer.status()
        const { republic, id } = kibitzer.paxos
        if (isLed && !leftBehind.includes(id)) {
            continue
        }
        for (const { answer, properties } of await starting.find(discover, republic, signal)) {
            if (answer?.islandId === republic && !kibitzer.destroyed) {
                kibitzer.locate(answer.id, properties)
            }
        }
    }
}
