import { makeBrand, type Brand } from '../base/object-brand.js'
import type { WireLimits } from './limits.js'
import { Fault, type Guarded } from './rejection.js'

/**
 * Rebuilds a value of type `T` from any input, or returns the fault. The result is frozen and
 * shares no mutable part with the input.
 */
export type Guard<T> = (value: unknown, limits: WireLimits) => T | Fault

/** An optional field. If the input lacks the field, the rebuilt value lacks the field too. */
export interface Optional<T> {
    readonly optional: Guard<T>
}

/**
 * One guard for each field of a type. If the type gains a field, the table does not compile until
 * the table has a guard for the field.
 */
export type Fields<T> = {
    readonly [Key in keyof T]-?: Record<never, never> extends Pick<T, Key>
        ? Optional<Required<T>[Key]>
        : Guard<T[Key]>
}

/** A type without one field, applied to each member of a union. */
export type Rest<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never

type Limit = keyof WireLimits

interface FieldGuard {
    readonly name: string
    readonly guard: Guard<unknown>
    readonly isOptional: boolean
}

const MISSING = new Fault('missing-field')
const THREW = new Fault('hostile')
const NOT_AN_OBJECT = new Fault('not-an-object')
const WRONG_TYPE = new Fault('wrong-type')
const TOO_MANY = new Fault('too-many')

/** Reads one own property, once. As in JSON, `undefined` counts as missing. */
function guardProperty<T>(
    guard: Guard<T>,
    object: object,
    key: string | number,
    limits: WireLimits
) {
    try {
        const value: unknown = Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined
        return value === undefined ? MISSING : guard(value, limits)
    } catch {
        // A getter or a proxy may throw anything, for example a stack overflow.
        return THREW
    }
}

function isObject(value: unknown): value is object {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The fields of one type. Fields are rebuilt in the order of the table, not in the order of the
 * input.
 */
export class Shape<T extends object> {
    readonly #fields: readonly FieldGuard[]

    constructor(fields: Fields<NoInfer<T>>) {
        this.#fields = Object.entries<Guard<unknown> | Optional<unknown>>(fields).map(
            ([name, field]) => {
                const isOptional = typeof field !== 'function'
                return { name, guard: isOptional ? field.optional : field, isOptional }
            }
        )
    }

    /**
     * Adds the fields of `source` to `rebuilt`, and freezes `rebuilt`. Fields that the shape does
     * not know are ignored: a newer version of kibitz may send them.
     */
    fill(rebuilt: Record<string, unknown>, source: object, limits: WireLimits): T | Fault {
        for (const { name, guard, isOptional } of this.#fields) {
            const field = guardProperty(guard, source, name, limits)
            if (!(field instanceof Fault)) {
                rebuilt[name] = field
            } else if (!isOptional || field !== MISSING) {
                return field.inField(name)
            }
        }
        // Every field was rebuilt by the guard of its type.
        return Object.freeze(rebuilt) as T
    }
}

/** Guards an object with a known list of fields. */
export function record<T extends object>(fields: Fields<T>): Guard<T> {
    const shape = new Shape<T>(fields)
    return (value, limits) => (isObject(value) ? shape.fill({}, value, limits) : NOT_AN_OBJECT)
}

/**
 * Guards a tagged union: the value of the field `tag` decides the other fields. The tag is read
 * first.
 */
export function variant<T extends object, Tag extends keyof T & string>(
    tag: Tag,
    guard: Guard<T[Tag]>,
    pick: (kind: T[Tag]) => Shape<Rest<T, Tag>>
): Guard<T> {
    return (value, limits) => {
        if (!isObject(value)) {
            return NOT_AN_OBJECT
        }
        const kind = guardProperty(guard, value, tag, limits)
        if (kind instanceof Fault) {
            return kind.inField(tag)
        }
        const rebuilt = pick(kind).fill({ [tag]: kind }, value, limits)
        // The tag and the other fields together form `T`.
        return rebuilt instanceof Fault ? rebuilt : (rebuilt as Rest<T, Tag> & T)
    }
}

/** Guards a list without holes, up to a limit of items. */
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
            const copy = guardProperty(item, value, index, limits)
            if (copy instanceof Fault) {
                return copy.inItem(index)
            }
            rebuilt.push(copy)
        }
        return Object.freeze(rebuilt)
    }
}

/** Guards a list of exactly two items. */
export function pair<T>(item: Guard<T>): Guard<readonly [T, T]> {
    return (value, limits) => {
        if (!Array.isArray(value) || value.length !== 2) {
            return WRONG_TYPE
        }
        const first = guardProperty(item, value, 0, limits)
        const second = guardProperty(item, value, 1, limits)
        if (first instanceof Fault) {
            return first.inItem(0)
        }
        return second instanceof Fault ? second.inItem(1) : Object.freeze([first, second] as const)
    }
}

/**
 * Guards a list item that is either one value or a packed group of values. An item with the own
 * property `bodies` is packed.
 */
export function singleOrPacked<T extends object, Packed>(
    item: Guard<T>,
    packed: Guard<Packed>,
    unpack: (packed: Packed) => readonly T[]
): Guard<T | readonly T[]> {
    return (value, limits) => {
        if (!isObject(value) || !Object.hasOwn(value, 'bodies')) {
            return item(value, limits)
        }
        const rebuilt = packed(value, limits)
        return rebuilt instanceof Fault ? rebuilt : unpack(rebuilt)
    }
}

/**
 * Guards a list of single and packed items, and returns one flat list. The limit applies to the
 * flat list.
 */
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
            // The next packed item may hold only the remaining number of values, so no group is
            // unpacked in vain.
            const left = limits[limit] - rebuilt.length
            if (left < 1) {
                return TOO_MANY
            }
            rest[limit] = left
            const copy = guardProperty(item, value, index, rest)
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
 * Guards an object whose keys are data. The rebuilt object has own properties only: a key such as
 * `__proto__` never reaches a prototype.
 */
export function dictionary<T>(
    key: Guard<string>,
    item: Guard<T>,
    limit: Limit
): Guard<Readonly<Record<string, T>>> {
    return (value, limits) => {
        if (!isObject(value)) {
            return NOT_AN_OBJECT
        }
        const names = Object.keys(value)
        if (names.length > limits[limit]) {
            return TOO_MANY
        }
        const rebuilt: Record<string, T> = {}
        for (const name of names) {
            const word = key(name, limits)
            const copy = word instanceof Fault ? word : guardProperty(item, value, name, limits)
            if (copy instanceof Fault) {
                return copy.inItem(name)
            }
            // If the prototype is frozen and has the key, a plain assignment throws.
            Object.defineProperty(rebuilt, name, { value: copy, enumerable: true })
        }
        return Object.freeze(rebuilt)
    }
}

/** Guards a value that may be `null`. */
export function nullable<T>(guard: Guard<T>): Guard<T | null> {
    return (value, limits) => (value === null ? null : guard(value, limits))
}

/** Marks a field as optional. */
export function optional<T>(guard: Guard<T>): Optional<T> {
    return { optional: guard }
}

/** Adds a check to a guard. `reject` sees the rebuilt value and returns a fault or `null`. */
export function refine<T>(guard: Guard<T>, reject: (value: T) => Fault | null): Guard<T> {
    return (value, limits) => {
        const rebuilt = guard(value, limits)
        return rebuilt instanceof Fault ? rebuilt : (reject(rebuilt) ?? rebuilt)
    }
}

/**
 * Returns a value unchanged if this guard has already rebuilt the value: members of one process
 * pass frozen objects by reference. The limits are not checked again.
 */
export function cached<T extends object>(guard: Guard<T>, brand: Brand = makeBrand()): Guard<T> {
    const isRebuilt = (value: unknown): value is T => isObject(value) && brand.isMarked(value)
    return (value, limits) => {
        if (isRebuilt(value)) {
            return value
        }
        const copy = guard(value, limits)
        if (!(copy instanceof Fault)) {
            brand.mark(copy)
        }
        return copy
    }
}

/** Applies a guard to a value. Never throws, whatever the value is or does. */
export function applyGuard<T>(guard: Guard<T>, value: unknown, limits: WireLimits): Guarded<T> {
    const result = guardProperty(guard, [value], 0, limits)
    return result instanceof Fault
        ? { ok: false, rejection: result.toRejection() }
        : { ok: true, value: result }
}
