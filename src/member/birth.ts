import { KibitzError } from '../base/errors.js'
import { misuse } from './options.js'
import type { Paxos } from '../paxos/paxos.js'
import type { Played } from './played.js'
import { REPLAY_VERSION } from './apply-input.js'

/** Why a Kibitzer with a journal plays nothing yet. */
export function unrecovered(): KibitzError {
    return new KibitzError(
        'invalid-argument',
        'A Kibitzer with a journal begins with recover(). Nothing was done; await that first.'
    )
}

/** Why an input cannot be played while another input is applied. */
export function nested(): KibitzError {
    return new KibitzError(
        'invalid-argument',
        "A reader of the engine's own queues has played an input while another input was " +
            'applied. The input was not applied. Play the input from a reader of log, or later.'
    )
}

/** The recorded input that begins the life of a member: its name, its options, its version. */
export function birthOf(paxos: Paxos, bornAt: number): Extract<Played, { method: 'birth' }> {
    const { id } = paxos
    const options = Object.freeze(paxos.options)
    const body = Object.freeze({ id, version: REPLAY_VERSION, options })
    return Object.freeze({ module: 'kibitz', method: 'birth', when: bornAt, body })
}

/**
 * Refuses a birth that belongs to another member, comes late, or comes from another version of the
 * engine. Other inputs pass.
 *
 * @param isBorn Whether the member has applied an input already.
 * @throws KibitzError `invalid-argument`, `journal-version`. Nothing was applied.
 */
export function rejectBirth({ method, body }: Played, id: string, isBorn: boolean): void {
    if (method !== 'birth') {
        return
    }
    if (isBorn) {
        misuse(
            'invalid-argument',
            'A recording begins with the birth of its member, but this Kibitzer has applied ' +
                'inputs already. Nothing was applied. Replay into a fresh Kibitzer.'
        )
    }
    if (body.id !== id) {
        misuse(
            'invalid-argument',
            `The recording belongs to member ${body.id}, but this Kibitzer is ${id}. Nothing was ` +
                `applied. Replay into a Kibitzer with the id ${body.id}.`
        )
    }
    if (body.version !== REPLAY_VERSION) {
        throw new KibitzError(
            'journal-version',
            `The recording comes from an engine of version ${body.version}, but this engine has ` +
                `version ${REPLAY_VERSION} and may act otherwise on the same inputs. Nothing was ` +
                'applied. Replay with the version of kibitz that made the recording.'
        )
    }
}
