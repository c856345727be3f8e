import { onAbort } from '../base/abort-signal.js'
import { KibitzError } from '../base/errors.js'
import type { Reply } from '../colleague/out-of-band-messages.js'
import type { Attach, Attachable } from '../colleague/transport.js'
import type { WireCall } from '../guard/envelope.js'
import type { Properties } from '../paxos/messages/messages.js'
import { connectSend } from '../transport/connect.js'
import type { VirtualTimeline } from './virtual-timeline.js'
import type { Weather } from './weather.js'

/** A running process on a host of the network. */
interface Station {
    readonly host: number
    readonly attachable: Attachable
    /** Whether the process sends and receives. */
    isUp: boolean
}

function unreachable(to: unknown): KibitzError {
    return new KibitzError('unreachable', `No process listens on host ${String(to)}.`)
}

/**
 * Carries the calls, questions and states of Colleagues over simulated links, on virtual time. The
 * address of a member is the number of its host.
 */
export class VirtualNetwork {
    readonly #timeline: VirtualTimeline
    readonly #weather: Weather
    readonly #stations = new Map<number, Station>()
    /** The number of messages that have arrived. */
    messages = 0

    constructor(timeline: VirtualTimeline, weather: Weather) {
        this.#timeline = timeline
        this.#weather = weather
    }

    /** The transport of a process on a host. */
    attach(host: number): Attach {
        return (attachable) => {
            const station = { host, attachable, isUp: true }
            this.#stations.set(host, station)
            const disconnect = connectSend(
                attachable.kibitzer, (to, envelope) => this.#call(station, to, envelope), {}
            )
            return Object.freeze({
                properties: { host },
                carriesBytes: true,
                ask: (to: Properties, post: unknown, signal: AbortSignal) =>
                    this.#ask(station, to, post, signal),
                close: () => {
                    this.#detach(station)
                    disconnect()
                    return Promise.resolve()
                }
            })
        }
    }

    /** Ends the process on a host: its messages under way are lost. */
    cutOff(host: number): void {
        const station = this.#stations.get(host)
        if (station !== undefined) {
            this.#detach(station)
        }
    }

    /** The addresses of all hosts with a process. */
    addresses(): readonly { readonly host: number }[] {
        return [...this.#stations.keys()].map((host) => ({ host }))
    }

    #detach(station: Station): void {
        station.isUp = false
        if (this.#stations.get(station.host) === station) {
            this.#stations.delete(station.host)
        }
    }

    #call(from: Station, to: Properties, envelope: WireCall): Promise<unknown> {
        return new Promise((resolve, reject) => {
            this.#travel(from, to, false, reject, (target) => {
                target.attachable.kibitzer.request(envelope).then((answer) => {
                    this.#travel(target, from, true, reject, () => resolve(answer))
                }, reject)
            })
        })
    }

    async #ask(
        from: Station, to: Properties, post: unknown, signal: AbortSignal
    ): Promise<unknown> {
        signal.throwIfAborted()
        return await new Promise((resolve, reject) => {
            const forget = onAbort(signal, () => reject(signal.reason))
            const fail = (error: unknown): void => {
                forget()
                reject(error)
            }
            this.#travel(from, to, false, fail, (target, isCopy) => {
                if (isCopy) {
                    return
                }
                target.attachable.answer(post).then((reply: Reply) => {
                    this.#travel(target, from, true, fail, () => {
                        forget()
                        resolve(reply)
                    })
                }, fail)
            })
        })
    }

    /** Carries a message. A silent loss has no effect; the time limit of the call ends the wait. */
    #travel(
        from: Station, to: Properties | Station, isReply: boolean,
        onLoss: (error: Error) => void,
        onArrival: (target: Station, isCopy: boolean) => void
    ): void {
        const { host } = (to ?? {}) as { readonly host?: unknown }
        if (!from.isUp || typeof host !== 'number') {
            onLoss(unreachable(host))
            return
        }
        const fate = this.#weather.fate(from.host, host, isReply)
        if (fate.isLost) {
            if (!fate.isSilent) {
                this.#timeline.after(fate.delayMs, () => onLoss(unreachable(host)))
            }
            return
        }
        for (let copy = 0; copy <= fate.copies; copy++) {
            this.#timeline.after(fate.delayMs * (1 + copy * 3), () => {
                const target = this.#stations.get(host)
                if (target === undefined || (isReply && target !== to)) {
                    onLoss(unreachable(host))
                    return
                }
                this.messages++
                onArrival(target, copy > 0)
            })
        }
    }
}
