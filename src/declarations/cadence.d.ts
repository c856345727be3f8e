declare module 'cadence' {
    /** A callback as the results of a cadenced function reach it. */
    export type Callback<Results extends readonly unknown[] = []> =
        (error: Error | null | undefined, ...results: Results) => void

    /** A callback to be handed to another function, which calls it exactly once. */
    export type Continuation = (error?: Error | null, ...results: unknown[]) => void

    /** Where a loop goes when a step returns this first in an array of results, or alone. */
    export interface Jump {
        readonly index: number
        readonly break: boolean
    }

    /** The two ways on from inside a loop. */
    export interface Loop {
        /** Back to the first step of the loop. */
        readonly continue: Jump
        /** Out of the loop; what follows it in the array are the results of the loop. */
        readonly break: Jump
    }

    /**
     * One function of the sequence, called with the results of the one before, `this` being that
     * of the whole. What it returns are the results for the next step: an array several of them,
     * `undefined` the very ones it was called with, which for a first step begin with `async`.
     * Where it has asked for callbacks, their results in the order of the asking count instead, and
     * the next step waits for the last of them.
     */
    export type Block<This> = (this: This, ...values: never[]) => unknown

    /**
     * A step: a function; `[f]`, which runs at the end, whatever happens; `[f, caught]`, whose
     * `caught(error, errors)` answers an error or throws it on; `[f, pattern, caught]`, the same
     * for an error whose code or message matches; `[]`, which gathers all results in one array.
     */
    export type Step<This> =
        | Block<This>
        | readonly []
        | readonly [Block<This>]
        | readonly [Block<This>, (this: This, error: Error, errors: Error[]) => unknown]
        | readonly [Block<This>, RegExp, (this: This, error: Error) => unknown]

    /** What a step asks for callbacks and steps within the step. Only good until it returns. */
    export interface Async<This> {
        /** One more callback to wait for. An error goes to the callback of the whole. */
        (): Continuation
        /** Steps to wait for. Called, the result makes a loop of them, which ends by `break`. */
        (step: Step<This>, ...steps: Step<This>[]): (...values: unknown[]) => Loop
        /** The steps once for each item, one after the other, with the item and its index. */
        forEach(
            step: Step<This>, ...steps: Step<This>[]
        ): (items: readonly unknown[], ...values: unknown[]) => Loop
        /** The same, with the results of all gathered in one array. */
        map(
            step: Step<This>, ...steps: Step<This>[]
        ): (items: readonly unknown[], ...values: unknown[]) => Loop
    }

    /** A function that calls back once, with the results of its last step or with an error. */
    export type Cadenced<This, Values extends unknown[], Results extends readonly unknown[]> =
        (this: This, ...valuesThenCallback: [...Values, callback: Callback<Results>]) => void

    /**
     * Makes an error-first function of steps. Whatever is passed last is the callback; a call
     * without one throws when the last step is done. Steps follow each other in the same turn
     * where nothing has to be waited for, and so does the callback: what it throws goes to whoever
     * completed the last step. The parts of a step all end before its first error is passed on.
     *
     * A first step of five parameters or more is compiled with `new Function`.
     *
     * @typeParam Results What the callback is given. The steps cannot be asked for it.
     */
    export default function cadence<
        This, Values extends unknown[], Results extends readonly unknown[] = unknown[]
    >(
        step: (this: This, async: Async<This>, ...values: Values) => unknown,
        ...steps: Step<This>[]
    ): Cadenced<This, Values, Results>
}
