import type { LogEntry } from '../../src/paxos/messages/messages.js'
import type { Parcel } from './network.js'

/** An entry, for people. */
export function describe({ promise, body }: LogEntry): string {
    return `${promise} ${JSON.stringify(body)}`
}

/** A call, for people. */
export function describeParcel({ method, body }: Parcel): string {
    return 'committed' in body
        ? `${body.method} ${JSON.stringify(body)}`
        : `${method} ${JSON.stringify(body)}`
}
