import type { Islander } from './islander.js'

/** The parts of an engine that a retry needs. */
interface RetryTimer {
    readonly exiled: boolean
    readonly scheduler: { when(key: string): number | null }
    postpone(when: number, failures: number): void
}

/**
 * Schedules the publisher's next try, the event `resubmit`, if an input has left the publisher
 * waiting. A try that is scheduled already stays, unless a pause has begun with this input: the
 * delay of the pause is longer than the delay of the earlier wait.
 *
 * @param wasPaused Whether the publisher was paused before the input.
 */
export function scheduleRetry(
    engine: RetryTimer,
    islander: Pick<Islander, 'isPaused' | 'isWaiting' | 'doublings'>,
    when: number,
    wasPaused: boolean
): void {
    const isNew = engine.scheduler.when('resubmit') === null || (!wasPaused && islander.isPaused)
    if (islander.isWaiting && isNew && !engine.exiled) {
        engine.postpone(when, islander.doublings)
    }
}
