import { inside } from '../inside.js'
import type { Resident } from '../resident.js'
import type { Tally } from '../tally.js'

/** What of a member that has just come back is worth to be counted. */
export function countReturn({ door, memory }: Resident, tally: Tally): void {
    const { waiting, pending } = door.islander.health()
    if (waiting + pending > 0) {
        tally.reach('a member comes back with publishes unsettled')
    }
    const { chain, writer } = inside(door.paxos)
    if (writer !== null) {
        tally.reach('a leader comes back')
        memory.led = { ballot: writer.ballot, committed: chain.promiseAt(chain.committed) }
    }
}

/** Counts that a leader which has come back commits something under the ballot that it had. */
export function noteReturn({ door, memory }: Resident, tally: Tally): void {
    if (memory.led === null) {
        return
    }
    const { chain, writer } = inside(door.paxos)
    if (writer?.ballot !== memory.led.ballot) {
        memory.led = null
    } else if (chain.promiseAt(chain.committed) !== memory.led.committed) {
        memory.led = null
        tally.reach('a leader that came back writes on')
    }
}
