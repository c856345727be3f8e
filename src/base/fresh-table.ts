/**
 * A table for keys that no earlier table had, such as cookies. After its last key, the table goes
 * to `closeTable`.
 *
 * The runtime describes the keys of an ordinary object in a hidden class, and makes a new hidden
 * class for each new key. This takes longer than all other work on a small table. A table without a
 * prototype is a hash table from the beginning.
 */
export function openTable<T>(): Record<string, T> {
    return Object.create(null) as Record<string, T>
}

/** Gives a table the prototype of an ordinary object. */
export function closeTable<T>(table: Record<string, T>): Record<string, T> {
    return Object.setPrototypeOf(table, Object.prototype) as Record<string, T>
}
