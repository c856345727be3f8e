import type { Log } from '../log/log.js'
import type { Ballot, Entry, Incarnation } from '../messages/messages.js'

/**
 * The member that must consent to an entry under a ballot; `null` if the entry needs no consent.
 *
 * Example: One of three voters leaves. The remaining parliament of two needs both of its voters. If
 * the leader wrote the exile and crashed, the remaining voter could neither complete the exile (the
 * leader is missing) nor drop the exile (the leader may have committed the exile). So, if an exile
 * would make the leader indispensable, the leader commits the exile only after the leaving member
 * has accepted the exile, too:
 *
 * 1. The leader waits until a majority of each parliament holds the exile. Then the leader sends
 *    the exile to the leaving member.
 * 2. By accepting the exile, the leaving member consents: the member votes no more, and takes no
 *    further part.
 * 3. As long as the member has not accepted the exile, the exile is not committed. Then a
 *    majority of the parliament in force, including the leaving member, may drop the exile.
 * 4. Under any other ballot the exile needs no consent, because the member may be gone.
 */
export function consenting(entry: Entry, ballot: Ballot): Incarnation | null {
    const exile = 'majority' in entry.body ? entry.body.exile : null
    return exile?.consent === ballot ? { id: exile.id, immigrated: exile.promise } : null
}

/**
 * The member that must consent to an open government at the end of a log; `null` if there is none.
 */
export function awaited(log: Log, ballot: Ballot): Incarnation | null {
    return log.head > log.committed ? consenting(log.last, ballot) : null
}
