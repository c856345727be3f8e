import type { Message } from './islander-types.js'
import { Monotonic, Series } from '../base/monotonic.js'
import type { Proposal } from '../paxos/messages/proposals.js'

/**
 * The JSON form of successive proposals of one publisher: the cookies count up by one, and each
 * body stands for one proposal.
 */
export interface PackedBatch {
    readonly id: string
    /** The cookie of the first proposal. */
    readonly cookie: string
    readonly immigrated: Monotonic
    readonly bodies: readonly unknown[]
}

/** A proposal from a publisher, or from a member that forwards the proposal to the leader. */
type SentProposal = Pick<Message, 'id' | 'cookie' | 'body'> & Partial<Pick<Message, 'immigrated'>>

function continues(last: SentProposal, { id, immigrated, cookie }: SentProposal): boolean {
    return id === last.id && immigrated === last.immigrated &&
        Monotonic.isNext(last.cookie, cookie)
}

function toJSON(this: readonly SentProposal[]): readonly (SentProposal | PackedBatch)[] {
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

/**
 * Copies a list of messages and gives the copy a `toJSON` method. Within a process the list stays a
 * list of messages; as JSON, a run of one publisher becomes one `PackedBatch`.
 */
export function packable(messages: readonly SentProposal[]): readonly SentProposal[] {
    return Object.freeze(Object.defineProperty(messages.slice(), 'toJSON', { value: toJSON }))
}

/** Unpacks a packed batch. Every field must be checked already. */
export function unpackBatch({ id, cookie, immigrated, bodies }: PackedBatch): Proposal[] {
    const cookies = new Series(cookie)
    return bodies.map((body) => Object.freeze({ id, cookie: cookies.next(), body, immigrated }))
}
