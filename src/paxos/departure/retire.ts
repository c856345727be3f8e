import { cancelAppointments } from '../agenda.js'
import type { Core } from '../core.js'
import { stopWriting } from '../election/election.js'

/** Ends the member's part in the republic, after its exile or after its consent to the exile. */
export function retire(core: Core): void {
    core.citizenship.exiled = true
    stopWriting(core)
    cancelAppointments(core)
}
