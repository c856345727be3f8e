import type { WireCall } from '../guard/envelope.js'
import { type CallContext, CALLS, isTraced, type TicketRange, traceCall } from './channels.js'
import type { EnqueueBody } from './inputs.js'
import type { CallOutcome } from '../transport/refusals.js'
import type { Player } from './player.js'
import type { BatchReply } from '../publisher/islander-types.js'
import { dispatchedHere } from './relay.js'

/** A call without an answer so far. */
export interface Awaiting {
    /** The id of the called member. */
    readonly peer: string
    /** Takes the answer and the end of the call. */
    readonly answered: (answer: unknown, concluded?: CallOutcome) => void
}

/** The parts of a call that its context names. */
type Described<Call = WireCall> = Call extends WireCall ? Pick<Call, 'method' | 'body'> : never

/** The tickets of the values of a batch; `null` for a flush, and for values that have settled. */
function ticketsOf({ islander }: Player, { entries }: EnqueueBody): TicketRange | null {
    const [oldest] = entries
    const first = oldest === undefined ? null : islander.ticketOf(oldest.cookie)
    return first === null ? null : { first, last: first + entries.length - 1 }
}

/** The context of a call, for the subscribers of `kibitz:call`. */
export function contextOf(
    player: Player, peer: string, call: Described
): CallContext {
    const { id, republic } = player.paxos
    const { method, body } = call
    return {
        member: id, republic, peer,
        entries: 'entries' in body ? body.entries.length : 0,
        method: 'method' in body ? body.method : method,
        tickets: call.method === 'enqueue' ? ticketsOf(player, call.body) : null
    }
}

/** Plays the publisher's batch at a member that leads itself. */
export function enqueueAtSelf(player: Player, cookie: string, body: EnqueueBody): void {
    const onReply = (reply: BatchReply | null): void => {
        player.play('published', Object.freeze({ cookie, ...dispatchedHere(reply) }))
    }
    const play = (): BatchReply | null => Object.freeze(player.play('enqueue', body))
    if (isTraced(CALLS)) {
        const context = contextOf(player, player.paxos.id, { method: 'enqueue', body })
        traceCall(context, (answered) => answered(play()), onReply)
    } else {
        onReply(play())
    }
}
