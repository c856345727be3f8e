import type { LogEntry } from '../../src/paxos/messages/messages.js'
import { isRequest, type Parcel } from './network.js'

/** The fields of a message that decide, in this order. The whole message follows as JSON. */
const DECISIVE = [
    'ballot', 'accepted', 'promised', 'position', 'previous', 'entries', 'draft', 'committed'
] as const

/** An entry, for people. */
export function describe({ promise, body }: LogEntry): string {
    return `${promise} ${JSON.stringify(body)}`
}

/** The promises of a run of entries; `-` if there are none. */
export function describeRun(entries: readonly { readonly promise: string }[]): string {
    const [first, last] = [entries[0], entries.at(-1)]
    if (first === undefined || last === undefined) {
        return '-'
    }
    return first === last ? first.promise : `${first.promise}..${last.promise}`
}

/** The decisive fields of a message, each with a space before it. */
function decisive(message: object): string {
    const fields = message as Readonly<Record<string, unknown>>
    return DECISIVE.filter((name) => fields[name] !== undefined).map((name) => {
        const value = fields[name]
        const run = Array.isArray(value) ? describeRun(value) : String(value)
        return ` ${name}=${typeof value === 'object' && !Array.isArray(value) ? '…' : run}`
    }).join('')
}

/** A call, for people: its method, the decisive fields, and all of it. */
export function describeParcel(parcel: Parcel): string {
    return isRequest(parcel)
        ? `${parcel.body.method}${decisive(parcel.body)} ${JSON.stringify(parcel.body)}`
        : `${parcel.method} ${JSON.stringify(parcel.body)}`
}

/** The answer to a call, for people. */
export function describeAnswer(parcel: Parcel, answer: unknown): string {
    const asked = isRequest(parcel) ? parcel.body.method : parcel.method
    const isMessage = isRequest(parcel) && typeof answer === 'object' && answer !== null
    const gist = isMessage && 'method' in answer
        ? ` ${String(answer.method)}${decisive(answer)}`
        : ''
    return `${asked}:${gist} ${JSON.stringify(answer)}`
}
