import Caller from 'conduit/caller.js'
import Signal from 'signal'
import type { WireCall } from '../../src/guard/envelope.js'

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

    async request(arrived: unknown, callback?: Callback): Promise<unknown> {
        this.requests.push(arrived)
        const answer = await this.answer(arrived)
        callback?.(null, answer)
        return answer
    }

    destroy(): void {
        if (!this.destroyed) {
            this.destroyed = true
            this.write.push(null)
            this.destruction.unlatch()
        }
    }
}
