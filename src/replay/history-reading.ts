import { rejectArgument } from '../base/errors.js'
import { callable, type OptionTable, readOptions } from '../base/option-table.js'
import { CallBook } from './call-book.js'
import { Governments, type HistoryGovernment } from './history-governments.js'
import { GrowingLane } from './history-lane.js'
import { LongWork } from './long-work.js'
import { SEEK_OPTIONS, type SeekOptions } from './options.js'
import { type ReplayedInput, ReplayPass } from './replay-pass.js'
import { Replayer, timelineOf } from './replayer.js'

/** The options of `History.of`. */
export interface HistoryOptions extends SeekOptions {
    /**
     * Called with each step of each member, in the pass over the recordings. An exception ends the
     * pass. @default no calls
     */
    readonly observe?: (member: string, step: ReplayedInput) => void
}

/** The kinds of the options of `History.of`. */
const HISTORY_OPTIONS: OptionTable<HistoryOptions> = { ...SEEK_OPTIONS, observe: callable }

/** The number of inputs between two estimates of the clocks. */
const STRIDE = 1024

/** The pass over the recording of one member. Stands at the next input. */
class LanePass {
    readonly lane: GrowingLane
    readonly #pass: ReplayPass
    /** The next input; `null` at the end. */
    next: ReplayedInput | null = null
    /** How far the clock of the member is ahead, as far as is known, in milliseconds. */
    offset = 0

    constructor(lane: GrowingLane) {
        const { replayer } = lane
        this.lane = lane
        this.#pass = new ReplayPass(timelineOf(replayer), replayer.first, replayer.last)
    }

    /** The aligned instant of the next input; infinite at the end. */
    get at(): number {
        return this.next === null ? Number.POSITIVE_INFINITY : this.next.played.when - this.offset
    }

    /** @throws KibitzError `journal-damaged`, `journal-version`. */
    advance(): void {
        this.next = this.#pass.next()
    }

    /** Goes on with the inputs that the recording has got. @throws KibitzError as `advance`. */
    extend(): void {
        this.#pass.extend()
        if (this.next === null) {
            this.advance()
        }
    }
}

/**
 * Reads the recordings of several members side by side: always the input with the earliest aligned
 * instant. So the part that is read is the joined history up to an instant.
 */
export class HistoryReading {
    readonly #mayGrow: boolean
    readonly lanes: readonly GrowingLane[]
    readonly book: CallBook = new CallBook((place) =>
        this.lane(place.member)?.whenOf(place.number) ?? 0)
    readonly #byMember: ReadonlyMap<string, GrowingLane>
    readonly #governments = new Governments()
    #done = 0
    #isComplete = false
    #isGrowing = false
    #passes: readonly LanePass[] = []

    /**
     * @param mayGrow Whether the recordings may get further inputs after the reading.
     * @throws KibitzError `invalid-argument`.
     */
    constructor(members: readonly Replayer[], mayGrow: boolean = false) {
        this.#mayGrow = mayGrow
        const isList = Array.isArray(members) && members.length !== 0
        if (!isList || members.some((each) => !(each instanceof Replayer))) {
            rejectArgument('A history needs a list of replayers, one for each member.')
        }
        const known = new Map<string, GrowingLane>()
        for (const replayer of members) {
            if (known.has(replayer.id)) {
                rejectArgument(`Two recordings belong to the member ${replayer.id}.`)
            }
            known.set(replayer.id, new GrowingLane(replayer))
        }
        this.#byMember = known
        this.lanes = [...known.values()]
    }

    /** The part of a member; `null` without a recording of the member. */
    lane(member: string): GrowingLane | null {
        return this.#byMember.get(member) ?? null
    }

    /** The governments so far, in the order of their promises. */
    get governments(): readonly HistoryGovernment[] {
        return this.#governments.list()
    }

    /** The number of inputs that are read. */
    get done(): number {
        return this.#done
    }

    /** The number of all inputs. */
    get of(): number {
        return this.lanes.reduce((sum, { replayer: { first, last } }) => sum + last - first + 1, 0)
    }

    /** Whether all inputs are read. */
    get isComplete(): boolean {
        return this.#isComplete
    }

    /** Whether further inputs are being read. */
    get isGrowing(): boolean {
        return this.#isGrowing
    }

    /**
     * Whether further inputs lead to the history that a new reading of everything would lead to.
     * Calls without a number, and damaged recordings, need a new reading.
     */
    get canGrow(): boolean {
        return this.#mayGrow && this.#isComplete && !this.book.dependsOnOrder
            && this.lanes.every(({ replayer }) => replayer.damage === null)
    }

    /** Whether all inputs of a member are read. */
    hasAll(member: string): boolean {
        const pass = this.#passes.find(({ lane }) => lane.member === member)
        return this.#isComplete || pass?.next === null
    }

    /**
     * Reads all recordings, once.
     *
     * @throws KibitzError `invalid-argument`, `aborted`, `journal-damaged`, `journal-version`.
     */
    async read(options?: HistoryOptions | null): Promise<void> {
        const { signal, progress, observe } = readOptions('History.of', options, HISTORY_OPTIONS)
        const work = new LongWork('The reading of the history', {
            ...(signal && { signal }), ...(progress && { progress })
        })
        work.check()
        this.#passes = this.lanes.map((lane) => new LanePass(lane))
        await this.#readSideBySide(work, observe, Number.POSITIVE_INFINITY)
        if (this.book.needsContents) {
            await this.#readContents(signal ? { signal } : {})
        }
        this.book.joinUnnumbered()
        this.#isComplete = true
        if (!this.#mayGrow) {
            this.book.forgetOpenEnds()
            this.#passes = []
        }
        work.report(this.of, this.of, 'inputs')
    }

    /**
     * Reads further inputs after `read`, up to a number of inputs. Returns whether all are read.
     *
     * @throws KibitzError `journal-damaged`, `journal-version`.
     */
    async readFurther(max: number, observe: HistoryOptions['observe']): Promise<boolean> {
        const work = new LongWork('The reading of further inputs', {})
        this.#isGrowing = true
        this.#isGrowing = !await this.#readSideBySide(work, observe, this.#done + max)
        return !this.#isGrowing
    }

    /** Reads inputs, up to a number of all inputs. Returns whether all inputs are read. */
    async #readSideBySide(
        work: LongWork, observe: HistoryOptions['observe'], max: number
    ): Promise<boolean> {
        for (const pass of this.#passes) {
            pass.extend()
        }
        for (;;) {
            const pass = this.#earliest()
            if (pass.next === null || this.#done >= max) {
                return pass.next === null
            }
            const { lane, next } = pass
            lane.note(next)
            this.book.note(lane.member, next)
            this.#governments.note(lane.member, next)
            observe?.(lane.member, next)
            this.#done++
            pass.advance()
            if (work.isDue) {
                work.report(this.#done, this.of, 'inputs')
                await work.pause()
            }
            if (this.#done % STRIDE === 0) {
                this.#alignClocks()
            }
        }
    }

    #earliest(): LanePass {
        return this.#passes.reduce((best, pass) => (pass.at < best.at ? pass : best))
    }

    #alignClocks(): void {
        const [first] = this.lanes
        for (const pass of this.#passes) {
            if (first !== undefined && pass.lane !== first) {
                pass.offset = this.book.clockOffset(pass.lane.member, first.member) ?? 0
            }
        }
    }

    /** Reads the contents of the calls, to join the receipts without a number. */
    async #readContents(options: SeekOptions): Promise<void> {
        for (const { member, replayer } of this.lanes) {
            for await (const step of replayer.steps(options)) {
                this.book.noteContents(member, step)
            }
        }
    }
}
