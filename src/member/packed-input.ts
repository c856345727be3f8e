import type { Entry, Response } from '../paxos/messages/messages.js'
import { type Packed, unpackAll } from '../paxos/messages/run-encoding.js'
import type { Played } from './inputs.js'

// Members of one process hand runs of entries to each other by reference. Such a run is packed in
// the JSON of the recorded input; a run from the wire was unpacked before the input was recorded.

function unpackRun(entries: readonly Entry[]): readonly Entry[] {
    const packed: Packed = entries
    return packed.some((each) => 'bodies' in each) ? Object.freeze(unpackAll(packed)) : entries
}

/** A message whose run is unpacked. */
function unpackMessage<Message extends object | null>(message: Message): Message {
    if (message === null || !('entries' in message) || !Array.isArray(message.entries)) {
        return message
    }
    const given = message.entries as readonly Entry[]
    const entries = unpackRun(given)
    return entries === given ? message : { ...message, entries }
}

/** A recorded input, as JSON has it, with unpacked runs: the form in which a member applies it. */
export function unpackInput(played: Played): Played {
    const { module, method, when } = played
    if (method === 'receive') {
        const body = unpackMessage(played.body)
        return body === played.body ? played : { module, method, when, body }
    }
    if (method !== 'sent') {
        return played
    }
    const { cookie, responses } = played.body
    const unpacked: [string, Response | null][] = []
    let isChanged = false
    for (const [id, response] of Object.entries(responses)) {
        const message = unpackMessage(response)
        isChanged ||= message !== response
        unpacked.push([id, message])
    }
    return isChanged
        ? { module, method, when, body: { cookie, responses: Object.fromEntries(unpacked) } }
        : played
}
