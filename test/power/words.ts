/** What a log comes to: how many values, all of them in one number, and each publisher's last. */
export interface Tally {
    readonly count: number
    readonly hash: string
    readonly lasts: Record<string, number>
}

/** How fast the files of a member come and go. */
export interface Pace {
    /** How often it takes a snapshot, in values; 0 for never. */
    readonly stride: number
    /** How large a file of records may be, in bytes. */
    readonly segmentSize: number
}

/** A few hundred inputs to a file. */
export const BRISK: Pace = { stride: 150, segmentSize: 32 * 1024 }

/** Neither snapshots nor new files. */
export const STILL: Pace = { stride: 0, segmentSize: 64 * 1024 * 1024 }

/** What a member's process is told, one line of JSON each. */
export type Told =
    | {
        readonly go: {
            readonly id: string
            readonly port: number
            readonly folder: string
            /** Whether its disk says that it has stored what it has not. */
            readonly isHasty: boolean
            readonly pace: Pace
        }
    }
    /** Founds a republic (`null`), or joins one through another member. */
    | { readonly enter: string | null }
    | { readonly do: 'publish' | 'level' | 'cease' | 'end' }

/** What it says, one line of JSON each. */
export type Said =
    /** Its program is loaded; it has done nothing yet. */
    | { readonly ready: true }
    /** It has come back from its folder, as the incarnation it names, or `null` as a newcomer. */
    | { readonly back: string | null, readonly records: number, readonly isSnapshot: boolean }
    /** It is admitted. */
    | { readonly entered: string }
    /** Its publish of that number is acknowledged. */
    | { readonly acked: number }
    /** What the log came to at so many values. */
    | { readonly mark: number, readonly hash: string }
    | { readonly governed: string, readonly majority: readonly string[] }
    /** What the log came to behind a barrier. */
    | { readonly level: Tally, readonly immigrated: string }
    /** It publishes no more, and all it published is settled. */
    | { readonly ceased: true }
    | { readonly snapshot: string }
    /** The log is not what it may be. */
    | { readonly fault: string }
    /** Its Kibitzer has ended, or never began. */
    | { readonly ended: string, readonly message: string }
