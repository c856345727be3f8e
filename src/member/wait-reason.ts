import type { JournalStat } from '../journal/journal.js'
import type { Paxos } from '../paxos/paxos.js'
import type { RefusalCounts, RefusedRuns } from '../transport/refusals.js'
import type { Supersession } from './superseded.js'

/** The facts of a member that may be the reason for a wait. */
export interface WaitFacts {
    readonly paxos: Pick<Paxos, 'contact' | 'government' | 'id' | 'inspect'>
    readonly superseded: Supersession | null
    readonly journal: JournalStat | null
    /** The number of publishes and barriers that are not in the log. */
    readonly pending: number
    /** The number of entries that wait for the application or a reader. */
    readonly backlog: number
    readonly refused: RefusalCounts
    readonly refusedRuns: RefusedRuns
}

/** No leader is known: the reason, with the last leader and the silent voters. */
function leaderless({ paxos, superseded }: WaitFacts): string | null {
    const { isLed, leaderSeenMs } = paxos.contact()
    if (superseded !== null) {
        return `no leader of this founding answers; ${superseded.id} answers as a member of `
            + `another founding of ${superseded.republic}`
    }
    if (isLed) {
        return null
    }
    const { role, silent } = paxos.inspect()
    if (role === 'leader') {
        return `no majority of the parliament answers this leader (silent: ${silent.join(', ')})`
    }
    const [leader = 'a leader'] = paxos.government.majority
    const seen = leaderSeenMs === null ? 'never' : `${leaderSeenMs} ms ago`
    return `no leader is known (role ${role}, last contact with ${leader} ${seen}); a majority of `
        + 'the parliament must run and be reachable'
}

/** The engine waits for other members: an open government, or lost entries. */
function openOrLost({ paxos }: WaitFacts): string | null {
    const { open, leftBehind } = paxos.inspect()
    if (open !== null && open.missing.length > 0) {
        return `the government ${open.promise} waits for the votes of ${open.missing.join(', ')}`
    }
    return leftBehind.includes(paxos.id)
        ? 'no member holds the entries that this member lacks; the leader will exile this member'
        : null
}

/** A peer, or a proxy on the way, refuses the calls of the member. */
function refusing({ refused, refusedRuns, paxos }: WaitFacts): string | null {
    for (const [peer, { status, first, last }] of Object.entries(refusedRuns)) {
        return `${peer}, or a proxy on the way, refuses the entries ${first} to ${last} `
            + `with ${status}`
    }
    const [leader = ''] = paxos.government.majority
    const counts = Object.entries(refused[leader] ?? {})
    return leader === paxos.id || counts.length === 0
        ? null
        : `${leader} leads, and has refused calls: `
            + counts.map(([status, count]) => `${count} with ${status}`).join(', ')
}

/**
 * The reason why a member makes no progress, in words, with the peer if there is one. The first
 * reason of this order counts: the republic, the peers, the disk, the application.
 */
export function waitReason(facts: WaitFacts): string {
    const { paxos, journal, pending, backlog } = facts
    const { role, committed } = paxos.inspect()
    if (role === 'stranger') {
        return 'this member is not admitted to a republic; a member must accept it (join), or this '
            + 'member must found the republic (bootstrap)'
    }
    const reason = leaderless(facts) ?? openOrLost(facts)
    if (reason !== null) {
        return reason
    }
    if (pending === 0 && backlog > 0) {
        return `the application has not applied ${backlog} entries`
    }
    const unflushed = journal === null ? 0 : journal.last - journal.stable
    const disk = unflushed > 0 ? `the disk has not confirmed ${unflushed} records` : null
    const [leader = 'no member'] = paxos.government.majority
    return refusing(facts) ?? disk
        ?? `${leader} leads, and this member has the log through ${committed}`
}
