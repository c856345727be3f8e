/** The keys and indexes from a value to one of its parts. */
export type ValuePath = readonly (string | number)[]

/** The longest path in an error text, in characters. */
const LENGTH_MAX = 256

const IDENTIFIER = /^[A-Za-z_$][\w$]{0,63}$/

/** A path in the form of an expression, such as `.items[3].seen`; `it` for the whole value. */
export function pathText(path: ValuePath): string {
    if (path.length === 0) {
        return 'it'
    }
    const text = path.map((key) =>
        typeof key === 'string' && IDENTIFIER.test(key)
            ? `.${key}`
            : `[${JSON.stringify(typeof key === 'string' ? key.slice(0, 64) : key)}]`
    ).join('')
    return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text
}

/**
 * Finds a cycle along a path: a part that contains itself. Returns the path of the first repeated
 * part, and the path of the part that it repeats; `null` without a cycle.
 */
export function cycleIn(
    value: unknown,
    path: ValuePath
): { readonly at: ValuePath; readonly of: ValuePath } | null {
    const seen = [value]
    for (const [index, key] of path.entries()) {
        const parent = seen[index]
        if (typeof parent !== 'object' || parent === null) {
            return null
        }
        const part: unknown = Reflect.get(parent, key)
        const first = seen.indexOf(part)
        if (first !== -1 && typeof part === 'object') {
            return { at: path.slice(0, index + 1), of: path.slice(0, first) }
        }
        seen.push(part)
    }
    return null
}
