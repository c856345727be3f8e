import type { Government } from '../messages/messages.js'

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
 *   after a cession ranks the leader that has ceded behind the other willing voters.
 */
export const HIGHEST_VERSION = 2

/** The version of a republic under a government. */
export function republicVersion({ version }: Pick<Government, 'version'>): number {
    return version ?? FIRST_VERSION
}
