import type Caller from 'conduit/caller.js'
import type { WireCall } from '../guard/envelope.js'
import type { CallOutcome } from '../transport/refusals.js'
import type { Awaiting } from './call-context.js'
import { Unsendable } from './unsendable.js'

/** Takes the end of each call through a Caller; `peer` is the called member, if known. */
type ObserveEnd = (outcome: CallOutcome, peer: string | undefined) => void

/**
 * Frequent calls without `Caller.invoke`, which takes four asynchronous methods and as much time as
 * all other work of a member. The queues of the Caller carry the same messages, and each call is
 * answered once: a call that the end of the queues cuts off has the answer `null`.
 */
export class FrequentCalls {
    readonly #caller: Caller<WireCall, unknown>
    readonly #observe: ObserveEnd
    /** The calls without an answer so far, by cookie. */
    readonly #awaiting = new Map<string, Awaiting>()
    #calls = 0

    constructor(caller: Caller<WireCall, unknown>, observe: ObserveEnd) {
        this.#caller = caller
        this.#observe = observe
        this.#takeAnswers()
    }

    /** Sends a call. */
    send(call: WireCall, awaiting: Awaiting): void {
        const { read, write } = this.#caller
        if (read.endOfStream === true || write.endOfStream === true) {
            awaiting.answered(null)
            return
        }
        // The Caller's own cookies are hexadecimal, so this cookie is distinct.
        const cookie = `k${++this.#calls}`
        this.#awaiting.set(cookie, awaiting)
        read.push({ module: 'conduit/caller', method: 'invoke', cookie, body: call })
    }

    /** Takes the answers to the calls of `send`. The Caller gets all other answers. */
    #takeAnswers(): void {
        const { write } = this.#caller
        const plain = write.push.bind(write)
        const plainShifter = write.shifter.bind(write)
        let isRead = false
        const shifter: typeof plainShifter = (...vargs) => {
            isRead = true
            return plainShifter(...vargs)
        }
        const push: typeof plain = (invocation) => {
            const cookie = invocation?.cookie ?? ''
            const awaiting = this.#awaiting.get(cookie)
            const concluded = (invocation ?? {}) as CallOutcome
            const { mistake = null } = concluded
            this.#observe(concluded, awaiting?.peer)
            if (awaiting === undefined && invocation !== null && mistake !== null) {
                plain({ ...invocation, body: new Unsendable(mistake) })
            } else if (awaiting === undefined) {
                plain(invocation)
            } else {
                this.#awaiting.delete(cookie)
                if (isRead) {
                    // The Caller ignores a cookie that the Caller has not assigned.
                    plain(invocation)
                }
                awaiting.answered(invocation?.body, concluded)
            }
            if (invocation === null) {
                this.#endCalls()
            }
        }
        Object.assign(write, { push, shifter })
    }

    #endCalls(): void {
        const cutOff = [...this.#awaiting.values()]
        this.#awaiting.clear()
        for (const { answered } of cutOff) {
            answered(null)
        }
    }
}
