function isObject(value: unknown): value is object {
    return typeof value === 'object' && value !== null
}

/** Whether two JSON values are equal. The order of the keys does not matter. */
export function isEqualJson(left: unknown, right: unknown): boolean {
    if (!isObject(left) || !isObject(right)) {
        return left === right
    }
    if (Array.isArray(left) !== Array.isArray(right)) {
        return false
    }
    const keys = Object.keys(left)
    return keys.length === Object.keys(right).length && keys.every((key) =>
        Object.hasOwn(right, key) && isEqualJson(Reflect.get(left, key), Reflect.get(right, key)))
}
