import type {
    CertificateExpiry, CertificateFinding, CertificateFindings
} from '../transport/security/certificate-findings.js'
import type { Player } from './player.js'
import type { IslanderHealth } from '../publisher/islander-types.js'
import type { KibitzError } from '../base/errors.js'
import type { JournalStat } from '../journal/journal.js'
import type { Monotonic } from '../base/monotonic.js'
import { FIRST_VERSION } from '../paxos/membership/versions.js'
import type { Government, Republic, VersionRange } from '../paxos/messages/messages.js'
import type { Inspection, OpenGovernment } from '../paxos/inspect.js'
import type { RefusalCounts, Refusals, RefusedRuns } from '../transport/refusals.js'
import type { Rejections } from './rejections.js'
import type { Relay } from './relay.js'
import type { Superseded, Supersession } from './superseded.js'
import type { Waiting, Waits } from './waits.js'

/** The protocol versions of a member: of its messages, and of the inputs in its journal. */
export interface ProtocolVersions {
    /** The lowest and the highest version in which the member takes part. */
    readonly own: VersionRange
    /**
     * The version of the republic; `null` before the admission. The member sends, records and
     * writes nothing of a higher version.
     */
    readonly republic: number | null
    /**
     * The highest version of the records in the journal; `null` without a journal. A package that
     * does not know the version refuses the journal with `journal-version`.
     */
    readonly journal: number | null
}

/** The state of one member for an operator, as of now. */
export interface Status {
    readonly id: string
    readonly republic: Republic | null
    /**
     * `stranger`: not admitted yet. `leader`: writes the log. `citizen`: follows a leader, while
     * `isLed`. `candidate`: a voter without a leader; the republic has no leader while no majority
     * of the parliament can be reached. `exile`: the log has exiled this member; destroy it and
     * join as a new member.
     */
    readonly role: Inspection['role']
    readonly government: Government
    readonly versions: ProtocolVersions
    /** The leader of the government in force; `null` while no leader is known (see `isLed`). */
    readonly leader: string | null
    /**
     * Whether this member knows a leader in good standing. At the leader: whether a majority of the
     * voters obeys. At all other members: whether the last contact with that leader, direct or
     * through another member, is younger than two timeouts. After the contact is lost, voters and
     * constituents alike turn to `false` within three timeouts.
     */
    readonly isLed: boolean
    /**
     * The time since the last contact with the leader, as of the last input, in milliseconds of
     * the member's own time (a pause of the process counts as half a timeout at most). `null`
     * before any contact, and at a leader that has lost the majority, because its own term was no
     * contact.
     */
    readonly leaderSeenMs: number | null
    /**
     * The citizens that have asked for their exile and are still citizens, as far as this member
     * knows.
     */
    readonly leaving: readonly string[]
    /** Whether this member has other properties than the log holds; see `Kibitzer.move`. */
    readonly isMoving: boolean
    /** The member to which this leader is handing leadership over; `null` without a handover. */
    readonly ceding: string | null
    /**
     * The government that the member has accepted and does not know to be committed, the voters
     * that are missing for the commit, and the time since; `null` if there is none. A healthy
     * republic completes a government within a few round trips. If a government stays open, the
     * republic takes no publish until the voters named in `missing` are back.
     */
    readonly open: OpenGovernment | null
    /**
     * The members that lack entries which the log no longer holds, as far as this member knows: the
     * members that the member cannot feed, and this member if no other member can feed it. The
     * leader exiles these members after a `timeout`; each can come back as a newcomer.
     */
    readonly leftBehind: readonly string[]
    /**
     * At the leader: the number of committed entries that each other voter is not known to hold.
     * Empty at all other members.
     */
    readonly lag: Readonly<Record<string, number>>
    /** The last committed entry that the member knows. */
    readonly committed: Monotonic
    /** The Islander's values that are sent or wait, and are not in the log yet. */
    readonly health: IslanderHealth
    /** The publishes and barriers that are not in the log yet, aborted waits included. */
    readonly pending: number
    /** The total size of these, in bytes of JSON in UTF-8. */
    readonly pendingSize: number
    /** The entries of the log that the slowest reader, or the application, has not taken. */
    readonly backlog: number
    /** About the total size of these entries, in bytes. */
    readonly backlogSize: number
    /** The proposals that wait at the member, if it leads. */
    readonly proposals: number
    /** The number of calls and answers that the guard has rejected, by code. */
    readonly rejected: Readonly<Record<string, number>>
    /**
     * The number of refused calls of the member, by the peer's id and the status. `413` and other
     * statuses of HTTP come from the peer or a proxy on the way, `too-large` from the transport of
     * this member. `?` counts members known only by their address.
     */
    readonly refused: RefusalCounts
    /**
     * The entries that a peer, or a proxy on the way, has refused last, by the id of the peer. The
     * record ends when the peer answers a call with entries.
     */
    readonly refusedRuns: RefusedRuns
    /**
     * The member of another founding of the republic that answers at the address of a member of
     * this founding. `null` if no such member answers, and until no leader was in contact for three
     * timeouts. A report means that the republic of the member is probably gone: destroy the
     * member, and join anew.
     */
    readonly superseded: Supersession | null
    /** The defects of the certificates that the member shows to its peers; usually none. */
    readonly certificates: readonly CertificateFinding[]
    /**
     * The end of the certificate that ends first, of those that the member shows to its peers and
     * the authority above them; `null` without certificates.
     */
    readonly certificateExpiry: CertificateExpiry | null
    /**
     * The citizen that forwards the member's publishes to the leader, because the leader does not
     * answer this member; `null` if this member calls the leader itself.
     */
    readonly relay: string | null
    /** The calls that wait, by kind, with the reasons. */
    readonly waits: readonly Waiting[]
    readonly destroyed: boolean
    /**
     * The sizes of the journal, and the number of records that are not flushed; `null` without a
     * journal.
     */
    readonly journal: JournalStat | null
    /**
     * By how much folding has made the journal smaller since the start of the process, in bytes.
     * The inputs of an idle member fold. A recovery replays all inputs, folded or not.
     */
    readonly foldedSize: number
    /** The failure of the journal that has stopped the member; `null` without a failure. */
    readonly failure: KibitzError | null
}

/** The parts of a member from which the status is read. */
type Member =
    Pick<
        Player,
        'paxos' | 'islander' | 'publications' | 'coalescer' | 'gate' | 'history' | 'versions'
    >

/** The counters of a member's calls and answers. */
interface Counters {
    readonly rejections: Rejections
    readonly refusals: Refusals
    readonly superseded: Superseded
    readonly certificates: CertificateFindings
    readonly relay: Pick<Relay, 'through'>
}

function versionsOf({ paxos, versions }: Member, hasJournal: boolean): ProtocolVersions {
    const isAdmitted = paxos.government.promise !== '0/0'
    return Object.freeze({
        own: Object.freeze([FIRST_VERSION, paxos.options.highestVersion] as const),
        republic: isAdmitted ? paxos.versions.inForce : null,
        journal: hasJournal ? versions.current : null
    })
}

/** Reads the status of a member. */
export function statusOf(
    member: Member,
    { rejections, refusals, superseded, certificates, relay }: Counters,
    waits: Pick<Waits, 'all'>,
    journal: JournalStat | null,
    destroyed: boolean
): Status {
    const { paxos, islander, publications, coalescer, gate, history } = member
    const { id, republic, government } = paxos
    const { role, committed, waiting: proposals, open, leftBehind, lag } = paxos.inspect()
    const { waiting, pending } = islander.health()
    const { isLed, leaderSeenMs } = paxos.contact()
    const backlog = history.backlog()
    const { findings, expiry } = certificates.inspect()
    return Object.freeze({
        id,
        republic,
        role,
        government,
        versions: versionsOf(member, journal !== null),
        leader: isLed ? (government.majority[0] ?? null) : null,
        isLed,
        leaderSeenMs,
        leaving: paxos.leavers,
        isMoving: paxos.isMoving,
        ceding: paxos.successor,
        open,
        leftBehind,
        lag,
        committed,
        health: Object.freeze({ waiting, pending: pending + coalescer.size }),
        pending: publications.size,
        pendingSize: publications.weight,
        backlog: backlog.entries,
        backlogSize: backlog.size,
        proposals,
        rejected: rejections.counts(),
        refused: refusals.counts(),
        refusedRuns: refusals.runs(),
        superseded: superseded.now,
        certificates: findings,
        certificateExpiry: expiry,
        relay: relay.through,
        waits: waits.all(),
        destroyed,
        journal,
        foldedSize: gate.quiet.saved,
        failure: gate.failure
    })
}
