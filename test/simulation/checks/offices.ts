import type { Request } from '../../../src/paxos/messages/messages.js'
import type { Resident } from '../resident.js'
import type { Sometimes, Tally } from '../tally.js'

/** What a request shows to have been reached of handing over. */
export function handoverIn(request: Request): Sometimes | null {
    if (request.method === 'cede') {
        return 'a leader tells its successor to go ahead'
    }
    return 'ceded' in request ? 'a successor campaigns' : null
}

/** Notes what a step of a process shows to have been reached of leaving and of handing over. */
export function noteOffice({ door, memory }: Resident, tally: Tally): void {
    const { exiled, isLeading, isLeaving, successor } = door.paxos
    if (isLeaving) {
        memory.hasAsked = true
        memory.hasLed ||= isLeading
    } else if (memory.hasAsked && exiled) {
        tally.reach('a member that asked to leave is exiled')
        if (memory.hasLed) {
            tally.reach('a leader that asked to leave is exiled')
        }
        memory.hasAsked = false
    }
    if (memory.successor !== null && successor === null && isLeading) {
        tally.reach('a leader that ceded goes on')
    }
    memory.successor = successor
}
