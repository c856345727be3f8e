declare module 'signal' {
    /**
     * A condition variable that can be left open. Everything happens within the call that causes
     * it: `notify` and `unlatch` return after the last waiter has returned. **An exception in one
     * waiter goes to whoever notified, and the waiters behind it are lost**: nothing calls them.
     *
     * @typeParam Values What the waiters are given; by default the one optional error of an
     * error-first callback.
     */
    export default class Signal<Values extends unknown[] = [error?: Error | null]> {
        /** A closed signal. A waiter given here waits as if it was given to `wait`. */
        constructor(waiter?: (...values: Values) => void)
        /** What `unlatch` was given, or `null` as long as the signal is closed. */
        readonly open: Values | null
        /** True after a `wait` and false after a `notify`, whoever else still waits. */
        readonly occupied: boolean
        /**
         * Calls the waiter once, at the next `notify`, or at once where the signal is open.
         * Returns what `cancel` needs, or `null` where the waiter has been called already.
         */
        wait(waiter: (...values: Values) => void): Cookie | null
        /** Calls a method of the object, found by name when the signal is given. */
        wait<Name extends string>(
            object: Readonly<Record<Name, (...values: Values) => void>>, method: Name
        ): Cookie | null
        /**
         * Waits no longer than the given milliseconds. When they have passed, **every** waiter of
         * the signal is called, with no values at all.
         */
        wait(timeout: number, waiter: (...values: Partial<Values>) => void): Cookie | null
        /** Takes a waiter out, uncalled, and returns it; `null` where it waits no more. */
        cancel(cookie: Cookie | null): ((...values: Partial<Values>) => void) | null
        /** Calls everyone who waits now. Who begins to wait meanwhile waits for the next time. */
        notify(...values: Values): void
        /** Notifies and stays open with these values for ever. Only the first call counts. */
        unlatch(...values: Values): void
        /** Calls back as soon as one of the signals opens or notifies, with what it was given. */
        static first<Values extends unknown[]>(
            ...signalsThenWaiter: [
                ...signals: Pick<Signal<Values>, 'wait'>[], waiter: (...values: Values) => void
            ]
        ): void
    }

    /** One wait on one signal. It is opaque and good for `cancel` alone. */
    export interface Cookie {
        readonly [key: string]: never
    }
}
