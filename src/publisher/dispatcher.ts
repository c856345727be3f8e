import Procession from 'procession'
import type { Dispatch, Sought } from './islander-types.js'
import type { Monotonic } from '../base/monotonic.js'

/** The number of hexadecimal digits by which the dispatches of one life are numbered. */
const LIFE_DIGITS = 8

/** Names a publisher on its messages, and queues the dispatches for the leader. */
export class Dispatcher {
    /** The id of the publisher. */
    readonly id: string
    readonly outbox: Procession<Dispatch> = new Procession()
    /** The publisher's immigration promise; `null` before the log shows the admission. */
    immigrated: Monotonic | null = null
    /** The last cookie of a dispatch, or of an entry in a republic of version 1. */
    cookie = '0'

    constructor(id: string) {
        this.id = id
    }

    /**
     * Begins a life of the publisher.
     *
     * @param sendsEarly Whether an earlier process may have sent dispatches that its disk does not
     * hold. If so, the dispatches of the life have numbers of their own.
     */
    beginLife(firstIdentity: string, sendsEarly: boolean): void {
        const [life = '0'] = firstIdentity.split('/')
        this.cookie = sendsEarly ? life + '0'.repeat(LIFE_DIGITS) : this.cookie
    }

    /** Queues a dispatch with the cookie `cookie`. */
    dispatch(messages: readonly Pick<Sought, 'cookie' | 'body'>[]): void {
        const { id, cookie: last } = this
        const immigrated = this.immigrated ?? '0/0'
        this.outbox.push({
            cookie: last,
            messages: messages.map(({ cookie, body }) =>
                Object.freeze({ id, cookie, body, promise: null, immigrated })
            )
        })
    }
}
