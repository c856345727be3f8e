import { makeBrand, type Brand } from '../base/object-brand.js'
import type { WireLimits } from './limits.js'
import { Fault, type Guarded } from './rejection.js'

/**
 * Rebuilds a value of one type from anything at all, or says what is wrong with it. What comes
 * back shares nothing with the input that somebody could still change.
 */
export type Guard<T> = (value: unknown, limits: WireLimits) => T | Fault

/** A field that may be missing; it is then missing from what is rebuilt, too. */
export interface Optional<T> {
    readonly optional: Guard<T>
}

/** One guard for each field of a type: a field that the type gains does not compile without. */
export type Fields<T> = {
    readonly [Key in keyof T]-?: Record<never, never> extends Pick<T, Key>
        ? Optional<Required<T>[Key]>
        : Guard<T[Key]>
}

/** A type without some field, each member of a union by itself. */
export type Rest<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never

type Limit = keyof WireLimits

interface Row {
    readonly name: string
    readonly guard: Guard<unknown>
    readonly isOptional: boolean
}

const MISSING = new Fault('missing-field')
const HOSTILE = new Fault('hostile')
const NOT_AN_OBJECT = new Fault('not-an-object')
const WRONG_TYPE = new Fault('wrong-type')
const TOO_MANY = new Fault('too-many')

/** Reads one own property, once. `undefined` counts as missing, as it does in JSON. */
function take<T>(guard: Guard<T>, holder: object, key: string | number, limits: WireLimits) {
    try {
        const value: unknown = Object.hasOwn(holder, key) ? Reflect.get(holder, key) : undefined
        return value === undefined ? MISSING : guard(value, limits)
    } catch {
        // Getters and proxies may throw whatever they like, a stack overflow among it.
        return HOSTILE
    }
}

function isHolder(value: unknown): value is object {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The fields of one type, in the order in which they are rebuilt, whatever order they came in. */
export class Shape<T extends object> {
    readonly #rows: readonly Row[]

    constructor(fields: Fields<NoInfer<T>>) {
        this.#rows = Object.entries<Guard<unknown> | Optional<unknown>>(fields).map(
            ([name, field]) => {
                const isOptional = typeof field !== 'function'
                return { name, guard: isOptional ? field.optional : field, isOptional }
            }
        )
    }

    /**
     * Adds these fields of a source to what is already rebuilt of it, and freezes the whole.
     * Fields of the source that the shape does not know are left behind: a newer version may
     * send them.
     */
    fill(rebuilt: Record<string, unknown>, source: object, limits: WireLimits): T | Fault {
        for (const { name, guard, isOptional } of this.#rows) {
            const field = take(guard, source, name, limits)
            if (!(field instanceof Fault)) {
                rebuilt[name] = field
            } else if (!isOptional || field !== MISSING) {
                return field.inField(name)
            }
        }
        // Each field has just been rebuilt by the guard of its type.
        return Object.freeze(rebuilt) as T
    }
}

/** Guards an object of known fields. */
export function record<T extends object>(fields: Fields<T>): Guard<T> {
    const shape = new Shape<T>(fields)
    return (value, limits) => (isHolder(value) ? shape.fill({}, value, limits) : NOT_AN_OBJECT)
}

/** Guards an object of which one field tells which others it has. That field is read first. */
export function variant<T extends object, Tag extends keyof T & string>(
    tag: Tag,
    guard: Guard<T[Tag]>,
    pick: (kind: T[Tag]) => Shape<Rest<T, Tag>>
): Guard<T> {
    return (value, limits) => {
        if (!isHolder(value)) {
            return NOT_AN_OBJECT
        }
        const kind = take(guard, value, tag, limits)
        if (kind instanceof Fault) {
            return kind.inField(tag)
        }
        const rebuilt = pick(kind).fill({ [tag]: kind }, value, limits)
        // The tag and the rest make the whole.
        return rebuilt instanceof Fault ? rebuilt : (rebuilt as Rest<T, Tag> & T)
    }
}

/** Guards a list without holes. */
export function list<T>(item: Guard<T>, limit: Limit): Guard<readonly T[]> {
    return (value, limits) => {
        if (!Array.isArray(value)) {
            return WRONG_TYPE
        }
        const { length } = value
        if (!Number.isSafeInteger(length) || length > limits[limit]) {
            return TOO_MANY
        }
        const rebuilt: T[] = []
        for (let index = 0; index < length; index++) {
            const copy = take(item, value, index, limits)
            if (copy instanceof Fault) {
                return copy.inItem(index)
            }
            rebuilt.push(copy)
        }
        return Object.freeze(rebuilt)
    }
}

/** Guards an item of such a list, or what stands for several, packed: it has bodies. */
export function several<T extends object, Packed>(
    item: Guard<T>,
    packed: Guard<Packed>,
    unpack: (packed: Packed) => readonly T[]
): Guard<T | readonly T[]> {
    return (value, limits) => {
        if (!isHolder(value) || !Object.hasOwn(value, 'bodies')) {
            return item(value, limits)
        }
        const rebuilt = packed(value, limits)
        return rebuilt instanceof Fault ? rebuilt : unpack(rebuilt)
    }
}

/** Guards a list in which an item may stand for several; no more than the limit in all. */
export function flatList<T extends object>(
    item: Guard<T | readonly T[]>,
    limit: Limit
): Guard<readonly T[]> {
    return (value, limits) => {
        if (!Array.isArray(value)) {
            return WRONG_TYPE
        }
        const { length } = value
        if (!Number.isSafeInteger(length) || length > limits[limit]) {
            return TOO_MANY
        }
        const rebuilt: T[] = []
        const rest = { ...limits }
        for (let index = 0; index < length; index++) {
            // What an item may stand for shrinks with what there is: none is unpacked in vain.
            const left = limits[limit] - rebuilt.length
            if (left < 1) {
                return TOO_MANY
            }
            rest[limit] = left
            const copy = take(item, value, index, rest)
            if (copy instanceof Fault) {
                return copy.inItem(index)
            }
            if (Array.isArray(copy)) {
                rebuilt.push(...copy)
            } else {
                rebuilt.push(copy as T)
            }
        }
        return Object.freeze(rebuilt)
    }
}

/**
 * Guards an object whose keys are data. It comes back as a plain object whose properties are all
 * its own: no key ever reaches a prototype.
 */
export function dictionary<T>(
    key: Guard<string>,
    item: Guard<T>,
    limit: Limit
): Guard<Readonly<Record<string, T>>> {
    return (value, limits) => {
        if (!isHolder(value)) {
            return NOT_AN_OBJECT
        }
        const names = Object.keys(value)
        if (names.length > limits[limit]) {
            return TOO_MANY
        }
        const rebuilt: Record<string, T> = {}
        for (const name of names) {
            const word = key(name, limits)
            const copy = word instanceof Fault ? word : take(item, value, name, limits)
            if (copy instanceof Fault) {
                return copy.inItem(name)
            }
            // An assignment fails where the prototype is frozen and has the key.
            Object.defineProperty(rebuilt, name, { value: copy, enumerable: true })
        }
        return Object.freeze(rebuilt)
    }
}

/** Guards what may be `null` instead. */
export function nullable<T>(guard: Guard<T>): Guard<T | null> {
    return (value, limits) => (value === null ? null : guard(value, limits))
}

/** Lets a field be missing. */
export function optional<T>(guard: Guard<T>): Optional<T> {
    return { optional: guard }
}

/** Guards what must be more than well-shaped. The reason is found on the rebuilt value. */
export function refine<T>(guard: Guard<T>, reject: (value: T) => Fault | null): Guard<T> {
    return (value, limits) => {
        const rebuilt = guard(value, limits)
        return rebuilt instanceof Fault ? rebuilt : (reject(rebuilt) ?? rebuilt)
    }
}

/**
 * Passes what this very guard has rebuilt before, as it is: members of one process hand frozen
 * objects to each other by reference. The limits that counted then are not looked at again.
 */
export function once<T extends object>(guard: Guard<T>, stamp: Brand = makeBrand()): Guard<T> {
    const isRebuilt = (value: unknown): value is T => isHolder(value) && stamp.bears(value)
    return (value, limits) => {
        if (isRebuilt(value)) {
            return value
        }
        const copy = guard(value, limits)
        if (!(copy instanceof Fault)) {
            stamp.mark(copy)
        }
        return copy
    }
}

/** Puts a value to a guard. Never throws, whatever the value is or does. */
export function judge<T>(guard: Guard<T>, value: unknown, limits: WireLimits): Guarded<T> {
    const verdict = take(guard, [value], 0, limits)
    return verdict instanceof Fault
        ? { ok: false, rejection: verdict.toRejection() }
        : { ok: true, value: verdict }
}
