import type { Shifter } from 'procession'

/** Everything the cursor has before it now. */
export function drain<T>(cursor: Shifter<T>): T[] {
    const taken: T[] = []
    for (let value = cursor.shift(); value !== null; value = cursor.shift()) {
        taken.push(value)
    }
    return taken
}
