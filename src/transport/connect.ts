import type { Invoke } from 'conduit/caller.js'
import { KibitzError } from '../base/errors.js'
import type { WireCall } from '../guard/envelope.js'
import {
    callable,
    count,
    fitting,
    having,
    milliseconds,
    type OptionKind,
    type OptionTable,
    readOptions
} from '../base/option-table.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties } from '../paxos/messages/messages.js'
import type { Arrival } from './authenticated-peer.js'
import { onPush } from '../base/queues.js'
import { type Concluded, refusalOf } from './refusals.js'

/**
 * One half of a transport: takes an envelope to whom the properties name and resolves with the
 * answer, whose shape need not be checked. It may reject and it may throw; who cannot be reached
 * is unreachable, whatever the reason. If the error has a `status`, the call counts as refused
 * under this status. When the signal aborts, nobody waits for it any more.
 *
 * The other half is `request`: what has arrived is handed to it as it is.
 */
export type Send = (to: Properties, envelope: WireCall, signal: AbortSignal) => Promise<unknown>

/** How calls are carried. */
export interface ConnectOptions {
    /**
     * How long an answer may take, in milliseconds. Keep it below the `timeout` of the Kibitzer,
     * so that a call is over before the silence of its addressee has consequences.
     *
     * @default 800
     */
    readonly callTimeout?: number
    /** How many calls may be under way to one addressee; more have no answer. @default 64 */
    readonly callsMax?: number
}

/** What each of these options may be. */
export const CONNECT_OPTIONS: OptionTable<ConnectOptions> = {
    callTimeout: milliseconds,
    callsMax: count(65_536)
}

/** What a transport asks of a Kibitzer: queues to read and to write. */
export const QUEUES: OptionKind = fitting('a Kibitzer', (value) => {
    const { read, write } = value as Partial<Kibitzer>
    return typeof read?.shifter === 'function' && typeof write?.push === 'function'
})

/** What a transport hands calls to. */
export const CALLEE: OptionKind = having('a Kibitzer', 'request')

/**
 * Checks what is no option of a function but an argument of its own.
 *
 * @throws KibitzError `invalid-argument` that names the argument.
 */
export function checkArguments(
    subject: string,
    given: Readonly<Record<string, unknown>>,
    table: Readonly<Record<string, OptionKind>>
): void {
    readOptions(subject, given, table, Object.keys(table))
}

/**
 * A call under way, as a carrier of this library sees it. A signal costs as much as all the rest
 * of a call, so there is none before somebody asks for it.
 */
export class CallHandle {
    /** Called when it has ended without an answer, and nobody waits for one any more. */
    onEnd: (() => void) | null = null
    #controller: AbortController | null = null
    #reason: KibitzError | null = null

    /** Why it has ended without an answer; `null` while it has not. */
    get reason(): KibitzError | null {
        return this.#reason
    }

    /** Aborted when it ends without an answer. */
    get signal(): AbortSignal {
        this.#controller ??= new AbortController()
        if (this.#reason !== null) {
            this.#controller.abort(this.#reason)
        }
        return this.#controller.signal
    }

    /** Ends it without an answer. */
    end(reason: KibitzError): void {
        this.#reason = reason
        this.#controller?.abort(reason)
        this.onEnd?.()
    }
}

/** What a `Send` is to users, for those who need a signal seldom. */
export type InternalSend = (
    to: Properties, envelope: WireCall, callHandle: CallHandle
) => Promise<unknown>

/** A call under way. */
interface Call {
    /** Ends the call without an answer. */
    abandon(reason: KibitzError): void
}

/** Has a Kibitzer answer what has arrived. Never rejects: where it fails there is no answer. */
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
 * Takes calls from a Kibitzer, has them sent, and puts the answers back.
 *
 * 1. Every call is answered once, and never in the turn in which it was made; `null` stands for an
 *    answer that did not come, or not in time.
 * 2. Calls do not wait for each other.
 * 3. Nothing that a `send` does ends the feed.
 */
class Connection {
    readonly #write: Kibitzer['write']
    readonly #carry: InternalSend
    readonly #callTimeout: number
    readonly #callsMax: number
    /** By the properties themselves: a government keeps one object for each member. */
    readonly #underWay = new Map<Properties, Set<Call>>()

    constructor(write: Kibitzer['write'], carry: InternalSend, options: ConnectOptions) {
        this.#write = write
        this.#carry = carry
        const { callTimeout = 800, callsMax = 64 } = options
        this.#callTimeout = callTimeout
        this.#callsMax = callsMax
    }

    /** Has a call sent, and answers it. */
    carry({ cookie, body }: Invoke<WireCall>): void {
        const { to } = body
        const calls = this.#underWay.get(to) ?? new Set()
        if (calls.size >= this.#callsMax) {
            queueMicrotask(() => this.#answer(cookie, null))
            return
        }
        this.#underWay.set(to, calls)
        const callHandle = new CallHandle()
        const conclude = (answer: unknown, concluded: Concluded = {}): void => {
            if (calls.delete(call)) {
                clearTimeout(timer)
                if (calls.size === 0) {
                    this.#underWay.delete(to)
                }
                this.#answer(cookie, answer ?? null, concluded)
            }
        }
        const call: Call = {
            abandon: (reason) => {
                callHandle.end(reason)
                conclude(null)
            }
        }
        const timer = setTimeout(() => call.abandon(late(this.#callTimeout)), this.#callTimeout)
        calls.add(call)
        // A `send` that throws is as good as one that rejects.
        new Promise((resolve) => {
            resolve(this.#carry(to, body, callHandle))
        }).then(
            (answer) => conclude(answer, (answer ?? null) === null ? { isAnswered: true } : {}),
            (error) => {
                const refused = refusalOf(error)
                conclude(null, refused === null ? {} : { refused })
            }
        )
    }

    /** Ends every call under way without an answer. */
    end(): void {
        const reason = new KibitzError('unreachable', 'The transport was disconnected.')
        for (const call of [...this.#underWay.values()].flatMap((calls) => [...calls])) {
            call.abandon(reason)
        }
    }

    #answer(cookie: string, body: unknown, concluded: Concluded = {}): void {
        const answer = { module: 'conduit/procedure', method: 'invocation', cookie, body } as const
        this.#write.push(Object.assign(answer, concluded))
    }
}

function late(callTimeout: number): KibitzError {
    return new KibitzError('unreachable', `No answer came within ${callTimeout} ms.`)
}

/**
 * Connects a Kibitzer with what sends its envelopes. Do it before `bootstrap` and `join`: a call
 * that nobody took is not sent later. It ends with the Kibitzer.
 *
 * @returns The undo. It ends the calls under way without an answer; connect another transport
 * right after it, or destroy the Kibitzer, since a call that nobody takes is never answered.
 * @throws KibitzError `invalid-argument`.
 */
export function connect(
    kibitzer: Pick<Kibitzer, 'read' | 'write'>,
    send: Send,
    options: ConnectOptions | null = {}
): () => void {
    checkArguments('connect', { kibitzer, send }, { kibitzer: QUEUES, send: callable })
    const settings = readOptions('connect', options, CONNECT_OPTIONS)
    const carry: InternalSend = (to, envelope, callHandle) => send(to, envelope, callHandle.signal)
    return connectSend(kibitzer, carry, settings)
}

/** The same for a carrier of this library, with options that were checked. */
export function connectSend(
    kibitzer: Pick<Kibitzer, 'read' | 'write'>,
    carry: InternalSend,
    options: ConnectOptions
): () => void {
    const connection = new Connection(kibitzer.write, carry, options)
    const cursor = kibitzer.read.shifter()
    // A pump of the queue's own takes two asynchronous methods for each call.
    const feed = (): void => {
        for (let invoke = cursor.shift(); invoke !== null; invoke = cursor.shift()) {
            connection.carry(invoke)
        }
        if (cursor.endOfStream) {
            leave()
            connection.end()
        }
    }
    const leave = onPush(kibitzer.read, feed)
    feed()
    return () => {
        leave()
        cursor.destroy()
        connection.end()
    }
}
