/** The bytes that a disk writes at once. */
export const SECTOR = 512

/** Splits the byte range [begin, end) of a file at the sector boundaries. */
export function* sectors(begin: number, end: number): Generator<readonly [number, number]> {
    for (let from = begin; from < end;) {
        const to = Math.min(end, from + SECTOR - from % SECTOR)
        yield [from, to]
        from = to
    }
}
