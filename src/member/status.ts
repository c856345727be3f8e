import type {
    CertificateFinding, CertificateFindings
} from '../transport/security/certificate-findings.js'
import type { Player } from './player.js'
import type { IslanderHealth } from '../publisher/islander-types.js'
import type { KibitzError } from '../base/errors.js'
import type { JournalStat } from '../journal/journal.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Government, Republic } from '../paxos/messages/messages.js'
import type { Inspection, OpenGovernment } from '../paxos/inspect.js'
import type { RefusalCounts, Refusals, RefusedRuns } from '../transport/refusals.js'
import type { Rejections } from './rejections.js'
import type { Relay } from './relay.js'
import type { Superseded, Supersession } from './superseded.js'

/** What an operator wants to know of one member, as of now. */
export interface Status {
    readonly id: string
    readonly republic: Republic | null
    /**
     * `stranger` not admitted yet · `leader` writes the log · `citizen` follows a leader, while
     * `isLed` · `candidate` a voter without a leader: while no majority of the parliament can be
     * reached, the republic stays without one · `exile` the log has exiled this member: destroy
     * it, and join as a new one.
     */
    readonly role: Inspection['role']
    readonly government: Government
    /** The leader of the government in force; `null` while no leader is known (see `isLed`). */
    readonly leader: string | null
    /**
     * Whether this member knows a leader in good standing: at the leader, whether a majority of the
     * voters obeys; at all other members, whether the last contact with that leader, direct or
     * through another member, is younger than two timeouts. If contact is lost, voters and
     * constituents alike turn to `false` within three timeouts.
     */
    readonly isLed: boolean
    /**
     * How long ago the last contact was, in milliseconds of this member's own time (a pause of the
     * process counts as half a timeout at most), as of the last input; `null` without a contact,
     * and at a leader that has lost the majority, for its own term was no contact with another.
     */
    readonly leaderSeenMs: number | null
    /** Citizens that have asked to be exiled and are still there, as far as it is known here. */
    readonly leaving: readonly string[]
    /** To whom this member is handing over its leadership; `null` where it is not. */
    readonly ceding: string | null
    /**
     * The government that this member has accepted and does not know to be committed, the voters
     * that are missing for that, and for how long; `null` if there is none. A healthy republic
     * completes a government within a few round trips. If a government stays open, the republic
     * takes no publish until the voters named in `missing` are back.
     */
    readonly open: OpenGovernment | null
    /**
     * The members that lack entries which the log no longer holds, as far as this member knows:
     * the members that this member cannot feed, and itself if no other member can feed it. The
     * leader exiles them after a `timeout`; each can come back as a newcomer.
     */
    readonly leftBehind: readonly string[]
    /** The last committed entry that is known here. */
    readonly committed: Monotonic
    /** The Islander: what was sent and not seen, and what was not sent. */
    readonly health: IslanderHealth
    /** Publishes and barriers that have not appeared in the log, aborted waits included. */
    readonly pending: number
    /** How many bytes of JSON in UTF-8 these take. */
    readonly pendingSize: number
    /** Entries of the log that the slowest reader, or the application, has not taken. */
    readonly backlog: number
    /** About how many bytes these entries take. */
    readonly backlogSize: number
    /** Proposals that wait at this member, where it leads. */
    readonly proposals: number
    /** How many arrivals and answers the guard has rejected, by code. */
    readonly rejected: Readonly<Record<string, number>>
    /**
     * How many calls of this member were refused, by the peer's id and the status: `413` and other
     * statuses of HTTP come from the peer or a proxy on the way, `too-large` from the transport of
     * this member. `?` counts members that are only known by their address.
     */
    readonly refused: RefusalCounts
    /**
     * The entries that a peer, or a proxy on the way, has refused last, by the id of the peer. The
     * record ends when the peer answers a call with entries.
     */
    readonly refusedRuns: RefusedRuns
    /**
     * The member of another founding of the republic that answers at the address of a member of
     * this founding. `null` if no such member answers, and until no leader was in contact for
     * three timeouts. A report means that the republic of this member is probably gone: destroy
     * the member, and join anew.
     */
    readonly superseded: Supersession | null
    /** The defects of the certificates that this member shows to its peers; mostly none. */
    readonly certificates: readonly CertificateFinding[]
    /**
     * The citizen that passes this member's publishes on to the leader, because the leader does not
     * answer this member; `null` if this member calls the leader itself.
     */
    readonly relay: string | null
    readonly destroyed: boolean
    /** The journal: how much is in it, and how much is not stable yet; `null` without one. */
    readonly journal: JournalStat | null
    /** Why the journal has failed, which has stopped this member; `null` while all is well. */
    readonly failure: KibitzError | null
}

/** What the status is read from. */
type Member = Pick<Player, 'paxos' | 'islander' | 'publications' | 'gate' | 'history'>

/** The counters of a member's calls and answers. */
interface Counters {
    readonly rejections: Rejections
    readonly refusals: Refusals
    readonly superseded: Superseded
    readonly certificates: CertificateFindings
    readonly relay: Pick<Relay, 'through'>
}

/** The state of one member, as of now. */
export function statusOf(
    { paxos, islander, publications, gate, history }: Member,
    { rejections, refusals, superseded, certificates, relay }: Counters,
    journal: JournalStat | null,
    destroyed: boolean
): Status {
    const { id, republic, government } = paxos
    const { role, committed, waiting, open, leftBehind } = paxos.inspect()
    const { isLed, leaderSeenMs } = paxos.contact()
    const backlog = history.backlog()
    return Object.freeze({
        id,
        republic,
        role,
        government,
        leader: isLed ? (government.majority[0] ?? null) : null,
        isLed,
        leaderSeenMs,
        leaving: paxos.leavers,
        ceding: paxos.successor,
        open,
        leftBehind,
        committed,
        health: islander.health(),
        pending: publications.size,
        pendingSize: publications.weight,
        backlog: backlog.entries,
        backlogSize: backlog.size,
        proposals: waiting,
        rejected: rejections.counts(),
        refused: refusals.counts(),
        refusedRuns: refusals.runs(),
        superseded: superseded.now,
        certificates: certificates.all,
        relay: relay.through,
        destroyed,
        journal,
        failure: gate.failure
    })
}
