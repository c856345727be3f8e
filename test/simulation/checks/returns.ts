import { writerOf } from '../../../src/paxos/standing.js'
import { inside } from '../inside.js'
import type { Resident } from '../resident.js'
import type { Tally } from '../tally.js'

/** What of a member that has just come back is worth to be counted. */
export function countReturn({ door, memory }: Resident, tally: Tally): void {
    const { waiting, pending } = door.islander.health()
    if (waiting + pending > 0) {
        tally.reach('a member comes back with publishes unsettled')
    }
    const core = inside(door.paxos)
    const { log } = core
    const writer = writerOf(core)
    if (writer !== null) {
        tally.reach('a leader comes back')
        memory.led = { ballot: writer.ballot, committed: log.promiseAt(log.committed) }
    }
}

/** Counts that a leader which has come back commits something under the ballot that it had. */
export function noteReturn({ door, memory }: Resident, tally: Tally): void {
    if (memory.led === null) {
        return
    }
    const core = inside(door.paxos)
    const { log } = core
    const writer = writerOf(core)
    if (writer?.ballot !== memory.led.ballot) {
        memory.led = null
    } else if (log.promiseAt(log.committed) !== memory.led.committed) {
        memory.led = null
        tally.reach('a leader that came back writes on')
    }
}
