import type { WireCall } from './guard/envelope.js'
import type { Outward } from './outward.js'

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
export type Hearing = Arrival | Outward<unknown>

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

/** A call that says that it is of somebody else than it is. */
export interface Imposture {
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
            const index = call.body.entries.findIndex((entry) => entry.id !== id)
            return index === -1 ? null : `body.entries[${index}].id`
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
): Imposture | null {
    const { republic } = peer
    const isElsewhere = republic !== undefined && republic !== String(call.body.republic)
    const at = isElsewhere ? 'body.republic' : disagreement(call, peer, isCitizen)
    return at === null ? null : { code: 'other-peer', at }
}
