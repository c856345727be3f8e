/** What a disk writes as one. */
export const SECTOR = 512

/** The parts of some bytes of a file that lie in one sector each: where they begin and end. */
export function* sectors(begin: number, end: number): Generator<readonly [number, number]> {
    for (let from = begin; from < end;) {
        const to = Math.min(end, from + SECTOR - from % SECTOR)
        yield [from, to]
        from = to
    }
}
