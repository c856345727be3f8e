import type { CalendarEvent, Scheduler } from 'happenstance'
import type { Clock } from '../../src/base/clock.js'

/** What a process's timer needs to be told, and whom it tells. */
interface Duties {
    /** Lets something happen so many milliseconds from now, or about then. */
    after(dueMs: number, ring: () => void): void
    /** An appointment is due. */
    fire(event: CalendarEvent<string>): void
}

/** The one timer of a process: it rings when the first appointment of its calendar is due. */
export class Alarm {
    readonly #scheduler: Scheduler<string>
    readonly #clock: Clock
    readonly #duties: Duties
    #armedFor: number | null = null
    #armings = 0
    #isStopped = false

    constructor(scheduler: Scheduler<string>, clock: Clock, duties: Duties) {
        this.#scheduler = scheduler
        this.#clock = clock
        this.#duties = duties
    }

    /** Rings no more, and clears the calendar: the process is closed. */
    stop(): void {
        this.#isStopped = true
        this.#armings++
        this.#scheduler.clear()
    }

    /** Follows the calendar. */
    arm(): void {
        if (this.#isStopped) {
            return
        }
        const next = this.#scheduler.next()
        if (next === this.#armedFor) {
            return
        }
        this.#armedFor = next
        this.#armings++
        if (next !== null) {
            const arming = this.#armings
            const dueMs = Math.max(0, next - this.#clock.now())
            this.#duties.after(dueMs, () => this.#ring(arming))
        }
    }

    #ring(arming: number): void {
        if (arming !== this.#armings) {
            return
        }
        this.#armedFor = null
        const now = this.#clock.now()
        const due = this.#scheduler.calendar().filter(({ when }) => when <= now)
        for (const { module, method, key, when, body } of due) {
            // One that came before may have moved it.
            if (this.#scheduler.when(key) === when) {
                this.#duties.fire({ module, method, now, key, when, body })
            }
        }
        this.arm()
    }
}
