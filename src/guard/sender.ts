import type { Peer } from '../transport/authenticated-peer.js'
import type { WireCall } from './envelope.js'

/** The claimed sender of the call is not the authenticated peer. */
export interface SenderMismatch {
    readonly code: 'other-peer'
    /** The path of the field that names another sender, for example `body.from.id`. */
    readonly at: string
}

/**
 * The path of the field that names another sender than the peer; `null` if the peer may send the
 * call. A citizen may pass on a batch or an immigration of another member, once: the batch of a
 * publisher that does not reach the leader, or the request of a new member that this citizen was
 * asked to admit.
 */
function otherSenderAt(
    call: WireCall,
    { id }: Peer,
    isCitizen: (id: string) => boolean
): string | null {
    switch (call.method) {
        case 'receive':
            return call.body.from.id === id ? null : 'body.from.id'
        case 'enqueue': {
            const { entries, hops = 0 } = call.body
            const index = entries.findIndex((entry) => entry.id !== id)
            return index === -1 || (hops > 0 && isCitizen(id)) ? null : `body.entries[${index}].id`
        }
        case 'immigrate': {
            const maySend = call.body.id === id || (call.body.hops > 0 && isCitizen(id))
            return maySend ? null : 'body.id'
        }
        case 'mark':
        case 'promised':
            return call.body.id === id ? null : 'body.id'
        default:
            return call satisfies never
    }
}

/**
 * Compares the claimed sender of a call with the peer that the transport has authenticated.
 *
 * @returns The mismatch, or `null` if the peer may send this call.
 */
export function rejectSender(
    call: WireCall,
    peer: Peer,
    isCitizen: (id: string) => boolean
): SenderMismatch | null {
    const { republic } = peer
    const isElsewhere = republic !== undefined && republic !== String(call.body.republic)
    const at = isElsewhere ? 'body.republic' : otherSenderAt(call, peer, isCitizen)
    return at === null ? null : { code: 'other-peer', at }
}
