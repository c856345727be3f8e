import type { Invoke } from 'conduit/caller.js'
import { KibitzError } from '../error.js'
import type { WireCall } from '../guard/envelope.js'
import type { Kibitzer } from '../kibitzer.js'
import type { Properties } from '../paxos/message.js'
import type { Arrival } from '../peer.js'

/**
 * One half of a transport: takes an envelope to whom the properties name and resolves with the
 * answer, whose shape need not be checked. It may reject and it may throw; who cannot be reached
 * is unreachable, whatever the reason. When the signal aborts, nobody waits for it any more.
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

/** Checks that a number of an option counts something. */
export function checkCount(name: string, count: number): number {
    if (!Number.isSafeInteger(count) || count < 1) {
        throw new KibitzError(
            'invalid-argument',
            `${name} must be a whole number above zero, not ${count}. Nothing was started.`
        )
    }
    return count
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
    readonly #send: Send
    readonly #callTimeout: number
    readonly #callsMax: number
    /** By the properties themselves: a government keeps one object for each member. */
    readonly #underWay = new Map<Properties, Set<Call>>()

    constructor(write: Kibitzer['write'], send: Send, options: ConnectOptions) {
        this.#write = write
        this.#send = send
        this.#callTimeout = checkCount('callTimeout', options.callTimeout ?? 800)
        this.#callsMax = checkCount('callsMax', options.callsMax ?? 64)
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
        const controller = new AbortController()
        const conclude = (answer: unknown): void => {
            if (calls.delete(call)) {
                clearTimeout(timer)
                if (calls.size === 0) {
                    this.#underWay.delete(to)
                }
                this.#answer(cookie, answer ?? null)
            }
        }
        const call: Call = {
            abandon: (reason) => {
                controller.abort(reason)
                conclude(null)
            }
        }
        const timer = setTimeout(() => call.abandon(late(this.#callTimeout)), this.#callTimeout)
        calls.add(call)
        // A `send` that throws is as good as one that rejects.
        new Promise((resolve) => {
            resolve(this.#send(to, body, controller.signal))
        }).then(conclude, () => conclude(null))
    }

    /** Ends every call under way without an answer. */
    end(): void {
        const reason = new KibitzError('unreachable', 'The transport was disconnected.')
        for (const call of [...this.#underWay.values()].flatMap((calls) => [...calls])) {
            call.abandon(reason)
        }
    }

    #answer(cookie: string, body: unknown): void {
        this.#write.push({ module: 'conduit/procedure', method: 'invocation', cookie, body })
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
    options: ConnectOptions = {}
): () => void {
    const connection = new Connection(kibitzer.write, send, options)
    const feed = kibitzer.read.shifter().pump((invoke: Invoke<WireCall> | null) => {
        if (invoke === null) {
            connection.end()
        } else {
            connection.carry(invoke)
        }
    })
    return () => {
        feed.cancel()
        connection.end()
    }
}
