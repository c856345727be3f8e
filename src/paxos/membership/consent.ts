import type { Log } from '../log/log.js'
import type { Ballot, Entry, Incarnation } from '../messages/messages.js'

/**
 * The member whose consent an entry needs under a ballot; `null` if the entry needs none.
 *
 * If one of three voters leaves, the other two make a parliament in which both are needed. If the
 * leader crashed with the exile written, the other voter could neither complete the exile (the
 * leader is missing) nor drop the exile (the leader may have committed the exile). So the leader
 * commits an exile that would make the leader indispensable only after the leaving member has
 * accepted the exile, too:
 *
 * 1. The leader sends the exile to the leaving member after a majority of each parliament holds it.
 * 2. By accepting the exile, the leaving member consents: it votes no more, and takes no further
 *    part. Its wish is fulfilled.
 * 3. As long as the member has not accepted the exile, the exile is not committed. Then a majority
 *    of the parliament in force that includes the leaving member may drop the exile.
 * 4. Under any other ballot the exile needs no consent, because the member may be gone.
 */
export function consenting(entry: Entry, ballot: Ballot): Incarnation | null {
    const exile = 'majority' in entry.body ? entry.body.exile : null
    return exile?.consent === ballot ? { id: exile.id, immigrated: exile.promise } : null
}

/** The member with a right of consent to the open government at the end of a log, or `null`. */
export function awaited(log: Log, ballot: Ballot): Incarnation | null {
    return log.head > log.committed ? consenting(log.last, ballot) : null
}
