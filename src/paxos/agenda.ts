import type { Core } from './core.js'
import { population } from './membership/government.js'
import { constituency } from './replication/constituency.js'

/** The events in the engine's calendar. The calendar holds at most one event of each kind. */
export type Appointment = 'ping' | 'collapse' | 'resubmit' | 'feed'

const APPOINTMENTS: readonly Appointment[] = ['ping', 'collapse', 'resubmit', 'feed']

/**
 * Advances the member's own time to an instant. A pause of the process, or a jump of the clock,
 * counts as half a `timeout` at most. After a pause of a writer, earlier answers are no evidence of
 * presence. The age of the log grows by the whole pause, and is unknown after a step back of the
 * clock.
 *
 * @param due The set time of the event that brings the instant, or else of the next event; `null`
 * without an event.
 */
export function advanceTime(core: Core, now: number, due: number | null): void {
    const { clock, now: before } = core.time
    const hasPaused = core.time.observe(now, due, core.settings.timeout / 2)
    if (now < clock) {
        core.freshness.forget(core.now)
    } else if (hasPaused) {
        core.freshness.countPause(core.now, now - clock - (core.now - before))
    }
    if (hasPaused && core.role.name === 'elected') {
        core.tenure.since = core.now
        core.peers.forgetPresence()
    }
}

/** Sets an appointment, and replaces an earlier appointment of the same kind. */
export function appoint(core: Core, appointment: Appointment, delayMs: number): void {
    core.agenda.schedule(core.time.clock + delayMs, appointment, appointment)
}

/** Sets the next election after a vote. The candidate with the vote has its chance first. */
export function appointCollapseAfterVote(core: Core): void {
    const { settings: { timeout, ping }, random } = core
    appoint(core, 'collapse', timeout + random.below(ping))
}

/** Whether an appointment is in the calendar. */
export function isAppointed({ agenda }: Core, appointment: Appointment): boolean {
    return agenda.when(appointment) !== null
}

/**
 * Sets the next try of the publisher: an appointment `resubmit`. The delay doubles with each
 * failure, from `ping` to four `timeout`s, and has a jitter of up to one `ping`.
 */
export function appointResubmit(core: Core, now: number, failures: number): void {
    const { ping, timeout } = core.settings
    const delayMs = Math.min(ping * 2 ** Math.min(failures, 16), 4 * timeout)
    const when = now + delayMs + core.random.below(ping)
    core.agenda.schedule(when, 'resubmit', 'resubmit')
}

/** Sets the next ping of a member that feeds peers, and the next election of a follower. */
export function appointNext(core: Core): void {
    const { settings: { ping, timeout }, government, citizenship } = core
    const isWriter = core.role.name === 'elected'
    const feeds = isWriter || constituency(government, core.id).length !== 0
    if (feeds && population(government) > 1 && !isAppointed(core, 'ping')) {
        appoint(core, 'ping', ping)
    }
    if (citizenship.isCitizen && !isWriter && !isAppointed(core, 'collapse')) {
        const ledFor = Math.min(timeout, Math.max(0, core.now - core.ledAt))
        appoint(core, 'collapse', timeout - ledFor + core.random.below(ping))
    }
}

/** Removes every appointment. */
export function cancelAppointments(core: Core): void {
    for (const appointment of APPOINTMENTS) {
        if (isAppointed(core, appointment)) {
            core.agenda.unschedule(appointment)
        }
    }
}
