import {
    type Attributes, context as contexts, type Span, SpanKind, SpanStatusCode, type Tracer
} from '@opentelemetry/api'
import {
    type CallContext, CALLS, type ChannelMember, PUBLISHES, type PublishContext, type TicketRange
} from '../member/channels.js'
import type { Kibitzer } from '../member/kibitzer.js'

/** The system of the messaging and of the calls, by the semantic conventions. */
const SYSTEM = 'kibitz'

function overlaps(one: TicketRange, other: TicketRange): boolean {
    return one.first <= other.last && other.first <= one.last
}

function publishAttributes({ member, republic, tickets, kind }: PublishContext): Attributes {
    return {
        'messaging.system': SYSTEM,
        'messaging.operation.name': kind,
        'messaging.operation.type': 'send',
        'messaging.destination.name': String(republic ?? ''),
        'messaging.client.id': member,
        'messaging.batch.message_count': tickets.last - tickets.first + 1
    }
}

function callAttributes({ member, republic, peer, method, entries }: CallContext): Attributes {
    return {
        'rpc.system': SYSTEM,
        'rpc.service': SYSTEM,
        'rpc.method': method,
        'kibitz.member': member,
        'kibitz.republic': String(republic ?? ''),
        'kibitz.peer': peer,
        'kibitz.entries': entries
    }
}

/** The promise of the first entry of a publish; `null` without an entry. */
function promiseOf(result: unknown): string | null {
    const first: unknown = Array.isArray(result) ? result[0] : result
    return typeof first === 'object' && first !== null && 'promise' in first
        ? String(first.promise)
        : null
}

function endSpan(span: Span, { error }: { readonly error?: unknown }): void {
    if (error !== undefined) {
        const message = error instanceof Error ? error.message : String(error)
        span.recordException(error instanceof Error ? error : message)
        span.setStatus({ code: SpanStatusCode.ERROR, message })
    }
    span.end()
}

/**
 * Turns the traces of a member into spans. The span of a publish is a child of the caller's span.
 * The span of a batch has no parent; the batch and each of its publishes link to each other.
 */
class MemberSpans {
    readonly #kibitzer: Pick<Kibitzer, 'id' | 'paxos'>
    readonly #tracer: Tracer
    readonly #hasCalls: boolean
    /** The publishes under way, in the order of their tickets. */
    readonly #publishes = new Map<PublishContext, Span>()
    readonly #calls = new Map<CallContext, Span>()

    constructor(kibitzer: Pick<Kibitzer, 'id' | 'paxos'>, tracer: Tracer, hasCalls: boolean) {
        this.#kibitzer = kibitzer
        this.#tracer = tracer
        this.#hasCalls = hasCalls
    }

    #isOwn({ member, republic }: ChannelMember): boolean {
        return member === this.#kibitzer.id && republic === this.#kibitzer.paxos.republic
    }

    readonly startPublish = (message: unknown): void => {
        const context = message as PublishContext
        if (this.#isOwn(context)) {
            const name = `${context.kind} ${context.republic ?? ''}`.trim()
            const span = this.#tracer.startSpan(name, {
                kind: SpanKind.PRODUCER, attributes: publishAttributes(context)
            }, contexts.active())
            this.#publishes.set(context, span)
        }
    }

    /** Ends the span of a publish that has thrown: its trace has no asynchronous part. */
    readonly endThrown = (message: unknown): void => {
        if ((message as PublishContext).error !== undefined) {
            this.endPublish(message)
        }
    }

    readonly endPublish = (message: unknown): void => {
        const context = message as PublishContext
        const span = this.#publishes.get(context)
        if (span !== undefined) {
            this.#publishes.delete(context)
            const promise = promiseOf(context.result)
            if (promise !== null) {
                span.setAttribute('kibitz.promise', promise)
            }
            endSpan(span, context)
        }
    }

    readonly startCall = (message: unknown): void => {
        const context = message as CallContext
        const { tickets, method, entries } = context
        if (!this.#isOwn(context) || (tickets === null && !(this.#hasCalls && entries > 0))) {
            return
        }
        const publishes = tickets === null ? [] : this.#publishesIn(tickets)
        const span = this.#tracer.startSpan(`${SYSTEM}/${method}`, {
            kind: SpanKind.CLIENT, root: true, attributes: callAttributes(context),
            links: publishes.map((publish) => ({ context: publish.spanContext() }))
        })
        for (const publish of publishes) {
            publish.addLink({ context: span.spanContext() })
        }
        this.#calls.set(context, span)
    }

    readonly endCall = (message: unknown): void => {
        const context = message as CallContext
        const span = this.#calls.get(context)
        if (span !== undefined) {
            this.#calls.delete(context)
            endSpan(span, context)
        }
    }

    /** The spans of the publishes in a batch: the oldest ones under way. */
    #publishesIn(batch: TicketRange): readonly Span[] {
        const spans: Span[] = []
        for (const [{ tickets }, span] of this.#publishes) {
            if (tickets.first > batch.last) {
                break
            }
            if (overlaps(tickets, batch)) {
                spans.push(span)
            }
        }
        return spans
    }

    /** Ends every span under way. */
    close(): void {
        for (const span of [...this.#publishes.values(), ...this.#calls.values()]) {
            span.end()
        }
        this.#publishes.clear()
        this.#calls.clear()
    }
}

/** Reports the spans of a member to a tracer. Returns the undo. */
export function instrumentTraces(
    kibitzer: Pick<Kibitzer, 'id' | 'paxos'>, tracer: Tracer, hasCalls: boolean
): () => void {
    const spans = new MemberSpans(kibitzer, tracer, hasCalls)
    const subscriptions = [
        [PUBLISHES.start, spans.startPublish], [PUBLISHES.end, spans.endThrown],
        [PUBLISHES.asyncEnd, spans.endPublish], [CALLS.start, spans.startCall],
        [CALLS.asyncEnd, spans.endCall]
    ] as const
    for (const [channel, take] of subscriptions) {
        channel.subscribe(take)
    }
    return () => {
        for (const [channel, take] of subscriptions) {
            channel.unsubscribe(take)
        }
        spans.close()
    }
}
