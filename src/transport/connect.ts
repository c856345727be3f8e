import type { Invoke } from 'conduit/caller.js'
import { KibitzError } from '../base/errors.js'
import type { WireCall } from '../guard/envelope.js'
import { callable, fitting, having, type OptionKind, readOptions } from '../base/option-table.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties } from '../paxos/messages/messages.js'
import type { Arrival } from './authenticated-peer.js'
import { onPush } from '../base/queues.js'
import {
    type CallHandle, CallsInFlight, CONNECT_OPTIONS, type ConnectOptions
} from './call-limits.js'
import { type CallOutcome, refusalOf } from './refusals.js'
import { NeedsTls } from './tls-address.js'

/**
 * The sending half of a transport: sends an envelope to the member that the properties address, and
 * resolves with the answer. kibitz checks the shape of the answer. The function may reject or
 * throw; then the call counts as lost. If the error has a `status`, the call counts as refused with
 * this status. When the signal aborts, the call has ended and its answer is ignored.
 *
 * The receiving half is `request`: pass each arrived envelope to `request` unchanged.
 */
export type Send = (to: Properties, envelope: WireCall, signal: AbortSignal) => Promise<unknown>

/** The kind of an argument that must be a Kibitzer with the queues `read` and `write`. */
export const QUEUES: OptionKind = fitting('a Kibitzer', (value) => {
    const { read, write } = value as Partial<Kibitzer>
    return typeof read?.shifter === 'function' && typeof write?.push === 'function'
})

/** The kind of an argument that must be a Kibitzer with `request`. */
export const CALLEE: OptionKind = having('a Kibitzer', 'request')

/** Checks the arguments of a function that are not options. */
export function checkArguments(
    subject: string,
    given: Readonly<Record<string, unknown>>,
    table: Readonly<Record<string, OptionKind>>
): void {
    readOptions(subject, given, table, Object.keys(table))
}

/** The internal form of `Send`, for transports of this library. These seldom need a signal. */
export type InternalSend = (
    to: Properties, envelope: WireCall, callHandle: CallHandle
) => Promise<unknown>

/**
 * Passes an arrived envelope to a Kibitzer, and resolves with the answer. Never rejects: a failure
 * of the Kibitzer resolves with `null`.
 */
export async function respond(
    kibitzer: Pick<Kibitzer, 'request'>,
    envelope: unknown,
    arrival: Arrival
): Promise<unknown> {
    try {
        const answering =
            arrival.peer === undefined
                ? kibitzer.request(envelope)
                : kibitzer.request(envelope, arrival)
        return (await answering) ?? null
    } catch {
        return null
    }
}

/**
 * Sends the calls of a Kibitzer, and writes the answers back.
 *
 * 1. Each call is answered once, and never in the turn in which the Kibitzer made the call. The
 *    answer `null` means that no answer came in time.
 * 2. A call does not wait for another call.
 * 3. A `send` that throws or rejects does not end the connection.
 */
class Connection {
    readonly #write: Kibitzer['write']
    readonly #send: InternalSend
    readonly #inFlight: CallsInFlight

    constructor(write: Kibitzer['write'], send: InternalSend, options: ConnectOptions) {
        this.#write = write
        this.#send = send
        this.#inFlight = new CallsInFlight(options)
    }

    /** Sends a call, and answers the call once. */
    sendCall({ cookie, body }: Invoke<WireCall>): void {
        const { to } = body
        const call = this.#inFlight.begin(to, () => this.#answer(cookie, null))
        if (call === null) {
            queueMicrotask(() => this.#answer(cookie, null))
            return
        }
        const conclude = (answer: unknown, outcome: CallOutcome): void => {
            if (this.#inFlight.end(to, call)) {
                this.#answer(cookie, answer ?? null, outcome)
            }
        }
        // A `send` that throws counts like a `send` that rejects.
        new Promise((resolve) => {
            resolve(this.#send(to, body, call.handle))
        }).then(
            (answer) => conclude(answer, (answer ?? null) === null ? { isAnswered: true } : {}),
            (error) => {
                const refused = refusalOf(error)
                const mistake = error instanceof NeedsTls ? { mistake: error.message } : {}
                conclude(null, refused === null ? mistake : { refused })
            }
        )
    }

    /** Ends all calls in flight without an answer. */
    end(): void {
        this.#inFlight.abandonAll(
            new KibitzError('unreachable', 'The transport was disconnected.')
        )
    }

    #answer(cookie: string, body: unknown, outcome: CallOutcome = {}): void {
        const answer = { module: 'conduit/procedure', method: 'invocation', cookie, body } as const
        this.#write.push(Object.assign(answer, outcome))
    }
}

/**
 * Connects a Kibitzer with a function that sends its envelopes. Connect before `bootstrap` and
 * `join`: a call that is made without a connection is not sent later. The connection ends when the
 * Kibitzer is destroyed.
 *
 * @returns The undo, which ends the calls in flight without an answer. Afterwards, connect another
 * transport at once or destroy the Kibitzer: without a connection no call gets an answer.
 * @throws KibitzError `invalid-argument`.
 */
export function connect(
    kibitzer: Pick<Kibitzer, 'read' | 'write'>,
    send: Send,
    options: ConnectOptions | null = {}
): () => void {
    checkArguments('connect', { kibitzer, send }, { kibitzer: QUEUES, send: callable })
    const settings = readOptions('connect', options, CONNECT_OPTIONS)
    const internal: InternalSend = (to, envelope, { signal }) => send(to, envelope, signal)
    return connectSend(kibitzer, internal, settings)
}

/** Connects a `send` of this library, with checked options. */
export function connectSend(
    kibitzer: Pick<Kibitzer, 'read' | 'write'>,
    send: InternalSend,
    options: ConnectOptions
): () => void {
    const connection = new Connection(kibitzer.write, send, options)
    const cursor = kibitzer.read.shifter()
    // The pump of the queue takes two asynchronous methods for each call.
    const sendCalls = (): void => {
        for (let invoke = cursor.shift(); invoke !== null; invoke = cursor.shift()) {
            connection.sendCall(invoke)
        }
        if (cursor.endOfStream) {
            unsubscribe()
            connection.end()
        }
    }
    const unsubscribe = onPush(kibitzer.read, sendCalls)
    sendCalls()
    return () => {
        unsubscribe()
        cursor.destroy()
        connection.end()
    }
}
