import type { Core } from './core.js'

/**
 * Prepares a restored member for its new process. A restart is not a pause: after a pause, answers
 * to earlier calls still arrive.
 *
 * 1. No answer to an earlier call is awaited.
 * 2. The time away does not count. All appointments move by that time, so the other members do not
 *    look silent, and the leader keeps the time that it had. The publisher's appointment
 *    `resubmit` is dropped: the publisher sets a new one, in its own time.
 * 3. A writer is in no good standing until a majority has obeyed it anew. It has a `timeout` for
 *    that, and it asks at once.
 * 4. A government drafted by the process before is no draft of this one (`replication/tenure.ts`).
 *
 * @returns Whether the member takes part in the republic: no exile has ended its part.
 */
export function revive(core: Core, now: number): boolean {
    const awayMs = now - core.time.clock
    core.time.skip(now)
    if (core.citizenship.exiled) {
        return false
    }
    for (const { when, key, body } of core.agenda.calendar()) {
        core.agenda.schedule(when + awayMs, key, body)
    }
    core.agenda.unschedule('resubmit')
    core.mailbox.forget()
    core.silenceReports.retain(() => false)
    for (const peer of core.peers.all()) {
        peer.revive()
    }
    core.farewells.revive()
    core.tenure.since = core.now
    core.tenure.draft = null
    core.revivedAt = core.now
    return true
}
