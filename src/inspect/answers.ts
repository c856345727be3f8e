// The answers of the inspector to its page. The page runs in a browser, so this file has types
// alone, and imports nothing.

/** An input of a member. */
export interface PlaceAnswer {
    readonly member: string
    readonly number: number
}

/** An input with its instant by the clock of its member, and its method. */
export interface InputAnswer extends PlaceAnswer {
    readonly when: number
    readonly method: string
}

/** A period of a member in one role under one government. */
export interface RoleAnswer extends PlaceAnswer {
    readonly role: string
    readonly government: string
    readonly from: number
    readonly to: number
}

/** A period of a member without any input. `restart`: a new process ends the period. */
export interface SilenceAnswer {
    readonly from: number
    readonly to: number
    /** The last input before the silence. */
    readonly number: number
    readonly isRestart: boolean
}

/** A period in which a leader waited for its disk. */
export interface DiskWaitAnswer {
    readonly from: number
    readonly to: number
    /** The input with the answer of the disk. */
    readonly number: number
}

/** A member in the overview. Instants are aligned: `offset` is subtracted from the clock. */
export interface LaneAnswer {
    readonly member: string
    readonly first: number
    readonly last: number
    readonly from: number
    readonly to: number
    /** How far the clock of the member is ahead of the first member, in milliseconds. */
    readonly offset: number
    readonly roles: readonly RoleAnswer[]
    readonly silences: readonly SilenceAnswer[]
    readonly diskWaits: readonly DiskWaitAnswer[]
    /** The number of own values that the member does not know to be in the log, at the end. */
    readonly unsettled: number
    /** Why the recording ends early; empty without damage. */
    readonly damage: string
    /** The instant of the last input, while inputs behind `last` are still being read. */
    readonly unread?: number
    /** The instants at which a process began, with the numbers of the inputs. */
    readonly starts: readonly (readonly [at: number, number: number])[]
}

/** A government in the overview. */
export interface GovernmentAnswer {
    readonly promise: string
    readonly at: number
    readonly leader: string
    readonly majority: readonly string[]
    readonly minority: readonly string[]
    readonly constituents: readonly string[]
    /** The change, in words. */
    readonly change: string
    readonly place: PlaceAnswer
}

/** A period without a leader in good standing. */
export interface GapAnswer {
    readonly index: number
    readonly from: number
    readonly to: number
    /** The leader before; `null` at the start of the recordings. */
    readonly before: string | null
    /** The leader afterwards; `null` if the recordings end without a leader. */
    readonly after: string | null
}

/** The progress of the reading. */
export interface ReadingAnswer {
    readonly state: 'reading'
    readonly done: number
    readonly of: number
}

/** The recordings could not be read. */
export interface FailedAnswer {
    readonly state: 'failed'
    readonly message: string
}

/** All members over the whole time. Instants are aligned, in milliseconds since the epoch. */
export interface OverviewAnswer {
    readonly state: 'ready'
    readonly republic: string
    readonly from: number
    readonly to: number
    readonly lanes: readonly LaneAnswer[]
    readonly governments: readonly GovernmentAnswer[]
    readonly gaps: readonly GapAnswer[]
    readonly isRedacted: boolean
    /** The number of governments, roles and silences that the overview omits. */
    readonly omitted: number
    /** The citizens without a recording, at most 100. */
    readonly missing: readonly string[]
    /** The progress of the reading, while the recordings are read. Later inputs are missing. */
    readonly reading?: { readonly done: number, readonly of: number }
    /** The number of the reading, if the journals are followed; see `RevisionAnswer`. */
    readonly revision?: number
}

/** The state of journals that are followed. */
export interface RevisionAnswer {
    /** Counts the readings of the journals. */
    readonly revision: number
    /** Why the last look at the journals failed; empty without a problem. */
    readonly problem: string
}

/** An input in a window. */
export interface MarkAnswer extends PlaceAnswer {
    readonly at: number
    readonly method: string
    /** The number of entries that the input has added to the log. */
    readonly entries: number
}

/** A call in a window. */
export interface CallAnswer {
    readonly id: number
    readonly from: PlaceAnswer
    readonly sentAt: number
    /** `null`: a batch without a recorded receiver. */
    readonly to: string | null
    readonly method: string
    /** The first and the last entry, and their number; `null` without entries. */
    readonly entries: {
        readonly count: number
        readonly first: string
        readonly last: string
    } | null
    readonly received: readonly (PlaceAnswer & { readonly at: number })[]
    readonly answered: (PlaceAnswer & { readonly at: number }) | null
    /** `lost`: the recording of the receiver has no such input. `outside`: no such recording. */
    readonly fate: 'received' | 'lost' | 'outside'
}

/** A call with its body. */
export interface CallBodyAnswer {
    readonly call: CallAnswer
    readonly body: TreeAnswer
    readonly raw: string
}

/** Successive inputs of a member. */
export interface InputsAnswer {
    readonly member: string
    readonly first: number
    readonly last: number
    readonly inputs: readonly (InputAnswer & {
        readonly at: number
        readonly entries: number
    })[]
}

/** A part of the time. */
export interface WindowAnswer {
    readonly marks: readonly MarkAnswer[]
    readonly calls: readonly CallAnswer[]
    readonly marksTotal: number
    readonly callsTotal: number
}

/** A part of a value as a tree. */
export interface TreeAnswer {
    readonly name: string
    /** The value as JSON, perhaps cut; absent in a list and in an object. */
    readonly text?: string
    readonly kind: 'value' | 'list' | 'object' | 'omitted'
    /** The number of parts of a list or an object. */
    readonly size?: number
    readonly parts?: readonly TreeAnswer[]
    /** `inside`: a part has changed. */
    readonly change?: 'new' | 'changed' | 'gone' | 'inside'
    /** The value before the change. */
    readonly before?: string
}

/** An entry in the log. */
export interface EntryAnswer {
    readonly promise: string
    readonly method: string
    readonly text: string
}

/** The cause of an input. */
export interface CauseAnswer {
    readonly kind: string
    readonly place: InputAnswer | null
}

/** A value that the member has published with the input. */
export interface PublishAnswer {
    readonly ticket: number
    readonly text: string
}

/** An input, its effects, and the member afterwards. */
export interface StepAnswer extends InputAnswer {
    readonly first: number
    readonly last: number
    /** The aligned instant. */
    readonly at: number
    readonly cause: CauseAnswer
    readonly input: TreeAnswer
    readonly raw: string
    readonly outcome: TreeAnswer | null
    readonly calls: readonly CallAnswer[]
    readonly entries: readonly EntryAnswer[]
    readonly settled: readonly string[]
    readonly appointments: readonly string[]
    readonly role: string
    readonly government: string
    readonly committed: string
    readonly publishes: readonly PublishAnswer[]
    readonly state: TreeAnswer
    /** The paths of the changed parts, at most 200. */
    readonly changes: readonly string[]
}

/** One line of an explanation. */
export interface WhyLine {
    readonly text: string
    readonly place: InputAnswer | null
    readonly at: number | null
}

/** The explanation of an entry, a government, a gap, or the fate of a publish. */
export interface WhyAnswer {
    readonly title: string
    readonly summary: string
    readonly lines: readonly WhyLine[]
}

/** The comparison of two members or of two places. */
export interface CompareAnswer {
    readonly left: InputAnswer
    readonly right: InputAnswer
    readonly differences: number
    readonly tree: TreeAnswer
}

/** The values of an expression. */
export interface AskAnswer {
    readonly member: string
    /** The points at which the value has changed; thinned beyond 2000. */
    readonly points: readonly (readonly [at: number, number: number, value: string])[]
    readonly isNumber: boolean
    /** The first input at which the value is true; `null` if there is none. */
    readonly firstTrue: InputAnswer | null
    /** The number of the first input that is not yet evaluated; `null` at the end. */
    readonly next: number | null
    readonly evaluated: number
}

/** An error instead of an answer. */
export interface RefusedAnswer {
    readonly error: string
}
