/// <reference path="./signal.d.ts" />

declare module 'procession' {
    import type Signal from 'signal'

    /**
     * An unbounded queue with independent cursors. A value is held as long as some cursor has not
     * passed it. `null` ends the stream; what is pushed behind it is dropped.
     */
    export default class Procession<T> {
        /** True once `null` was pushed, absent before. */
        readonly endOfStream?: boolean
        /** Notified after each push, for those who wait without a cursor. */
        readonly pushed: Signal
        /**
         * Adds a value and, before it returns, hands it to every waiting cursor. **An exception in
         * one reader surfaces here, and the readers that waited behind it are never called again.**
         * `undefined` ends the stream as `null` does.
         */
        push(value: T | null): void
        /** `push` in the error-first shape. It calls back, without error, before it returns. */
        enqueue(value: T | null, callback: (error?: Error | null) => void): void
        /**
         * A cursor that begins behind the newest value.
         *
         * @param passes Told of each link of the queue as the cursor comes to it.
         */
        shifter(passes?: (link: { next: unknown }) => void): Shifter<T>
    }

    /** One reader's place in a Procession: one `dequeue`, `join` or `pump` at a time. */
    export interface Shifter<T> {
        /** True once this cursor has passed the end or was destroyed. */
        readonly endOfStream: boolean
        /** True once `destroy` was called, absent before. */
        readonly destroyed?: boolean
        /** The queue this cursor reads. */
        readonly procession: Procession<T>
        /** Takes the next value, or returns `null` where there is none yet or no more. */
        shift(): T | null
        /** The next value without taking it, or `null`. */
        peek(): T | null
        /**
         * Waits for the next value and takes it; `null` at the end of the stream and after
         * `destroy`. It calls back before it returns where a value is there.
         */
        dequeue(callback: (error: Error | null | undefined, value: T | null) => void): void
        /**
         * Takes values until one satisfies the condition, which sees the `null` at the end too.
         * Where it refuses that, the callback gets the error `procession#endOfStream`.
         */
        join(
            condition: (value: T | null) => boolean,
            callback: (error: Error | null | undefined, value: T | null) => void
        ): void
        /**
         * Feeds each value to a function, in order, `null` last unless the feed was cancelled. A
         * function of exactly two parameters is handed a callback, and the next value waits for
         * it; any other counts as done when it returns. An error, thrown or called back, ends the
         * feed, is thrown to whoever pushed, and is thrown once more as an uncaught exception.
         */
        pump(
            operation: (value: T | null, callback: (error?: Error | null) => void) => void
        ): Pumper
        /** Feeds a method, found by name for each value; its arity is read when the feed begins. */
        pump(object: object, method: string): Pumper
        /** A second cursor at this one's place. */
        shifter(): Shifter<T>
        /** Ends this cursor; a waiting `dequeue` gets `null`. A second call does nothing. */
        destroy(): void
    }

    /** A running feed. */
    export interface Pumper {
        /** Ends the feed without a last `null`, and the cursor it reads with it. */
        cancel(): void
    }
}
