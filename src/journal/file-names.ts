const DIGITS = 16
const SEGMENT = /^(\d{16})\.journal$/

/** The name of the segment that begins with a record. Names sort as numbers do. */
export function segmentName(first: number): string {
    return `${String(first).padStart(DIGITS, '0')}.journal`
}

/** The name of the snapshot that stands for all records through a number. */
export function snapshotName(through: number): string {
    return `${String(through).padStart(DIGITS, '0')}.snapshot`
}

/** The first records of the segments among some names, in order. */
export function segmentsIn(names: readonly string[]): number[] {
    return names.flatMap((name) => {
        const digits = SEGMENT.exec(name)?.[1]
        return digits === undefined ? [] : [Number(digits)]
    }).sort((one, other) => one - other)
}

/** Whether a file can only be one that was being written when somebody stopped. */
export function isUnfinished(name: string): boolean {
    return /^(?:identity|manifest|segment|snapshot)\.new$/.test(name)
}

/** The name of a segment, and of a snapshot, while it is being written. */
export const BESIDE = { segment: 'segment.new', snapshot: 'snapshot.new' } as const

/** The number of a snapshot's file name, or `null` where it is none. */
export function snapshotIn(name: string): number | null {
    const digits = /^(\d{16})\.snapshot$/.exec(name)?.[1]
    return digits === undefined ? null : Number(digits)
}
