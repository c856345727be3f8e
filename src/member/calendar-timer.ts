import { type CalendarEvent, type Scheduler, Timer } from 'happenstance'
import Logger from 'prolific.logger'
import type { Clock } from '../base/clock.js'

/**
 * A Timer writes a line at level `info` each time that the Timer is armed, disarmed or due: many
 * lines a second for an idle republic, and none names a member. The level of that one logger goes
 * to `warn`, for the whole process. To see the lines, set the level again after kibitz is loaded:
 * `Logger.sink.setLevel('happenstance/timer', 'info')`.
 */
Logger.sink.setLevel('happenstance/timer', 'warn')

/**
 * Drives an engine's calendar by a happenstance Timer, the one place that arms a timeout.
 *
 * 1. It takes nothing off the calendar. Whoever is given an event does that, as part of applying
 *    it, so that a replay finds the same calendar. The calendar's own `check` would take off what
 *    is due before anybody has applied it, and loses what is scheduled meanwhile.
 * 2. The Timer reckons in the time of the system, the calendar in that of the engine's clock; what
 *    passes between them is a duration, so the two may disagree about the hour.
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

    /** Begins to fire. */
    start(): void {
        this.#isStarted = true
        this.arm()
    }

    /** Lets the timer follow the calendar. */
    arm(): void {
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

    /** Never fires again. */
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
            // One that came before may have moved it.
            if (this.#scheduler.when(key) === when) {
                this.#fire({ module, method, now, key, when, body })
            }
        }
        this.arm()
        return due.length
    }
}
