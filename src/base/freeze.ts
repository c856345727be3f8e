/** Freezes a value all the way down, as far as it is not frozen yet, and returns it. */
export function freeze<T>(value: T): T {
    if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
        Object.freeze(value)
        Object.values(value).forEach(freeze)
    }
    return value
}
