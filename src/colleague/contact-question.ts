import { KibitzError } from '../base/errors.js'
import type { Properties, Republic } from '../paxos/messages/messages.js'
import { NeedsTls } from '../transport/tls-address.js'
import type { OutOfBandClient } from './out-of-band-client.js'
import type { Post, Reply } from './out-of-band-messages.js'

/** The maximum number of contacts that are asked at the same time. */
export const CONTACTS_MAX = 64

/** The reply of a contact, or the reason for its absence; all are `null` after an abort. */
export interface ContactReply {
    readonly reply: Reply | null
    readonly obstacle: string | null
    /** Why no question to the address can ever be sent; `null` if the question was sent. */
    readonly mistake: string | null
}

/**
 * Asks a member at an address. The asking member need not know the id of that member, nor its
 * republic. Rejects with `refused` if the member belongs to another service or to another run.
 */
export async function askContact(
    outOfBand: OutOfBandClient,
    properties: Properties,
    question: Omit<Post, 'colleagueId'>,
    signal: AbortSignal
): Promise<ContactReply> {
    try {
        const reply = await outOfBand.ask({ id: null, properties }, question, signal)
        if (reply.refusal === 'other-island') {
            throw otherService(question.islandName, question.islandId)
        }
        return { reply, obstacle: null, mistake: null }
    } catch (error) {
        if (signal.aborted) {
            return { reply: null, obstacle: null, mistake: null }
        }
        if (error instanceof KibitzError && error.code === 'unreachable') {
            const { message } = error
            const mistake = error instanceof NeedsTls ? message : null
            return { reply: null, obstacle: message, mistake }
        }
        throw error
    }
}

function otherService(islandName: string, islandId: Republic | null): KibitzError {
    const run = islandId === null ? '' : `, run ${islandId}`
    return new KibitzError(
        'refused',
        `The asked member does not belong to ${islandName}${run}: another service, or another ` +
            'run of the service, answers at that address. This member has joined no republic. ' +
            'Correct islandName, islandId or the addresses.'
    )
}
