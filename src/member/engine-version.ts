import { KibitzError } from '../base/errors.js'
import { FIRST_VERSION, HIGHEST_VERSION } from '../paxos/membership/versions.js'

/**
 * The version of the engine's reactions. Every change by which the same inputs may lead to another
 * state raises this number, so that no member replays the journal of another version.
 */
export const REPLAY_VERSION = 5

/**
 * The version of the records of a journal that may hold inputs of a protocol version. A package
 * that does not know the protocol version refuses the records.
 */
export function replayVersion(protocol: number): number {
    return REPLAY_VERSION + protocol - FIRST_VERSION
}

/** The protocol version of records with a version; `null` if this package does not know it. */
export function protocolVersion(version: number | undefined): number | null {
    const protocol = (version ?? 0) - REPLAY_VERSION + FIRST_VERSION
    return protocol >= FIRST_VERSION && protocol <= HIGHEST_VERSION ? protocol : null
}

/** The highest version of records that this package reads. */
const HIGHEST_REPLAY = replayVersion(HIGHEST_VERSION)

/**
 * The error of a journal with records above the option `highestVersion`. The other members may have
 * raised the version of the republic meanwhile, so the member cannot take part.
 */
export function heldBack(protocol: number, highest: number): KibitzError {
    return new KibitzError(
        'journal-version',
        `The journal holds inputs of protocol version ${protocol}, but the option highestVersion ` +
            `is ${highest}. Nothing was changed. A version never falls: start this member with ` +
            `highestVersion ${protocol} or more.`
    )
}

/**
 * The error of a journal whose records come from another version of the engine.
 *
 * @param number The first such record.
 */
export function otherVersion(number: number, version: number | undefined): KibitzError {
    return new KibitzError(
        'journal-version',
        `From record ${number} on the journal was written by an engine of version ${version}; ` +
            `this engine has version ${HIGHEST_REPLAY}, and may act otherwise on the same ` +
            'inputs. Nothing was changed. Start the version that wrote the journal, call ' +
            'snapshot and destroy in one turn, so that nothing is behind the snapshot, and start ' +
            'this version again.'
    )
}

/**
 * Rejects the recording of another version of the engine.
 *
 * @throws KibitzError `journal-version`.
 */
export function rejectVersion(version: number): void {
    if (protocolVersion(version) === null) {
        throw new KibitzError(
            'journal-version',
            `The recording comes from an engine of version ${version}, but this engine has ` +
                `version ${HIGHEST_REPLAY} and may act otherwise on the same inputs. Nothing was ` +
                'applied. Replay with the version of kibitz that made the recording.'
        )
    }
}
