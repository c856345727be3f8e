import { Monotonic } from '../base/monotonic.js'
import type { IslanderState, Life } from '../publisher/islander-types.js'

/** A published value without an outcome. */
export interface UnsettledPublish {
    readonly ticket: number
    /** The cookie of the value; `null` if the value has none before it is sent. */
    readonly cookie: string | null
    /** Whether the value is on the way to a leader. */
    readonly isSent: boolean
    readonly body: unknown
}

/** The identities of the publishes of a life that have not appeared in the log. */
function identitiesOf({ cookie, count }: Life): readonly string[] {
    return Array.from({ length: count }, (_, index) => Monotonic.add(cookie, index))
}

/** The cookies of the dispatches that wait for an answer. */
export function awaitedIn({ awaited, window }: IslanderState): readonly string[] {
    const flights = (window?.flights ?? []).filter(({ answer }) => answer === 'awaited')
    return [...(awaited === null ? [] : [awaited]), ...flights.map(({ cookie }) => cookie)]
}

/** The values without an outcome in a state, in the order of their tickets. */
export function unsettledIn({ settledThrough, seeking, pending, window }: IslanderState):
readonly UnsettledPublish[] {
    const sent = seeking.map(({ cookie, body }) => ({ cookie, body, isSent: true }))
    const identities = (window?.lives ?? []).flatMap(identitiesOf)
    const inFlight = (window?.flights ?? []).reduce((sum, { count }) => sum + count, 0)
    const waiting = pending.map((body, index) =>
        ({ cookie: identities[index] ?? null, body, isSent: index < inFlight }))
    return [...sent, ...waiting].map((value, index) =>
        ({ ...value, ticket: settledThrough + index + 1 }))
}
