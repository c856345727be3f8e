const DIGITS = 16
const SEGMENT = /^(\d{16})\.journal$/

/** The name of the segment that begins with a record. The names sort like the numbers. */
export function segmentName(first: number): string {
    return `${String(first).padStart(DIGITS, '0')}.journal`
}

/** The name of the snapshot of all records through a number. */
export function snapshotName(through: number): string {
    return `${String(through).padStart(DIGITS, '0')}.snapshot`
}

/** The first record numbers of the segments in a list of names, in order. */
export function segmentsIn(names: readonly string[]): number[] {
    return names.flatMap((name) => {
        const digits = SEGMENT.exec(name)?.[1]
        return digits === undefined ? [] : [Number(digits)]
    }).sort((one, other) => one - other)
}

/** Whether a file is the remainder of an interrupted write. */
export function isUnfinished(name: string): boolean {
    return /^(?:identity|manifest|segment|snapshot)\.new$/.test(name)
}

/** The names of a segment and of a snapshot during the write. */
export const UNFINISHED_NAMES = { segment: 'segment.new', snapshot: 'snapshot.new' } as const

/** The number in the name of a snapshot; `null` for another name. */
export function snapshotIn(name: string): number | null {
    const digits = /^(\d{16})\.snapshot$/.exec(name)?.[1]
    return digits === undefined ? null : Number(digits)
}
