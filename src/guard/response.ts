import type { Monotonic } from '../base/monotonic.js'
import { GAP } from '../base/publish-identity.js'
import type { QuestionAnswer } from '../member/questions.js'
import type { Reduction, Republic, Response, ResponseHeader } from '../paxos/messages/messages.js'
import type { ImmigrateOutcome } from '../paxos/messages/proposals.js'
import type { BatchReply } from '../publisher/islander-types.js'
import { moveReport, rejectRun, run, sender, versions } from './entry.js'
import { WIRE_LIMITS, type WireLimits } from './limits.js'
import type { Fault, Guarded } from './rejection.js'
import {
    ballot, cookie, flag, id, index, instant, name, oneOf, promise, text
} from './scalars.js'
import {
    dictionary,
    type Fields,
    type Guard,
    applyGuard,
    list,
    nullable,
    optional,
    record,
    refine,
    type Rest,
    Shape,
    variant
} from './combinators.js'

/** The answer of a member of another founding, beside `unreachable`: the member's own founding. */
export interface OtherFounding {
    readonly id: string
    readonly republic: Republic
    readonly founding: string
}

type Method = Response['method']
type Of<Key, Each = Response> = Each extends { method: infer Found }
    ? Key extends Found
        ? Each
        : never
    : never

const promises = list(promise, 'citizensMax')

const HEADER: Fields<ResponseHeader> = {
    from: sender,
    government: promise,
    committed: promise,
    ballot,
    minimum: record<Reduction>({
        version: promise, reduced: promise, versions: optional(versions)
    }),
    naturalizing: promises,
    leaving: optional(promises),
    moving: optional(list(moveReport, 'citizensMax')),
    silent: promises,
    at: optional(instant)
}

const HEADER_ONLY = new Shape<ResponseHeader>(HEADER)

const SHAPES: { readonly [Key in Method]: Shape<Rest<Of<Key>, 'method'>> } = {
    recorded: new Shape({ ...HEADER, accepted: ballot, position: promise }),
    promised: new Shape({
        ...HEADER,
        accepted: ballot,
        entries: run,
        draft: optional(promise)
    }),
    ahead: new Shape({ ...HEADER, previous: promise, entries: run }),
    synchronized: HEADER_ONLY,
    granted: HEADER_ONLY,
    refused: HEADER_ONLY,
    led: HEADER_ONLY,
    behind: HEADER_ONLY,
    trimmed: HEADER_ONLY,
    unreachable: new Shape({ exiled: flag })
}

const METHODS: readonly Method[] = [
    'recorded',
    'promised',
    'ahead',
    'synchronized',
    'granted',
    'refused',
    'led',
    'behind',
    'trimmed',
    'unreachable'
]

function rejectEntries(response: Response): Fault | null {
    switch (response.method) {
        case 'promised':
            // The uncommitted suffix begins at the end of the committed log.
            return rejectRun(response.committed, response.entries)
        case 'ahead':
            return rejectRun(response.previous, response.entries)
        default:
            return null
    }
}

/** The answer to `receive`. */
export const response: Guard<Response> = refine(
    variant<Response, 'method'>(
        'method',
        oneOf(METHODS, 'unknown-method'),
        (method) => SHAPES[method]
    ),
    rejectEntries
)

/** The receipts of a batch: promises by cookie. */
export const receipts: Guard<Readonly<Record<string, Monotonic>>> =
    dictionary(cookie, promise, 'entriesMax')

/** The answer to `enqueue`: receipts, or the word for a gap. */
const batchReply: Guard<BatchReply> = (value, limits) =>
    value === GAP ? GAP : receipts(value, limits)

const questionAnswer = record<QuestionAnswer>({
    mark: optional(promise), promised: optional(ballot)
})

const outcome = record<ImmigrateOutcome>({
    enqueued: flag,
    republic: optional(nullable(name)),
    leader: optional(nullable(id)),
    version: optional(index)
})

const elsewhere = record<{ readonly elsewhere?: OtherFounding }>({
    elsewhere: optional(record<OtherFounding>({ id, republic: name, founding: text }))
})

function guardAnswer<T>(guard: Guard<T>, value: unknown, limits: WireLimits): Guarded<T | null> {
    return applyGuard(nullable(guard), value ?? null, limits)
}

/** Guards the answer to `receive`. Never throws; a missing answer is `null`. */
export function guardResponse(
    value: unknown,
    limits: WireLimits = WIRE_LIMITS
): Guarded<Response | null> {
    return guardAnswer(response, value, limits)
}

/** Guards the answer to `enqueue`. Never throws; a missing answer is `null`. */
export function guardReceipts(
    value: unknown,
    limits: WireLimits = WIRE_LIMITS
): Guarded<BatchReply | null> {
    return guardAnswer(batchReply, value, limits)
}

/** Guards the answer to a question. Never throws; a missing answer is `null`. */
export function guardQuestionAnswer(
    value: unknown,
    limits: WireLimits = WIRE_LIMITS
): Guarded<QuestionAnswer | null> {
    return guardAnswer(questionAnswer, value, limits)
}

/** Guards the answer to `immigrate`. Never throws; a missing answer is `null`. */
export function guardOutcome(
    value: unknown,
    limits: WireLimits = WIRE_LIMITS
): Guarded<ImmigrateOutcome | null> {
    return guardAnswer(outcome, value, limits)
}

/**
 * Guards the field `elsewhere` of an answer, which names another founding; `null` if the answer
 * lacks the field. Never throws.
 */
export function guardOtherFounding(
    value: unknown,
    limits: WireLimits = WIRE_LIMITS
): Guarded<OtherFounding | null> {
    const guarded = guardAnswer(elsewhere, value, limits)
    return guarded.ok ? { ok: true, value: guarded.value?.elsewhere ?? null } : guarded
}
