import { advanceTime } from './agenda.js'
import type { Core } from './core.js'
import { type CedeOutcome, cedeTo } from './departure/cede.js'
import { askToLeave, type LeaveOutcome } from './departure/leave.js'
import { declareReady } from './membership/naturalization.js'
import { raise } from './membership/raise.js'
import { askToMove, locatePeer, type MoveOutcome } from './membership/relocation.js'
import type { Properties } from './messages/messages.js'
import { settle } from './settle.js'

// The inputs by which the application or the process asks for a change of the government. A refused
// wish changes only the time.

/** Declares that the member holds the application's state. */
export function naturalize(core: Core): void {
    declareReady(core)
    settle(core, false)
}

/** Raises the version of the republic, if every member takes part in the version. */
export function upgrade(core: Core, now: number, version: number): void {
    advance(core, now)
    raise(core, version)
    settle(core, false)
}

/** Asks for the member's exile, now or after its admission. */
export function leave(core: Core, now: number): LeaveOutcome {
    advance(core, now)
    const outcome = askToLeave(core)
    if (outcome === 'leaving') {
        settle(core, false)
    }
    return outcome
}

/** Hands the leadership over to a citizen. */
export function cede(core: Core, now: number, id: string): CedeOutcome {
    advance(core, now)
    const { handover } = core.departure
    const outcome = cedeTo(core, id)
    if (handover !== core.departure.handover) {
        settle(core, false)
    }
    return outcome
}

/** Asks for other properties of the member. */
export function move(core: Core, now: number, properties: Properties): MoveOutcome {
    advance(core, now)
    const outcome = askToMove(core, properties)
    if (outcome === 'moving') {
        settle(core, false)
    }
    return outcome
}

/** Takes an address at which the application has found a citizen. */
export function locate(core: Core, now: number, id: string, properties: Properties): void {
    advance(core, now)
    locatePeer(core, id, properties)
    settle(core, false)
}

function advance(core: Core, now: number): void {
    advanceTime(core, now, core.agenda.next())
}
