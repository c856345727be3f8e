/**
 * Freezes a value and everything inside, down to parts that are frozen already. Returns the value.
 */
export function freeze<T>(value: T): T {
    if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
        Object.freeze(value)
        Object.values(value).forEach(freeze)
    }
    return value
}
