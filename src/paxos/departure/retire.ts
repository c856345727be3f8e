import { cancelAppointments } from '../agenda.js'
import type { Core } from '../core.js'
import { stopWriting } from '../election/election.js'

/** Ends this member's part in the republic: it is exiled, or has consented to its exile. */
export function retire(core: Core): void {
    core.citizenship.exiled = true
    stopWriting(core)
    cancelAppointments(core)
}
