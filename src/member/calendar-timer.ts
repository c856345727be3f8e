import { type CalendarEvent, type Scheduler, Timer } from 'happenstance'
import Logger from 'prolific.logger'
import type { Clock } from '../base/clock.js'

/**
 * A Timer writes a line at level `info` whenever the Timer is armed, disarmed or due. An idle
 * republic writes many such lines per second, and the lines name no member. So the level of this
 * logger is `warn`, for the whole process. To see the lines, set the level after kibitz is loaded:
 * `Logger.sink.setLevel('happenstance/timer', 'info')`.
 */
Logger.sink.setLevel('happenstance/timer', 'warn')

/**
 * Fires the events of an engine's calendar when these are due, by a happenstance Timer. No other
 * code of a member arms a timeout.
 *
 * 1. The timer removes no event from the calendar. Applying the event removes it, so that a
 *    replay finds the same calendar. The calendar's own `check` would remove due events before they
 *    are applied, and would lose events that are scheduled in the meantime.
 * 2. The Timer counts in system time, the calendar in the time of the engine's clock. Only
 *    durations pass between the two, so the two times may differ.
 */
export class CalendarTimer {
    readonly #scheduler: Scheduler<string>
    readonly #clock: Clock
    readonly #fire: (event: CalendarEvent<string>) => void
    readonly #timer: Timer<string>
    #armedFor: number | null = null
    #isStarted = false

    constructor(
        scheduler: Scheduler<string>,
        clock: Clock,
        fire: (event: CalendarEvent<string>) => void
    ) {
        this.#scheduler = scheduler
        this.#clock = clock
        this.#fire = fire
        this.#timer = new Timer<string>({
            check: () => this.#check(),
            calendar: () => scheduler.calendar()
        })
    }

    /** Starts to fire events. */
    start(): void {
        this.#isStarted = true
        this.armNext()
    }

    /** Arms the timer for the next event of the calendar. */
    armNext(): void {
        const next = this.#scheduler.next()
        if (!this.#isStarted || next === this.#armedFor) {
            return
        }
        this.#armedFor = next
        if (next === null) {
            this.#timer.push({ module: 'happenstance', method: 'unset', body: null })
        } else {
            const when = Date.now() + next - this.#clock.now()
            this.#timer.push({ module: 'happenstance', method: 'set', body: { when } })
        }
    }

    /** Stops the timer for good and clears the calendar. */
    stop(): void {
        this.#isStarted = false
        this.#timer.push({ module: 'happenstance', method: 'unset', body: null })
        this.#scheduler.clear()
    }

    #check(): number {
        this.#armedFor = null
        const now = this.#clock.now()
        const due = this.#scheduler.calendar().filter(({ when }) => when <= now)
        for (const { module, method, key, when, body } of due) {
            // An earlier event may have moved this event.
            if (this.#scheduler.when(key) === when) {
                this.#fire({ module, method, now, key, when, body })
            }
        }
        this.armNext()
        return due.length
    }
}
