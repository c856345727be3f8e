import Caller from 'conduit/caller.js'
import Signal from 'signal'
import type { WireCall } from '../../guard/envelope.js'
import type { Arrival, Peer, TurnedAway } from '../authenticated-peer.js'

type Callback = (error: Error | null | undefined, result?: unknown) => void

/** A call that every transport has to bring over as it is. */
export function envelope(to: unknown, body: unknown = 'body'): WireCall {
    const entry = { id: 'a', cookie: '1', immigrated: '1/0', body }
    return { module: 'kibitz', method: 'enqueue', to, body: { republic: 'r', entries: [entry] } }
}

/**
 * What a transport sees of a Kibitzer, and nothing behind it but what a test puts there. It keeps
 * whatever arrives, and answers what it is told to.
 */
export class FakeKibitzer {
    readonly id: string
    readonly read: Caller<WireCall, unknown>['read']
    readonly write: Caller<WireCall, unknown>['write']
    readonly destruction: Signal<[error?: Error | null, ...results: unknown[]]> = new Signal()
    /** What was handed to `request`. */
    readonly requests: unknown[] = []
    /** Who was proven to have sent each; `undefined` where nobody was. */
    readonly peers: (Peer | undefined)[] = []
    /** What the transport has turned away. */
    readonly turnedAway: TurnedAway[] = []
    /** True once it was destroyed. */
    destroyed = false
    /** How it answers. */
    answer: (envelope: unknown) => unknown = () => ({ from: this.id })
    readonly #caller = new Caller<WireCall, unknown>()
    #onTurnedAway: () => void = () => {}

    constructor(id: string) {
        this.id = id
        this.read = this.#caller.read
        this.write = this.#caller.write
    }

    /** Calls another, and yields the answer; the code of the error where there is none. */
    call(call: WireCall): Promise<unknown> {
        return new Promise((resolve) => {
            this.#caller.invoke(call, (error, answer) => {
                resolve(error instanceof Error ? error.message.split('\n')[0] : answer)
            })
        })
    }

    /** Takes what has arrived, as a Kibitzer does. */
    async request(
        arrived: unknown,
        arrival?: Arrival | Callback,
        callback?: Callback
    ): Promise<unknown> {
        const isBare = typeof arrival === 'function'
        this.requests.push(arrived)
        this.peers.push(isBare ? undefined : arrival?.peer)
        const answer = await this.answer(arrived)
        const answered = isBare ? arrival : callback
        answered?.(null, answer)
        return answer
    }

    /** Keeps what the transport has turned away. */
    turnAway(code: TurnedAway): void {
        this.turnedAway.push(code)
        this.#onTurnedAway()
        this.#onTurnedAway = () => {}
    }

    /** Resolves when the next one is turned away. */
    refusal(): Promise<void> {
        return new Promise((resolve) => {
            this.#onTurnedAway = resolve
        })
    }

    /** Ends it, as a Kibitzer ends. */
    destroy(): void {
        if (!this.destroyed) {
            this.destroyed = true
            this.write.push(null)
            this.destruction.unlatch()
        }
    }
}
