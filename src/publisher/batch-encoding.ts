import type { Message } from './islander-types.js'
import { Monotonic, Series } from '../base/monotonic.js'
import type { Proposal } from '../paxos/messages/proposals.js'

/**
 * What one publisher proposes, its cookies counting up by one, as it travels as text. It stands for
 * as many proposals as it has bodies.
 */
export interface PackedBatch {
    readonly id: string
    /** The cookie of the first. */
    readonly cookie: string
    readonly immigrated: Monotonic
    readonly bodies: readonly unknown[]
}

/** A proposal as a publisher sends the proposal, or as a member passes the proposal on. */
type Posted = Pick<Message, 'id' | 'cookie' | 'body'> & Partial<Pick<Message, 'immigrated'>>

function continues(last: Posted, { id, immigrated, cookie }: Posted): boolean {
    return id === last.id && immigrated === last.immigrated &&
        Monotonic.isNext(last.cookie, cookie)
}

function toJSON(this: readonly Posted[]): readonly (Posted | PackedBatch)[] {
    const [first] = this
    const isPacked = this.length > 1 && this.every((message, at) => {
        const last = this[at - 1]
        return last === undefined || continues(last, message)
    })
    const { id, cookie, immigrated } = first ?? {}
    if (id === undefined || cookie === undefined || immigrated === undefined || !isPacked) {
        return this.slice()
    }
    return [{ id, cookie, immigrated, bodies: this.map(({ body }) => body) }]
}

/** Messages that are handed on as they are within a process, and as a parcel as text. */
export function posted(messages: readonly Posted[]): readonly Posted[] {
    return Object.freeze(Object.defineProperty(messages.slice(), 'toJSON', { value: toJSON }))
}

/** Reads a parcel, whose every field is sound. */
export function unwrap({ id, cookie, immigrated, bodies }: PackedBatch): Proposal[] {
    const cookies = new Series(cookie)
    return bodies.map((body) => Object.freeze({ id, cookie: cookies.next(), body, immigrated }))
}
