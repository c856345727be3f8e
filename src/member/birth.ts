import { KibitzError, misuse } from '../base/errors.js'
import type { Paxos } from '../paxos/paxos.js'
import type { Played } from './inputs.js'
import { rejectVersion, replayVersion } from './engine-version.js'

/** The error of an input that a reader plays while another input is being applied. */
export function nested(): KibitzError {
    return new KibitzError(
        'invalid-argument',
        "A reader of the engine's own queues has played an input while another input was " +
            'applied. The input was not applied. Play the input from a reader of log, or later.'
    )
}

/**
 * The first recorded input of a member: its id, its options and the engine version.
 *
 * @param protocol The protocol version of the next inputs.
 */
export function birthOf(
    paxos: Paxos, bornAt: number, protocol: number
): Extract<Played, { method: 'birth' }> {
    const { id } = paxos
    const options = Object.freeze(paxos.options)
    const body = Object.freeze({ id, version: replayVersion(protocol), options })
    return Object.freeze({ module: 'kibitz', method: 'birth', when: bornAt, body })
}

/**
 * The input that tells the engine that an unknown time has passed: the clock went back. An earlier
 * version of the engine ignores this event.
 */
export function lapseAt(when: number): Extract<Played, { method: 'event' }> {
    const event = { module: 'happenstance', method: 'event' } as const
    const body = Object.freeze({ ...event, now: when, key: 'lapse', when: 0, body: 'lapse' })
    return Object.freeze({ module: 'kibitz', method: 'event', when, body })
}

/**
 * Rejects a birth of another member, a birth after other inputs, and a birth of another engine
 * version. Other inputs pass.
 *
 * @param isBorn Whether the member has applied an input already.
 * @throws KibitzError `invalid-argument`, `journal-version`. The input was not applied.
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
    rejectVersion(body.version)
}
