import Caller from 'conduit/caller.js'
import Signal from 'signal'
import type { WireCall } from '../../guard/envelope.js'
import type { Arrival, Peer, TurnedAway } from '../authenticated-peer.js'

type Callback = (error: Error | null | undefined, result?: unknown) => void

/** A call that every transport must deliver unchanged. */
export function envelope(to: unknown, body: unknown = 'body'): WireCall {
    const entry = { id: 'a', cookie: '1', immigrated: '1/0', body }
    return { module: 'kibitz', method: 'enqueue', to, body: { republic: 'r', entries: [entry] } }
}

/**
 * The part of a Kibitzer that a transport uses, without an engine. It stores each arrived envelope,
 * and answers as the test decides.
 */
export class FakeKibitzer {
    readonly id: string
    readonly read: Caller<WireCall, unknown>['read']
    readonly write: Caller<WireCall, unknown>['write']
    readonly destruction: Signal<[error?: Error | null, ...results: unknown[]]> = new Signal()
    /** The envelopes that were passed to `request`. */
    readonly requests: unknown[] = []
    /** The authenticated peer of each envelope; `undefined` without proof. */
    readonly peers: (Peer | undefined)[] = []
    /** The codes that were passed to `turnAway`. */
    readonly turnedAway: TurnedAway[] = []
    /** Whether `destroy` was called. */
    destroyed = false
    /** The answer to an envelope; a test may replace the function. */
    answer: (envelope: unknown) => unknown = () => ({ from: this.id })
    readonly #caller = new Caller<WireCall, unknown>()
    #onTurnedAway: () => void = () => {}

    constructor(id: string) {
        this.id = id
        this.read = this.#caller.read
        this.write = this.#caller.write
    }

    /**
     * Sends a call through the transport. Resolves with the answer, or with the code of the error.
     */
    call(call: WireCall): Promise<unknown> {
        return new Promise((resolve) => {
            this.#caller.invoke(call, (error, answer) => {
                resolve(error instanceof Error ? error.message.split('\n')[0] : answer)
            })
        })
    }

    /** Receives an envelope, like `Kibitzer.request`. */
    async request(
        arrived: unknown,
        arrival?: Arrival | Callback,
        callback?: Callback
    ): Promise<unknown> {
        const hasNoArrival = typeof arrival === 'function'
        this.requests.push(arrived)
        this.peers.push(hasNoArrival ? undefined : arrival?.peer)
        const answer = await this.answer(arrived)
        const answered = hasNoArrival ? arrival : callback
        answered?.(null, answer)
        return answer
    }

    /** Stores the code of a message that the transport turned away. */
    turnAway(code: TurnedAway): void {
        this.turnedAway.push(code)
        this.#onTurnedAway()
        this.#onTurnedAway = () => {}
    }

    /** Resolves at the next call of `turnAway`. */
    refusal(): Promise<void> {
        return new Promise((resolve) => {
            this.#onTurnedAway = resolve
        })
    }

    /** Ends the member, like `Kibitzer.destroy`. */
    destroy(): void {
        if (!this.destroyed) {
            this.destroyed = true
            this.write.push(null)
            this.destruction.unlatch()
        }
    }
}
