import type { Core } from './core.js'
import { collapse, stopWriting } from './election/election.js'
import { answersEarly } from './membership/versions.js'
import { mayHaveSentMore } from './replication/own-vote.js'
import { isSeated } from './standing.js'
import { UNRECORDED_MS } from './replication/age.js'

/**
 * Prepares a restored member for its new process. A restart is not a pause: after a pause, answers
 * to earlier calls still arrive.
 *
 * 1. The new process awaits no answer to an earlier call.
 * 2. The time away does not count. All appointments move by the time away. So the peers do not
 *    look silent, and a leader keeps its remaining time. The publisher's appointment `resubmit` is
 *    dropped: the publisher sets a new appointment, in its own time.
 * 3. A writer is in no good standing until a majority has obeyed the new process. The writer
 *    asks at once, and has a `timeout`.
 * 4. The age of the member's log is unknown: only the system clock, which may have been set,
 *    measures the time away. Echoes of answers of the earlier process count for nothing.
 * 5. A government drafted by the earlier process is no draft of the new process
 *    (`replication/tenure.ts`).
 * 6. A leader steps down, and is elected anew under a higher ballot, if the earlier process may
 *    have sent entries that its disk does not hold (`replication/own-vote.ts`).
 *
 * @param callsStable Whether the new process has a journal, and calls `stable`.
 * @returns Whether the member still takes part in the republic: `false` after an exile.
 */
export function revive(core: Core, now: number, callsStable: boolean): boolean {
    const awayMs = now - core.time.clock
    core.time.skip(now)
    core.freshness.forget(core.now)
    const isNewElectionDue = core.role.name === 'elected' && mayHaveSentMore(core)
    core.ownDisk.restart(callsStable)
    if (answersEarly(core.government)) {
        core.freshness.countRestart(UNRECORDED_MS)
    }
    if (core.citizenship.exiled) {
        return false
    }
    for (const { when, key, body } of core.agenda.calendar()) {
        core.agenda.schedule(when + awayMs, key, body)
    }
    core.agenda.unschedule('resubmit')
    core.mailbox.forget()
    core.silenceReports.retain(() => false)
    core.lack.forget()
    core.minimum.forgetVersions()
    for (const peer of core.peers.all()) {
        peer.revive()
    }
    core.farewells.revive()
    core.tenure.since = core.now
    core.tenure.draft = null
    core.revivedAt = core.now
    if (isNewElectionDue) {
        stopWriting(core)
        if (isSeated(core)) {
            collapse(core)
        }
    }
    return true
}
