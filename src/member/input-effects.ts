import type { Islander } from '../publisher/islander.js'
import { scheduleRetry } from '../publisher/retry.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import type { Paxos } from '../paxos/paxos.js'
import { apply, type Outcomes } from './apply-input.js'
import type { EventBody, Played } from './inputs.js'

/** Removes the event from the calendar. */
function unschedule({ scheduler }: Paxos, { key, when }: EventBody): void {
    if (scheduler.when(key) === when) {
        scheduler.unschedule(key)
    }
}

/**
 * Applies an input with all its consequences for the engine and the Islander: the calendar loses
 * the event, the Islander takes the enacted entries, and the publisher's next try is scheduled. A
 * member and a replay of its recording change their state here, and nowhere else.
 *
 * @param enacted Returns the entries that the input has enacted.
 */
export function applyWithEffects(
    paxos: Paxos, islander: Islander, played: Played, enacted: () => readonly LogEntry[]
): Outcomes[keyof Outcomes] {
    const wasPaused = islander.isPaused
    if (played.method === 'event') {
        unschedule(paxos, played.body)
    }
    const outcome = apply(paxos, islander, played)
    for (const entry of enacted()) {
        islander.push(entry)
    }
    scheduleRetry(paxos, islander, played.when, wasPaused)
    return outcome
}
