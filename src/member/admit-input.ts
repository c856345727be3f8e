import { copyAndFreeze } from '../base/json-value.js'
import { KibitzError, misuse } from '../base/errors.js'
import { guardInput, isInput } from '../guard/input.js'
import { WIRE_LIMITS } from '../guard/limits.js'
import { instant, oneOf, text } from '../guard/scalars.js'
import { type Guard, applyGuard, optional, record } from '../guard/combinators.js'
import type { Paxos } from '../paxos/paxos.js'
import type { Inputs, Played } from './inputs.js'

/** A recorded input whose body is still unknown. */
interface Recorded {
    readonly module: 'kibitz'
    readonly method: string
    readonly when: number
    readonly body?: unknown
}

/** The body is guarded by its method, after the method is known. */
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

/** Refuses an input that a member takes once, if the member is a citizen already. */
function rejectCitizen(method: string, { government }: Pick<Paxos, 'government'>): void {
    if ((method === 'bootstrap' || method === 'join') && government.promise !== '0/0') {
        misuse('already-member', `This member is a citizen already, so the input ${method} was ` +
            'not applied. Nothing has changed; make another Kibitzer.')
    }
}

/** The inputs that only the member itself plays: at its start, and by its calendar. */
const OWN: readonly string[] = ['birth', 'event', 'revive']

/**
 * Checks an input that a program plays itself, and rebuilds the body.
 *
 * @throws KibitzError `invalid-argument`, `already-member`. Nothing was applied.
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
 * Checks a recorded input, and rebuilds the input. An input of another program passes: a Kibitzer
 * records such an input and applies nothing.
 *
 * @throws KibitzError `invalid-argument`, `already-member`. Nothing was applied.
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

/** The body of an input that this version does not know. */
function foreign(body: unknown): unknown {
    try {
        return copyAndFreeze(body)
    } catch (cause) {
        throw cause instanceof KibitzError ? cause : new KibitzError('invalid-argument',
            'The body of a recorded input cannot be read. Nothing was applied.', { cause })
    }
}
