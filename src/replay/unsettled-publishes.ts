import type { IslanderState } from '../publisher/islander-types.js'

/** A published value without an outcome. */
export interface UnsettledPublish {
    readonly ticket: number
    /** The number of the sent message; `null` if the value was never sent. */
    readonly cookie: string | null
    readonly body: unknown
}

/** The values without an outcome in a state, in the order of their tickets. */
export function unsettledIn({ settledThrough, seeking, pending }: IslanderState):
readonly UnsettledPublish[] {
    const sent = seeking.map(({ cookie, body }) => ({ cookie, body }))
    const waiting = pending.map((body) => ({ cookie: null, body }))
    return [...sent, ...waiting].map((value, index) =>
        ({ ...value, ticket: settledThrough + index + 1 }))
}
