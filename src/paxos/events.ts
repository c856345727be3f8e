import type { Core } from './core.js'
import { collapse, onCollapse } from './election/election.js'
import { onNoAnswer } from './messages/answers.js'
import { feedAll, settle } from './settle.js'
import { diskSilence } from './replication/own-vote.js'
import { majoritySince } from './standing.js'

/** Takes an event of the calendar. First, all calls without an answer for a `timeout` fail. */
export function onEvent(core: Core, appointment: unknown): void {
    for (const call of core.mailbox.expire(core.now - core.settings.timeout)) {
        onNoAnswer(core, call)
    }
    switch (appointment) {
        case 'ping':
            onPing(core)
            settle(core, true)
            return
        case 'feed':
            feedAll(core, false, false)
            return
        case 'collapse':
            onCollapse(core)
            settle(core, false)
            return
        case 'lapse':
            // The clock went back: the time since the last input is unknown.
            core.freshness.forget(core.now)
            return
        default:
            return
    }
}

/**
 * A writer stops writing and campaigns if for a `timeout` it has had no majority, or its own disk
 * has not answered. After a restart the `timeout` begins anew.
 */
function onPing(core: Core): void {
    core.isReshapeDue = true
    const obeyedAt = Math.max(majoritySince(core), core.revivedAt)
    const silentMs = Math.max(core.now - obeyedAt, diskSilence(core))
    if (core.role.name === 'elected' && silentMs >= core.settings.timeout) {
        collapse(core)
    }
}
