import { copyAndFreeze } from '../base/json-value.js'
import { KibitzError, misuse } from '../base/errors.js'
import { guardInput, isInput } from '../guard/input.js'
import { WIRE_LIMITS } from '../guard/limits.js'
import { instant, oneOf, text } from '../guard/scalars.js'
import { type Guard, applyGuard, optional, record } from '../guard/combinators.js'
import type { Paxos } from '../paxos/paxos.js'
import type { Inputs, Played } from './inputs.js'

/** A recorded input whose body is not checked yet. */
interface Recorded {
    readonly module: 'kibitz'
    readonly method: string
    readonly when: number
    readonly body?: unknown
}

/** Accepts any body here. The guard of the method checks the body later. */
const unread: Guard<unknown> = (value) => value

const recorded = record<Recorded>({
    module: oneOf(['kibitz'], 'unknown-module'), method: text, when: instant,
    body: optional(unread)
})

function reject(what: string): never {
    misuse('invalid-argument', `${what} Nothing was applied; correct the input.`)
}

function bodyOf<Method extends keyof Inputs>(method: Method, body: unknown): Inputs[Method] {
    if (method === 'publish' && (body ?? null) === null) {
        // A barrier: an entry without a value.
        return null as Inputs[Method]
    }
    const guarded = guardInput(method, body)
    if (guarded.ok) {
        return guarded.value
    }
    const { code, at } = guarded.rejection
    return reject(`The body of the input ${method} is not usable: ${code} at body.${at}.`)
}

/** Rejects `bootstrap` and `join` if the member is a citizen already. */
function rejectCitizen(method: string, { government }: Pick<Paxos, 'government'>): void {
    if ((method === 'bootstrap' || method === 'join') && government.promise !== '0/0') {
        misuse('already-member', `This member is a citizen already, so the input ${method} was ` +
            'not applied. Nothing has changed; make another Kibitzer.')
    }
}

/** Inputs for the member alone: inputs of the start and of the calendar. */
const OWN: readonly string[] = ['birth', 'event', 'revive']

/**
 * Checks an input that the application plays, and rebuilds the body.
 *
 * @throws KibitzError `invalid-argument`, `already-member`. The input was not applied.
 */
export function admitInput<Method extends keyof Inputs>(
    method: Method,
    body: unknown,
    paxos: Pick<Paxos, 'government'>
): Inputs[Method] {
    if (!isInput(method) || OWN.includes(method)) {
        reject('A Kibitzer is not told to play that input.')
    }
    const admitted = bodyOf(method, body)
    rejectCitizen(method, paxos)
    return admitted
}

/**
 * Checks and rebuilds a recorded input. An unknown method passes: a Kibitzer records the input of
 * another program and applies nothing.
 *
 * @throws KibitzError `invalid-argument`, `already-member`. The input was not applied.
 */
export function admitRecorded(
    played: unknown,
    paxos: Pick<Paxos, 'government'>,
    isClosed: boolean
): Played {
    const guarded = applyGuard(recorded, played, WIRE_LIMITS)
    if (!guarded.ok) {
        const { code, at } = guarded.rejection
        return reject(`A recorded input has module, method, when and body: ${code} at ${at}.`)
    }
    const { module, method, when, body } = guarded.value
    if (!isClosed) {
        rejectCitizen(method, paxos)
    }
    const admitted = isInput(method) ? bodyOf(method, body) : foreign(body ?? null)
    return Object.freeze({ module, method, when, body: admitted }) as Played
}

/** The body of an input whose method this version does not know. */
function foreign(body: unknown): unknown {
    try {
        return copyAndFreeze(body)
    } catch (cause) {
        throw cause instanceof KibitzError ? cause : new KibitzError('invalid-argument',
            'The body of a recorded input cannot be read. Nothing was applied.', { cause })
    }
}
