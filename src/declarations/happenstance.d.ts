/// <reference path="./procession.d.ts" />

declare module 'happenstance' {
    import type Procession from 'procession'

    /** What is due at a time, as the calendar keeps it. */
    export interface Appointment<Body = unknown> {
        readonly module: 'happenstance'
        readonly method: 'event'
        /** When it is due, in the unit of whoever schedules. */
        readonly when: number
        /** By which it can be moved or taken back. */
        readonly key: string
        /** What was given to `schedule`, the same object. */
        readonly body: Body
    }

    /** Something came due. */
    export interface CalendarEvent<Body = unknown> extends Appointment<Body> {
        /** The time that was given to `check`, which is `when` or later. */
        readonly now: number
    }

    /** A timer should now fire at this time, and no longer at any other. */
    export interface CalendarSet {
        readonly module: 'happenstance'
        readonly method: 'set'
        readonly body: { readonly when: number }
    }

    /** A timer should not fire at all: nothing is scheduled. */
    export interface CalendarUnset {
        readonly module: 'happenstance'
        readonly method: 'unset'
        readonly body: null
    }

    /** All a Scheduler says, told apart by `method`. */
    export type SchedulerEvent<Body = unknown> =
        CalendarEvent<Body> | CalendarSet | CalendarUnset

    /**
     * A calendar that reads no clock: the time is whatever it is told, so a recording of what it
     * was told replays. One appointment a key.
     *
     * 1. Keys are properties of a plain object: a key that every object has, such as
     *    `constructor`, throws. Whoever makes keys of foreign names puts a prefix before them.
     * 2. A reader must not schedule from inside `check`. What it schedules for the very time that
     *    is being emptied, after a `clear` or twice under one key, never comes due, and the next
     *    change under that key throws. Take the events from a cursor after `check` has returned.
     */
    export class Scheduler<Body = unknown> {
        /** Everything that came due, and what a timer has to know. It never ends by itself. */
        readonly events: Procession<SchedulerEvent<Body>>
        /** All appointments by time; those of one time in the order in which they were made. */
        calendar(): Appointment<Body>[]
        /** When the key is due, or `null`. */
        when(key: string): number | null
        /** When the next appointment is due, or `null` where there is none. */
        next(): number | null
        /** Makes or moves the key's appointment; says `set` where it is now the earliest. */
        schedule(when: number, key: string, body: Body): void
        /** Takes an appointment back; says `unset` where none is left, `set` where it was next. */
        unschedule(key: string): void
        /**
         * Emits what is due at this time or before, by time, then says `set` or `unset`. Returns
         * how many came due.
         */
        check(now: number): number
        /** Takes everything back and says `unset`. */
        clear(): void
    }

    /**
     * The one place that reads a clock: arms a single `setTimeout` as the Scheduler's events say
     * and calls its `check` with `Date.now()` when it fires. It needs to be fed:
     * `scheduler.events.shifter().pump(timer, 'enqueue')`.
     *
     * 1. It has no end of its own: it stops with `unset`, hence with the scheduler's `clear`, and
     *    keeps the process alive until then.
     * 2. It knows no end of stream: `push(null)` throws. Cancel the feed instead of ending it.
     * 3. What is due later than 2^31 - 1 milliseconds from now makes it spin.
     */
    export class Timer<Body = unknown> {
        constructor(scheduler: Pick<Scheduler<Body>, 'check' | 'calendar'>)
        /** What came due, without the words for the timer. */
        readonly events: Procession<CalendarEvent<Body>>
        /** Arms or disarms the timer, or passes on what came due. */
        push(event: SchedulerEvent<Body>): void
        /** `push` in the error-first shape. It calls back before it returns. */
        enqueue(event: SchedulerEvent<Body>, callback: (error?: Error | null) => void): void
    }

    /** Both in one object, for those who cannot import by name. */
    const happenstance: {
        readonly Scheduler: typeof Scheduler
        readonly Timer: typeof Timer
    }
    export default happenstance
}
