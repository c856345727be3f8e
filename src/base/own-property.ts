/** The own value of a key; `undefined` if the record inherits the key or lacks the key. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
    return Object.hasOwn(record, key) ? record[key] : undefined
}
