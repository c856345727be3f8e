import { KibitzError, rejectArgument } from '../base/errors.js'
import type { WireCall } from '../guard/envelope.js'
import type { Callback } from '../base/callbacks.js'

/** Who has sent what arrived, as far as the transport has proof of it. */
export interface Peer {
    /** The member's id. */
    readonly id: string
    /** The name of the one republic for which that is proven; of all where it is left out. */
    readonly republic?: string
}

/** How something arrived. */
export interface Arrival {
    /** Who has proven to have sent it. What it says of its sender has to agree. */
    readonly peer?: Peer | undefined
}

/** How something arrived, or, where nothing is known of that, who is told the answer. */
export type ArrivalOrCallback = Arrival | Callback<unknown>

/** Every way in which a transport turns away what never came to be a call. */
export const TURNED_AWAY = [
    /** A certificate is missing, expired, of another authority, or names no member. */
    'bad-certificate',
    /** A code is not that of what it came with: the key is another, or something was changed. */
    'bad-mac',
    /** It is no message of the transport's, or not JSON. */
    'malformed',
    /** It is no call for kibitz: another path, method or type. */
    'misdirected',
    /** It comes under no key where one is asked for. */
    'no-key',
    /** It takes more bytes than a message may. */
    'too-large',
    /** There are as many connections, or calls under way, as there may be. */
    'too-many',
    /** It has not come, or was not taken, within the time that there is for it. */
    'too-slow',
    /** It comes under a key that is not known, or no longer. */
    'unknown-key'
] as const

/** Why a transport has turned something away; one of a closed set, fit for a counter's label. */
export type TurnedAway = (typeof TURNED_AWAY)[number]

/** How much of an address a log line shows, in characters. */
const ADDRESS_MAX = 256

/**
 * Checks what a transport reports that the transport has turned away.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function turnedAway(
    code: unknown,
    from: unknown
): { readonly code: TurnedAway; readonly at: string } {
    const known = TURNED_AWAY.find((each) => each === code)
    if (known === undefined) {
        rejectArgument(`The code of turnAway is one of ${TURNED_AWAY.join(', ')}.`)
    }
    if (typeof from !== 'string') {
        rejectArgument('The address of the sender is a text.')
    }
    return { code: known, at: from.slice(0, ADDRESS_MAX) }
}

function peerOf({ peer }: { readonly peer?: unknown }): Peer | null {
    if (peer === undefined || peer === null) {
        return null
    }
    const { id, republic } = peer as { readonly id?: unknown; readonly republic?: unknown }
    if (typeof id !== 'string' || (republic !== undefined && typeof republic !== 'string')) {
        rejectArgument(
            'The peer of an arrival has an id, and perhaps the name of a republic, both texts.'
        )
    }
    return republic === undefined ? { id } : { id, republic }
}

/**
 * Reads the peer that has proven to have sent a call; `null` if no proof came along.
 *
 * @throws KibitzError `invalid-argument`: a proof that cannot be read is no absent proof.
 */
export function readArrival(arrival: unknown): Peer | null {
    if (arrival === undefined || arrival === null || typeof arrival === 'function') {
        return null
    }
    if (typeof arrival !== 'object') {
        rejectArgument('An arrival is an object such as { peer: { id } }.')
    }
    try {
        return peerOf(arrival)
    } catch (cause) {
        if (cause instanceof KibitzError) {
            throw cause
        }
        rejectArgument('The arrival cannot be read.', cause)
    }
}

/** The claimed sender of the call is not the authenticated peer. */
export interface SenderMismatch {
    readonly code: 'other-peer'
    readonly at: string
}

/** Where a call names its sender, if that is not the peer; `null` where it may be of the peer. */
function disagreement(
    call: WireCall,
    { id }: Peer,
    isCitizen: (id: string) => boolean
): string | null {
    switch (call.method) {
        case 'receive':
            return call.body.from.id === id ? null : 'body.from.id'
        case 'enqueue': {
            // A citizen may pass on, once, a batch of a publisher that does not reach the leader.
            const { entries, hops = 0 } = call.body
            const index = entries.findIndex((entry) => entry.id !== id)
            return index === -1 || (hops > 0 && isCitizen(id)) ? null : `body.entries[${index}].id`
        }
        case 'immigrate': {
            // Who is a citizen may pass on, once, what a newcomer has asked of it.
            const mayBe = call.body.id === id || (call.body.hops > 0 && isCitizen(id))
            return mayBe ? null : 'body.id'
        }
        default:
            return call satisfies never
    }
}

/** Why a call cannot be of the peer that is proven to have sent it; `null` where it can be. */
export function rejectSender(
    call: WireCall,
    peer: Peer,
    isCitizen: (id: string) => boolean
): SenderMismatch | null {
    const { republic } = peer
    const isElsewhere = republic !== undefined && republic !== String(call.body.republic)
    const at = isElsewhere ? 'body.republic' : disagreement(call, peer, isCitizen)
    return at === null ? null : { code: 'other-peer', at }
}
