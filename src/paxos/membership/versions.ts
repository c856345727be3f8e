import type { Government, Sender, VersionRange } from '../messages/messages.js'

// The protocol versions. A republic has one version, which the log decides: every government from
// version 2 on carries the version. A member sends, records and writes nothing of a version above
// the version of the republic.

/** The version of a republic whose governments carry no version. */
export const FIRST_VERSION = 1

/**
 * The highest version that this package understands.
 *
 * - 1: the messages, log entries and recorded inputs up to the field `version` of a government.
 * - 2: a government carries `version`. The properties of a member may change. The first government
 *   after a cession ranks the leader that has ceded behind the other willing voters. The leader
 *   drops evidence that is out of date (`dropsOldEvidence`). A member with a leader petitions if no
 *   feeder sends the missing entries (`petitionsWhileLed`). A member answers inputs that change no
 *   claim before the inputs are recorded (`answersEarly`). Waiting proposals go before the next
 *   government, as far as possible (`writesBeforeGovernments`). A publish keeps one identity over
 *   every resubmission (`base/publish-identity.ts`). If the disk of a leader votes, entries leave
 *   before the disk holds them (`sendsEarly`).
 */
export const HIGHEST_VERSION = 2

/** The version of a republic under a government. */
export function republicVersion({ version }: Pick<Government, 'version'>): number {
    return version ?? FIRST_VERSION
}

/**
 * Whether the leader drops evidence that is out of date: requests without an answer from more than
 * a `timeout` ago, and the mark that a citizen can return only as a newcomer, after an answer. An
 * engine of an earlier package keeps the evidence, and both must replay a journal alike.
 */
export function dropsOldEvidence(government: Pick<Government, 'version'>): boolean {
    return republicVersion(government) >= 2
}

/**
 * Whether a member with a leader asks peers in turn for entries that no feeder sends. An engine of
 * an earlier package waits for its feeder, and both must replay a journal alike.
 */
export function petitionsWhileLed(government: Pick<Government, 'version'>): boolean {
    return republicVersion(government) >= 2
}

/**
 * Whether a member answers inputs that change no claim before the inputs are recorded. A package of
 * version 1 cannot read a journal with folded inputs.
 */
export function answersEarly(government: Pick<Government, 'version'>): boolean {
    return republicVersion(government) >= 2
}

/**
 * Whether a leader writes its waiting proposals before it proposes a government, so that the
 * proposals and the government need one round. An engine of an earlier package puts the government
 * first; its proposals wait for every government of a row, such as the exiles of many members.
 */
export function writesBeforeGovernments(government: Pick<Government, 'version'>): boolean {
    return republicVersion(government) >= 2
}

/**
 * Whether a leader sends entries before its own disk holds them (`replication/own-vote.ts`), and a
 * restarted leader asks for a new election. In version 1, a voter takes each entry in a run for an
 * entry on the leader's disk, so the runs wait for the disk.
 */
export function sendsEarly(government: Pick<Government, 'version'>): boolean {
    return republicVersion(government) >= 2
}

/** The versions of a member that declares none. */
const UNDECLARED: VersionRange = Object.freeze([FIRST_VERSION, FIRST_VERSION])

/** The versions that a sender takes part in. */
export function versionsOf({ versions = UNDECLARED }: Pick<Sender, 'versions'>): VersionRange {
    return versions
}

/** Whether a member with a range may be a member of a republic of a version. */
export function takesPart([lowest, highest]: VersionRange, version: number): boolean {
    return lowest <= version && version <= highest
}

/** The versions of both ranges. */
export function intersect(left: VersionRange, right: VersionRange): VersionRange {
    return [Math.max(left[0], right[0]), Math.min(left[1], right[1])]
}

/**
 * The field `versions` of a message; `null` if the member takes part in version 1 only. Then the
 * field is absent, as in the messages of a package that knows no other version.
 */
export function declared(versions: VersionRange): { readonly versions: VersionRange } | null {
    return versions[1] === FIRST_VERSION ? null : { versions }
}
