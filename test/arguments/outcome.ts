import { KibitzError } from '../../src/index.js'
import { Hostile } from './values.js'

/** How a call ended: refused with an error of the library, or otherwise. */
export type Outcome = { readonly refused: KibitzError } | { readonly refused: null }

/** How many turns a promise may take until the test goes on without the promise. */
const TURNS = 5

function judge(error: unknown, call: string): Outcome {
    if (error instanceof KibitzError) {
        return { refused: error }
    }
    if (error instanceof Hostile) {
        // The user's own error comes back, for example from the pieces of a snapshot.
        return { refused: null }
    }
    throw new Error(`${call} ended with an error of another class`, { cause: error })
}

/**
 * Calls a method, and looks how the call ends.
 *
 * @throws Where the call throws or rejects with anything but an error of the library or of the
 * user. A promise may stay open: some calls wait.
 */
export async function outcomeOf(call: string, method: () => unknown): Promise<Outcome> {
    let result: unknown
    try {
        result = method()
    } catch (error) {
        return judge(error, call)
    }
    if (!(result instanceof Promise)) {
        return { refused: null }
    }
    let outcome: { readonly error: unknown } | { readonly value: unknown } | null = null
    result.then((value: unknown) => {
        outcome = { value }
    }, (error: unknown) => {
        outcome = { error }
    })
    for (let turns = 0; turns < TURNS && outcome === null; turns++) {
        await new Promise(setImmediate)
    }
    const ended = outcome as { readonly error?: unknown } | null
    return ended !== null && 'error' in ended ? judge(ended.error, call) : { refused: null }
}

/** The names of the public methods of a class. */
export function methodsOf(prototype: object, ...but: readonly string[]): readonly string[] {
    return Object.entries(Object.getOwnPropertyDescriptors(prototype))
        .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor' &&
            !but.includes(name))
        .map(([name]) => name)
}

/** Calls a method by its name. */
export function invoke(target: object, name: string, given: readonly unknown[]): unknown {
    return (Reflect.get(target, name) as (...all: readonly unknown[]) => unknown)
        .apply(target, [...given])
}

/** Calls a discovery, which may throw and reject. */
export async function found(discover: () => unknown): Promise<void> {
    await Promise.race([Promise.resolve().then(discover).catch(() => {}), Promise.resolve()])
}

/** The fields of one object over the fields of another, if the object is readable. */
export function mixed<Under extends object>(under: Under, over: unknown): Under {
    try {
        return { ...under, ...(typeof over === 'object' ? over : {}) }
    } catch {
        return under
    }
}
