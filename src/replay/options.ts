import { abortSignal, callable, count, fitting, flag, type OptionTable, text }
    from '../base/option-table.js'
import type { RecordedInput } from './recording.js'
import type { ReplayedState } from './replayed-member.js'

/** The progress of long work. */
export interface ReplayProgress {
    /** The finished part. */
    readonly done: number
    /** The whole. */
    readonly of: number
    /** The unit of both numbers. */
    readonly unit: 'bytes' | 'inputs'
}

/** The inputs of one member: a journal, or a recording, or a recording that follows on a state. */
export interface ReplaySource {
    /**
     * The folder of a journal. The member may be running: the replay ends with the last complete
     * batch of that moment, changes nothing, and takes no lock.
     */
    readonly journal?: string
    /** The inputs from `played`, in order, as objects or as lines of JSON. */
    readonly recording?: Iterable<RecordedInput> | AsyncIterable<RecordedInput>
    /** The state before the first input of `recording`. @default a member without inputs */
    readonly state?: ReplayedState
}

/** Ends and reports long work. */
export interface SeekOptions {
    /** Ends the work with `aborted`; the replayer stays where it was. @default none */
    readonly signal?: AbortSignal | null
    /** Reports the progress from time to time, and at the end. @default no reports */
    readonly progress?: (progress: ReplayProgress) => void
}

/** The options of `Replayer.from`. */
export interface ReplayerOptions extends SeekOptions {
    /** The size of the inputs that are read into memory, in bytes. @default 1 GiB */
    readonly sizeMax?: number
    /** The estimated memory of the checkpoints, in bytes. @default 256 MiB */
    readonly checkpointsMax?: number
    /**
     * Whether a damaged source is replayed up to the damage, which `damage` then describes. If not,
     * the damage is the error `journal-damaged`. @default false
     */
    readonly untilDamage?: boolean
    /**
     * Whether the opening passes all inputs once, about 12 µs each, and leaves checkpoints, so that
     * each seek takes milliseconds. If not, the first seek over an input makes the pass.
     * @default true
     */
    readonly checkpointsAhead?: boolean
}

/** The range of inputs of a pass. */
export interface StepsOptions extends SeekOptions {
    /** The number of the first input. @default the first input */
    readonly from?: number
    /** The number of the last input. @default the last input */
    readonly to?: number
}

const MIB = 1024 * 1024

/** The defaults of a replayer. */
export const REPLAY_DEFAULTS: Required<Omit<ReplayerOptions, keyof SeekOptions>> = Object.freeze({
    sizeMax: 1024 * MIB, checkpointsMax: 256 * MIB, untilDamage: false, checkpointsAhead: true
})

/** The largest number of an input. */
const NUMBER_MAX = Number.MAX_SAFE_INTEGER

/** The maximum length of a path. */
const PATH_MAX = 32_768

function isIterable(value: unknown): boolean {
    return typeof value === 'object' && value !== null
        && (Symbol.iterator in value || Symbol.asyncIterator in value)
}

function isState(value: unknown): boolean {
    return typeof value === 'object' && value !== null && 'paxos' in value && 'islander' in value
}

/** The kinds of a source. */
export const REPLAY_SOURCE: OptionTable<ReplaySource> = {
    journal: text(PATH_MAX),
    recording: fitting('a list or an iterable of recorded inputs', isIterable),
    state: fitting('a state of a member, with paxos and islander', isState)
}

/** The kinds of the options of `seek`. */
export const SEEK_OPTIONS: OptionTable<SeekOptions> = { signal: abortSignal, progress: callable }

/** The kinds of the options of `Replayer.from`. */
export const REPLAYER_OPTIONS: OptionTable<ReplayerOptions> = {
    ...SEEK_OPTIONS,
    sizeMax: count(NUMBER_MAX),
    checkpointsMax: count(NUMBER_MAX),
    untilDamage: flag,
    checkpointsAhead: flag
}

/** The kinds of the options of `steps`. */
export const STEPS_OPTIONS: OptionTable<StepsOptions> = {
    ...SEEK_OPTIONS, from: count(NUMBER_MAX), to: count(NUMBER_MAX)
}
