import { type CalendarEvent, type Scheduler, type SchedulerEvent, Timer } from 'happenstance'
import type { Shifter } from 'procession'
import type { Clock } from './clock.js'

/**
 * Drives an engine's calendar by a happenstance Timer, the one place that arms a timeout.
 *
 * 1. Events are taken off the calendar only after its `check` has returned: what a handler
 *    schedules from inside `check`, happenstance 5 loses.
 * 2. The Timer reckons in the time of the system, the calendar in that of the engine's clock; what
 *    passes between them is a duration, so the two may disagree about the hour.
 */
export class Calendar {
    readonly #scheduler: Scheduler<string>
    readonly #clock: Clock
    readonly #fire: (event: CalendarEvent<string>) => void
    readonly #events: Shifter<SchedulerEvent<string>>
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
        this.#events = scheduler.events.shifter()
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
        this.#drain()
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
        this.#events.destroy()
    }

    #check(): number {
        this.#armedFor = null
        this.#scheduler.check(this.#clock.now())
        const due = this.#drain()
        for (const event of due) {
            this.#fire(event)
        }
        this.arm()
        return due.length
    }

    #drain(): readonly CalendarEvent<string>[] {
        const due: CalendarEvent<string>[] = []
        for (let event = this.#events.shift(); event !== null; event = this.#events.shift()) {
            if (event.method === 'event') {
                due.push(event)
            }
        }
        return due
    }
}
