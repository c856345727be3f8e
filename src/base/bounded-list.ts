/**
 * The items of a list that a user passes, each read once: a later look may find other items.
 *
 * @returns `null` if the value is no list, or a list of more than `max` items. Throws the error of
 * a list that cannot be read.
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
