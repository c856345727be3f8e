/**
 * Reads each item of a user's list exactly once: a getter or a proxy may return another item later.
 *
 * @returns The items, or `null` if the value is not an array or has more than `max` items. Throws
 * the error of an item if reading the item throws.
 */
export function itemsOf(list: unknown, max: number): readonly unknown[] | null {
    if (!Array.isArray(list)) {
        return null
    }
    const { length } = list as readonly unknown[]
    return Number.isSafeInteger(length) && length <= max
        ? Array.from({ length }, (_, index) => Reflect.get(list, index) as unknown)
        : null
}
