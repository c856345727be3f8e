/** The path from a value to one of its parts. */
export type Path = readonly (string | number)[]

/** A frozen value whose parts may be read by any name. */
type Holder = Readonly<Record<string | number, unknown>>

/** Whether a value has parts. */
export function isHolder(value: unknown): value is Holder {
    return typeof value === 'object' && value !== null
}

/** What lies at the end of a path. */
export function at(whole: unknown, path: Path): unknown {
    return path.reduce<unknown>((part, key) => (isHolder(part) ? part[key] : undefined), whole)
}

/** Every path into a value, the empty one first. */
export function places(whole: unknown): Path[] {
    const found: Path[] = [[]]
    for (const path of found) {
        const part = at(whole, path)
        if (isHolder(part)) {
            for (const key of Object.keys(part)) {
                found.push([...path, Array.isArray(part) ? Number(key) : key])
            }
        }
    }
    return found
}

/** A shallow copy of an object or a list. */
function copy(holder: Holder): Record<string | number, unknown> | unknown[] {
    return Array.isArray(holder) ? holder.slice() : Object.fromEntries(Object.entries(holder))
}

/** The same whole with another part at the end of a path. Nothing given is changed. */
export function put(whole: unknown, path: Path, part: unknown): unknown {
    const [key, ...rest] = path
    if (key === undefined) {
        return part
    }
    const holder = copy(isHolder(whole) ? whole : {})
    const value = put(isHolder(whole) ? whole[key] : undefined, rest, part)
    Object.defineProperty(holder, key, {
        value, enumerable: true, configurable: true, writable: true
    })
    return holder
}

/** The same whole without the part at the end of a path; a list is left with a hole. */
export function without(whole: unknown, path: Path): unknown {
    const key = path.at(-1)
    if (key === undefined) {
        return undefined
    }
    const holder = at(whole, path.slice(0, -1))
    const rest = copy(isHolder(holder) ? holder : {})
    Reflect.deleteProperty(rest, key)
    return put(whole, path.slice(0, -1), rest)
}

/** A value frozen through and through. */
export function freeze<T>(whole: T): T {
    for (const path of places(whole)) {
        Object.freeze(at(whole, path))
    }
    return whole
}

/** The first path to something that could still be changed, or null. */
export function thawed(whole: unknown): Path | null {
    return places(whole).find((path) => !Object.isFrozen(at(whole, path))) ?? null
}

/** The same value by way of JSON, as it comes over a wire. */
export function overWire(value: unknown): unknown {
    const parsed: unknown = JSON.parse(JSON.stringify(value))
    return parsed
}
