import '../base/packages.js'
import { KibitzError, rejectArgument } from '../base/errors.js'
import { readOptions } from '../base/option-table.js'
import { Monotonic } from '../base/monotonic.js'
import type { Played } from '../member/inputs.js'
import { beginMeasure, type MeasuredState } from '../metrics/measure.js'
import { checkPromise } from '../member/options.js'
import { LongWork } from './long-work.js'
import {
    REPLAY_DEFAULTS, REPLAYER_OPTIONS, type ReplayerOptions, type ReplaySource, SEEK_OPTIONS,
    type SeekOptions, STEPS_OPTIONS, type StepsOptions
} from './options.js'
import type { Recording } from './recording.js'
import { type ReplayedInput, ReplayPass } from './replay-pass.js'
import type { Effects, MemberView, ReplayedState } from './replayed-member.js'
import { readSource } from './source.js'
import { type Cursor, Timeline } from './timeline.js'

/** One input of a recording, what the input has led to, and the member after the input. */
export interface ReplayStep extends Effects {
    /** The number of the input. In a journal, the number of the record. */
    readonly number: number
    readonly played: Played
    /** The complete state of the member after the input: byte for byte the state in the past. */
    readonly state: ReplayedState
}

/** The place for `seek`: the number of an input, an instant, or the promise of an entry. */
export type SeekTarget = number | Date | Monotonic

let timelineIn: (replayer: Replayer) => Timeline

/**
 * Steps through the recording of one member, in both directions. Between two inputs the replayed
 * member equals the recorded member byte for byte.
 *
 * 1. Nothing leaves the replayed member, and nothing changes the journal.
 * 2. The recording is foreign data: each input is checked before the input is applied.
 * 3. A step that fails leaves the replayer where it was.
 */
export class Replayer {
    readonly #timeline: Timeline
    #cursor: Cursor
    #step: ReplayStep | null = null
    #isSeeking = false

    private constructor(recording: Recording, checkpointsMax: number, untilDamage: boolean) {
        this.#timeline = new Timeline(recording, checkpointsMax, untilDamage)
        this.#cursor = this.#timeline.begin()
    }

    static {
        timelineIn = (replayer) => replayer.#timeline
    }

    /**
     * Opens a recording. The replayer stands before the first input.
     *
     * @throws KibitzError `invalid-argument`; `too-large` beyond `sizeMax`; `journal-damaged`,
     * `journal-version`, `aborted`. Disk errors are passed on.
     */
    static async from(source: ReplaySource, options?: ReplayerOptions | null): Promise<Replayer> {
        const { sizeMax, checkpointsMax, untilDamage, checkpointsAhead, ...seeking } =
            { ...REPLAY_DEFAULTS, ...readOptions('Replayer.from', options, REPLAYER_OPTIONS) }
        const work = new LongWork('The reading of the recording', seeking)
        const recording = await readSource(source, sizeMax, work, untilDamage)
        const replayer = new Replayer(recording, checkpointsMax, untilDamage)
        if (checkpointsAhead) {
            await replayer.#timeline.passAll(work)
        }
        return replayer
    }

    /** The id of the recorded member. */
    get id(): string {
        return this.#cursor.member.id
    }

    /** The number of the first input. */
    get first(): number {
        return this.#timeline.first
    }

    /** The number of the last input; `first - 1` if there is none. */
    get last(): number {
        return this.#timeline.last
    }

    /**
     * With `untilDamage`: why the recording ends early; `null` without damage. A pass by `steps`
     * finds an input that cannot be used, and then `last` is the input before.
     */
    get damage(): KibitzError | null {
        return this.#timeline.damage
    }

    /** The number of the last applied input; `first - 1` before the first one. */
    get number(): number {
        return this.#cursor.number
    }

    /** The last step; `null` before the first input. */
    get current(): ReplayStep | null {
        return this.#step
    }

    /** The instant of an input, without a replay. @throws KibitzError `journal-damaged`. */
    instantOf(number: number): number {
        return this.#timeline.instantOf(number)
    }

    /** The member after the last applied input. Valid until the next step. */
    get member(): MemberView {
        return this.#cursor.member
    }

    /** The complete state of the member after the last applied input. */
    get state(): ReplayedState {
        return this.#cursor.member.state()
    }

    /** The measured state before the first input, for the fold `measure`. */
    get measured(): MeasuredState {
        return beginMeasure(this.#timeline.begin().member, this.#timeline.snapshotAt)
    }

    /**
     * Applies the next input; `null` after the last one.
     *
     * @throws KibitzError `journal-damaged`, `journal-version`; `invalid-argument` during a seek.
     */
    step(): ReplayStep | null {
        this.#rejectSeeking()
        return this.number === this.last ? null : this.#take(this.#cursor)
    }

    /**
     * Returns to the input before. Returns the step of that input; `null` before the first input.
     *
     * @throws KibitzError `invalid-argument` during a seek.
     */
    back(): ReplayStep | null {
        this.#rejectSeeking()
        if (this.number < this.first) {
            return null
        }
        return this.#goTo(this.number - 1)
    }

    /**
     * Goes to the state after an input: by its number; the last input at or before an instant; or
     * the input that has added an entry to the log of the member. `first - 1` is the state before
     * the first input. Returns the step; `null` before the first input.
     *
     * @throws KibitzError `invalid-argument` if the recording has no such place, `trimmed` if the
     * recording begins after the entry, `aborted`, `journal-damaged`, `journal-version`.
     */
    async seek(target: SeekTarget, options?: SeekOptions | null): Promise<ReplayStep | null> {
        const work = new LongWork('The seek', readOptions('seek', options, SEEK_OPTIONS))
        this.#rejectSeeking()
        work.check()
        this.#isSeeking = true
        try {
            const number = await this.#find(target, work)
            await this.#timeline.reach(number - 1, work)
            return this.#goTo(number)
        } finally {
            this.#isSeeking = false
        }
    }

    /**
     * The inputs of a range with their effects, in order, by a member of its own: the replayer
     * itself stays where it is.
     *
     * @throws KibitzError as `seek`.
     */
    async* steps(options?: StepsOptions | null): AsyncGenerator<ReplayedInput, void, undefined> {
        const { from = this.first, to = this.last, ...seeking } =
            readOptions('steps', options, STEPS_OPTIONS)
        const work = new LongWork('The replay', seeking)
        work.check()
        const timeline = this.#timeline
        const begin = Math.max(from, this.first)
        const end = Math.min(to, this.last)
        if (begin > end) {
            return
        }
        await timeline.reach(begin - 1, work)
        const pass = new ReplayPass(timeline, begin, end)
        for (let step = pass.next(); step !== null; step = pass.next()) {
            yield step
            if (work.isDue) {
                work.report(step.number - begin + 1, end - begin + 1, 'inputs')
                await work.pause()
            }
        }
        if (pass.isCut) {
            return
        }
        work.report(end - begin + 1, end - begin + 1, 'inputs')
    }

    #rejectSeeking(): void {
        if (this.#isSeeking) {
            rejectArgument('The replayer is on the way to another place: await seek first.')
        }
    }

    /** Applies the next input of a cursor, and makes the cursor the place of the replayer. */
    #take(cursor: Cursor): ReplayStep {
        const timeline = this.#timeline
        const { number } = cursor
        try {
            const played = timeline.read(cursor)
            const effects = timeline.apply(cursor, played)
            const state = cursor.member.state()
            this.#cursor = cursor
            this.#step = Object.freeze({ number: cursor.number, played, ...effects, state })
            return this.#step
        } catch (error) {
            if (cursor === this.#cursor) {
                // A failed input may have changed a part of the member.
                this.#cursor = timeline.copy(number)
            }
            throw error
        }
    }

    /** Goes to a covered place, or to the place behind the covered ones. */
    #goTo(number: number): ReplayStep | null {
        if (number === this.number) {
            return this.#step
        }
        if (number < this.first) {
            this.#cursor = this.#timeline.begin()
            this.#step = null
            return null
        }
        const isNext = number === this.number + 1
        return this.#take(isNext ? this.#cursor : this.#timeline.copy(number - 1))
    }

    /** The number of the input of a place. */
    async #find(target: SeekTarget, work: LongWork): Promise<number> {
        if (typeof target === 'number') {
            if (!Number.isSafeInteger(target) || target < this.first - 1 || target > this.last) {
                rejectArgument(`The recording has the inputs ${this.first} to ${this.last}.`)
            }
            return target
        }
        if (target instanceof Date) {
            const instant = target.getTime()
            return Number.isNaN(instant)
                ? rejectArgument('The instant of a seek is no valid Date.')
                : this.#timeline.numberAt(instant)
        }
        checkPromise(target)
        return await this.#findEntry(target, work)
    }

    async #findEntry(promise: Monotonic, work: LongWork): Promise<number> {
        const { committed } = this.#timeline
        if (committed !== '0/0' && Monotonic.compare(promise, committed) <= 0) {
            throw new KibitzError('trimmed', `The recording begins after the entry ${promise}: its `
                + `first state holds the log through ${committed}. Nothing has changed; seek a `
                + 'later entry, or replay another member.')
        }
        const number = await this.#timeline.numberOf(promise, work)
        return number ?? rejectArgument(`No input of the recording adds the entry ${promise} to `
            + 'the log of this member.')
    }
}

/** The recording of a replayer, for passes beside the replayer, and for further inputs. */
export function timelineOf(replayer: Replayer): Timeline {
    return timelineIn(replayer)
}
