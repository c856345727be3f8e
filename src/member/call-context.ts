import type { WireCall } from '../guard/envelope.js'
import { type CallContext, CALLS, isTraced, type TicketRange, traceCall } from './channels.js'
import type { EnqueueBody } from './inputs.js'
import type { CallOutcome } from '../transport/refusals.js'
import type { Player } from './player.js'

/** A call without an answer so far. */
export interface Awaiting {
    /** The id of the called member. */
    readonly peer: string
    /** Takes the answer and the end of the call. */
    readonly answered: (answer: unknown, concluded?: CallOutcome) => void
}

/** The tickets of the batch under way: the oldest values that are not in the log. */
function ticketsOf({ islander }: Player, entries: number): TicketRange {
    const last = islander.tickets - islander.health().pending
    return { first: last - entries + 1, last }
}

/** The context of a call, for the subscribers of `kibitz:call`. */
export function contextOf(
    player: Player, peer: string, { method, body }: Pick<WireCall, 'method' | 'body'>
): CallContext {
    const { id, republic } = player.paxos
    const entries = 'entries' in body ? body.entries.length : 0
    return {
        member: id, republic, peer, entries,
        method: 'method' in body ? body.method : method,
        tickets: method === 'enqueue' ? ticketsOf(player, entries) : null
    }
}

/** Plays the publisher's batch at a member that leads itself. */
export function enqueueAtSelf(player: Player, cookie: string, body: EnqueueBody): void {
    const onPromises = (promises: Readonly<Record<string, string>> | null): void => {
        player.play('published', Object.freeze({ cookie, promises }))
    }
    const play = (): Readonly<Record<string, string>> | null =>
        Object.freeze(player.play('enqueue', body))
    if (isTraced(CALLS)) {
        const context = contextOf(player, player.paxos.id, { method: 'enqueue', body })
        traceCall(context, (answered) => answered(play()), onPromises)
    } else {
        onPromises(play())
    }
}
