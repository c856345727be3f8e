import { KibitzError } from '../base/errors.js'

/**
 * The version of the engine's reactions. Every change by which the same inputs may lead to another
 * state raises this number, so that no member replays the journal of another version.
 */
export const REPLAY_VERSION = 5

/**
 * The error of a journal whose records come from another version of the engine.
 *
 * @param number The first such record.
 */
export function otherVersion(number: number, version: number | undefined): KibitzError {
    return new KibitzError(
        'journal-version',
        `From record ${number} on the journal was written by an engine of version ${version}; ` +
            `this engine has version ${REPLAY_VERSION}, and may act otherwise on the same ` +
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
    if (version !== REPLAY_VERSION) {
        throw new KibitzError(
            'journal-version',
            `The recording comes from an engine of version ${version}, but this engine has ` +
                `version ${REPLAY_VERSION} and may act otherwise on the same inputs. Nothing was ` +
                'applied. Replay with the version of kibitz that made the recording.'
        )
    }
}
