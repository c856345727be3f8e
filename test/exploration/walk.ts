import assert from 'node:assert/strict'

type Fields = Record<string, unknown>

/** A frozen value is shared between states; everything else belongs to one alone. */
function copy(value: unknown, copies: Map<object, unknown>): unknown {
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) {
        return value
    }
    const known = copies.get(value)
    if (known !== undefined) {
        return known
    }
    if (Array.isArray(value)) {
        const list: unknown[] = []
        copies.set(value, list)
        for (const item of value) {
            list.push(copy(item, copies))
        }
        return list
    }
    if (value instanceof Map) {
        const map = new Map<unknown, unknown>()
        copies.set(value, map)
        for (const [key, item] of value) {
            map.set(key, copy(item, copies))
        }
        return map
    }
    if (value instanceof Set) {
        const set = new Set<unknown>(value)
        copies.set(value, set)
        return set
    }
    const clone = Object.create(Object.getPrototypeOf(value) as object) as Fields
    copies.set(value, clone)
    for (const key of Object.keys(value)) {
        clone[key] = copy((value as Fields)[key], copies)
    }
    return clone
}

/** An object graph like another one, that shares with it what is frozen and nothing else. */
export function clone<T>(value: T): T {
    return copy(value, new Map()) as T
}

/** Freezes a value all the way down, as what goes over a wire is. */
export function freeze<T>(value: T): T {
    if (typeof value === 'object' && value !== null) {
        Object.freeze(value)
        Object.values(value).forEach(freeze)
    }
    return value
}

/** By the rule of names, instants end in `At`; `when` is the calendar's word for one. */
const INSTANT = /At$|_clock$|^when$/

/**
 * Turns values into text, so that two of them are told apart by nothing but what they hold.
 *
 * 1. Instants are told from a given one, so that the same situation later is the same text.
 * 2. What is frozen is told once, by a number, and never holds an instant of anybody's clock but
 *    a calendar's.
 */
export class Teller {
    readonly #numbers = new WeakMap<object, number>()
    readonly #known = new Map<string, number>()

    /** The number of a frozen value; equal values have the same. */
    numberOf(value: object): number {
        const known = this.#numbers.get(value)
        if (known !== undefined) {
            return known
        }
        const text = this.#fields(value, null)
        const number = this.#known.get(text) ?? this.#known.size
        this.#known.set(text, number)
        this.#numbers.set(value, number)
        return number
    }

    /** The text of a value; `clock` is the instant that instants are told from. */
    tell(value: unknown, clock: number): string {
        return this.#tell(value, '', clock)
    }

    #tell(value: unknown, name: string, clock: number | null): string {
        if (typeof value === 'number' && INSTANT.test(name)) {
            assert(clock !== null, `${name} is an instant where none may be`)
            return String(value - clock)
        }
        if (typeof value !== 'object' || value === null) {
            return typeof value === 'string' ? `"${value}"` : String(value)
        }
        return Object.isFrozen(value) && !('when' in value)
            ? `#${this.numberOf(value)}`
            : this.#fields(value, clock, name)
    }

    #fields(value: object, clock: number | null, name = ''): string {
        let text = ''
        if (Array.isArray(value)) {
            for (const item of value) {
                text += `${this.#tell(item, name, clock)},`
            }
            return `[${text}]`
        }
        if (value instanceof Map) {
            for (const [key, item] of value as Map<string, unknown>) {
                text += `${key}>${this.#tell(item, name, clock)},`
            }
            return `(${text})`
        }
        if (value instanceof Set) {
            return `<${[...value].join()}>`
        }
        for (const key of Object.keys(value)) {
            text += `${key}:${this.#tell((value as Fields)[key], key, clock)},`
        }
        return `{${text}}`
    }
}
