/// <reference path="./signal.d.ts" />

declare module 'destructible' {
    import type Signal from 'signal'

    /** Anything JSON can say; keys of equal JSON are equal keys. */
    export type Key =
        | string | number | boolean | null | readonly Key[] | { readonly [name: string]: Key }

    /** What a callback from `monitor` or `rescue` is still awaited for. */
    export interface Wait {
        readonly module: 'destructible'
        readonly method: 'monitor' | 'rescue'
        readonly key: Key
    }

    /**
     * The end of something with many parts. `destroy` runs the destructors, those with a number
     * for a key first and the others in the order of their keys' first appearance, then awaits
     * every callback that was handed out, no longer than the timeout, and then opens `completed`,
     * with the first error if there was one.
     */
    export default class Destructible {
        /** Awaits its callbacks for the timeout, in milliseconds. @default 1000 */
        constructor(timeout: number, key?: Key, ...context: unknown[])
        constructor(key?: Exclude<Key, number>, ...context: unknown[])
        /** Names it in the error for callbacks that never came; `null` where none was given. */
        readonly key: Key
        /** Shown with that error. */
        readonly context: unknown[]
        /** Differs between any two of one process. */
        readonly instance: string
        /** Every error its parts ended with, the first first. */
        readonly errors: Error[]
        /** The same with the names of the parts. */
        readonly interrupts: Error[]
        /** True once the destructors have run; callbacks may still be awaited. */
        readonly destroyed: boolean
        /** The callbacks that are still awaited. */
        readonly waiting: readonly Wait[]
        /**
         * Opens when all is over: with the first error, with `destructible#hung` when callbacks did
         * not come in time, or else with `null` and the results of the monitored callbacks.
         */
        readonly completed: Signal<[error?: Error | null, ...results: unknown[]]>
        /** Begins the end. Later calls only add their error. */
        destroy(error?: Error | null): void
        /** A destructor that sets the property of the object to true. @default 'destroyed' */
        markDestroyed(object: object, property?: string): void
        /** Adds to what is shown with the error for callbacks that never came. */
        addContext(...context: unknown[]): void
        /**
         * Runs the destructor, with no arguments, at the end, in place of an earlier one of the
         * same key; at once where the end has been. An exception counts as an error of this part
         * and keeps no other destructor from running.
         */
        addDestructor(key: Key, destructor: () => void): void
        /** Calls a method of the object at the end, found by name then. */
        addDestructor(key: Key, object: object, method: string): void
        /** Runs a destructor now and not again. Returns whether there was one. */
        invokeDestructor(key: Key): boolean
        /** Drops a destructor, if there is one, without running it. */
        removeDestructor(key: Key): void
        /** The keys of all destructors. */
        getDestructors(): Key[]
        /** A callback for a part the whole cannot do without: called, it begins the end. */
        monitor(key: Key): (error?: Error | null, ...results: unknown[]) => void
        /** A callback for a part that may end before the whole: only its error begins the end. */
        rescue(key: Key): (error?: Error | null, ...results: unknown[]) => void
    }
}
