import Caller from 'conduit/caller.js'
import Signal from 'signal'
import type { WireCall } from '../../src/guard/envelope.js'
import type { Arrival, TurnedAway } from '../../src/peer.js'

type Callback = (error: Error | null | undefined, result?: unknown) => void

/** A call that every transport has to bring over as it is. */
export function envelope(to: unknown, body: unknown = 'body'): WireCall {
    const entry = { id: 'a', cookie: '1', immigrated: '1/0', body }
    return { module: 'kibitz', method: 'enqueue', to, body: { republic: 'r', entries: [entry] } }
}

/** What a transport sees of a Kibitzer, and nothing behind it but what a test puts there. */
export class Bare {
    readonly id: string
    readonly read: Caller<WireCall, unknown>['read']
    readonly write: Caller<WireCall, unknown>['write']
    readonly destruction: Signal<[error?: Error | null, ...results: unknown[]]> = new Signal()
    /** What was handed to `request`. */
    readonly requests: unknown[] = []
    /** Who was proven to have sent each. */
    readonly peers: unknown[] = []
    /** What the transport has turned away. */
    readonly turnedAway: TurnedAway[] = []
    #onTurnedAway: () => void = () => {}
    destroyed = false
    /** How it answers. */
    answer: (envelope: unknown) => unknown = () => ({ from: this.id })
    readonly #caller = new Caller<WireCall, unknown>()

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

    destroy(): void {
        if (!this.destroyed) {
            this.destroyed = true
            this.write.push(null)
            this.destruction.unlatch()
        }
    }
}
