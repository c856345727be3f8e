import { type Channel, channel, tracingChannel } from 'node:diagnostics_channel'
import type { Monotonic } from '../base/monotonic.js'
import type { Government, Republic } from '../paxos/messages/messages.js'

/** The member of a message. */
export interface ChannelMember {
    /** The id of the member. */
    readonly member: string
    /** `null` while the member belongs to no republic. */
    readonly republic: Republic | null
}

/** A message on `kibitz:government`: a government has taken effect at a member. */
export interface GovernmentMessage extends ChannelMember {
    readonly promise: Monotonic
    readonly government: Government
    /** Whether an election has made the government, after a collapse. */
    readonly isAfterCollapse: boolean
}

/** A message on `kibitz:rejected`: the guard of a member has rejected a call or an answer. */
export interface RejectedMessage extends ChannelMember {
    readonly code: string
    /** The path of the field, or the address of the sender. */
    readonly at: string
}

/** A message on `kibitz:flush`: the journal of a member has made records stable. */
export interface FlushMessage extends ChannelMember {
    /** The number of records that the flush has made stable; 0 after a failure. */
    readonly records: number
    readonly durationMs: number
    /** The error of the journal; `null` if the flush succeeded. */
    readonly error: unknown
}

/** Tickets of the publisher: the numbers of published values, in order. */
export interface TicketRange {
    readonly first: number
    readonly last: number
}

/** The context on `kibitz:publish`, from a publish to its settlement. */
export interface PublishContext extends ChannelMember {
    readonly kind: 'publish' | 'barrier'
    readonly tickets: TicketRange
    /** About the size of the values, in bytes. */
    readonly size: number
    /** The publication, or the list of publications, after `asyncStart`. */
    result?: unknown
    /** The reason of the rejection. */
    error?: unknown
}

/** The context on `kibitz:call`, from a call of a member to the end of the call. */
export interface CallContext extends ChannelMember {
    /** The id of the called member. */
    readonly peer: string
    /** `enqueue`, or the method of the request of the engine. */
    readonly method: string
    /** The number of the entries of the call. */
    readonly entries: number
    /** In a batch, the tickets of the values; `null` otherwise. */
    readonly tickets: TicketRange | null
    /** The answer, after `asyncStart`; `null` without an answer. */
    result?: unknown
    /** Why there is no answer. */
    error?: unknown
}

/** The channels of a trace. */
type Trace = ReturnType<typeof tracingChannel>

/** Publishes each government. */
export const GOVERNMENTS: Channel = channel('kibitz:government')
/** Publishes each rejected call and answer. */
export const REJECTIONS: Channel = channel('kibitz:rejected')
/** Publishes each flush of a journal. */
export const FLUSHES: Channel = channel('kibitz:flush')
/** Traces each publish. */
export const PUBLISHES: Trace = tracingChannel('kibitz:publish')
/** Traces each call to another member, and the batches to the member itself. */
export const CALLS: Trace = tracingChannel('kibitz:call')

/** Whether a trace has a subscriber. */
export function isTraced({ start, end, asyncStart, asyncEnd, error }: Trace): boolean {
    return start.hasSubscribers || asyncEnd.hasSubscribers || end.hasSubscribers
        || asyncStart.hasSubscribers || error.hasSubscribers
}

/** Traces an asynchronous call until its promise is settled. */
export function tracePromise<T>(
    trace: Trace, context: PublishContext, run: () => Promise<T>
): Promise<T> {
    return trace.tracePromise(run, context)
}

/**
 * Traces a call until its answer.
 *
 * @param send Makes the call, and passes the answer to the argument.
 * @param answered Takes the answer.
 */
export function traceCall<Answer extends readonly [answer: unknown, ...rest: unknown[]]>(
    context: CallContext, send: (answered: (...answer: Answer) => void) => void,
    answered: (...answer: Answer) => void
): void {
    let isSent = false
    const end = (): void => {
        if (!isSent) {
            isSent = true
            CALLS.end.publish(context)
        }
    }
    const onAnswer = (...answer: Answer): void => {
        // An answer may come before `send` returns.
        end()
        context.result = answer[0] ?? null
        if (context.result === null) {
            context.error = new Error(`The call of ${context.method} to ${context.peer} brought no `
                + 'answer. The call may have arrived.')
            CALLS.error.publish(context)
        }
        CALLS.asyncStart.runStores(context, () => answered(...answer))
        CALLS.asyncEnd.publish(context)
    }
    CALLS.start.runStores(context, () => {
        send(onAnswer)
        end()
    })
}
