import { KibitzError, rejectArgument } from '../base/errors.js'
import type { Callback } from '../base/callbacks.js'

/** The member that has sent a call, as proven to the transport. */
export interface Peer {
    /** The member's id. */
    readonly id: string
    /**
     * The republic for which the proof holds; without this field, the proof holds for every
     * republic.
     */
    readonly republic?: string
}

/** How a call arrived. */
export interface Arrival {
    /** The authenticated peer. The sender that the call claims must be this peer. */
    readonly peer?: Peer | undefined
}

/** How a call arrived, or, if the caller passes no arrival, the callback of the answer. */
export type ArrivalOrCallback = Arrival | Callback<unknown>

/** Every reason for which a transport turns away a message before the message is a call. */
export const TURNED_AWAY = [
    /** The certificate is missing, has ended, is of another authority, or names no member. */
    'bad-certificate',
    /** The code does not fit the message: the key differs, or the message was changed. */
    'bad-mac',
    /** Not a message of this transport, or not JSON. */
    'malformed',
    /** Not a call for kibitz: another path, method or content type. */
    'misdirected',
    /** The listener demands a key, and the message names none. */
    'no-key',
    /** The message takes more bytes than `bytesMax`. */
    'too-large',
    /** The limit of connections, or of calls in flight, is reached. */
    'too-many',
    /** The message did not arrive, or the answer was not read, within the time limit. */
    'too-slow',
    /** The key is unknown, or no longer known. */
    'unknown-key'
] as const

/** Why a transport has turned a message away. A closed set, fit for the label of a counter. */
export type TurnedAway = (typeof TURNED_AWAY)[number]

/** The number of characters of an address that a log line shows. */
const ADDRESS_MAX = 256

/** Checks the arguments of `turnAway`. @throws KibitzError `invalid-argument` */
export function turnAwayOf(
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

function readPeer({ peer }: { readonly peer?: unknown }): Peer | null {
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
 * Reads the authenticated peer of an arrival; `null` if the transport has none.
 *
 * @throws KibitzError `invalid-argument` if the arrival is malformed: an unreadable proof does not
 * count as a missing proof.
 */
export function readArrival(arrival: unknown): Peer | null {
    if (arrival === undefined || arrival === null || typeof arrival === 'function') {
        return null
    }
    if (typeof arrival !== 'object') {
        rejectArgument('An arrival is an object such as { peer: { id } }.')
    }
    try {
        return readPeer(arrival)
    } catch (cause) {
        if (cause instanceof KibitzError) {
            throw cause
        }
        rejectArgument('The arrival cannot be read.', cause)
    }
}
