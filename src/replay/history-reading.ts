import { rejectArgument } from '../base/errors.js'
import { callable, type OptionTable, readOptions } from '../base/option-table.js'
import { CallBook } from './call-book.js'
import { Governments, type HistoryGovernment } from './history-governments.js'
import { GrowingLane } from './history-lane.js'
import { LongWork } from './long-work.js'
import { SEEK_OPTIONS, type SeekOptions } from './options.js'
import { type ReplayedInput, Replayer } from './replayer.js'

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
    readonly #steps: AsyncGenerator<ReplayedInput, void, undefined>
    /** The next input; `null` at the end. */
    next: ReplayedInput | null = null
    /** How far the clock of the member is ahead, as far as is known, in milliseconds. */
    offset = 0

    constructor(lane: GrowingLane, options: SeekOptions) {
        this.lane = lane
        this.#steps = lane.replayer.steps(options)
    }

    /** The aligned instant of the next input; infinite at the end. */
    get at(): number {
        return this.next === null ? Number.POSITIVE_INFINITY : this.next.played.when - this.offset
    }

    async advance(): Promise<void> {
        const { done, value } = await this.#steps.next()
        this.next = done === true ? null : value
    }

    async end(): Promise<void> {
        await this.#steps.return()
    }
}

/**
 * Reads the recordings of several members side by side: always the input with the earliest aligned
 * instant. So the part that is read is the joined history up to an instant.
 */
export class HistoryReading {
    readonly lanes: readonly GrowingLane[]
    readonly book: CallBook = new CallBook()
    readonly #byMember: ReadonlyMap<string, GrowingLane>
    readonly #governments = new Governments()
    #done = 0
    #isComplete = false
    #passes: readonly LanePass[] = []

    /** @throws KibitzError `invalid-argument`. */
    constructor(members: readonly Replayer[]) {
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
        this.#passes = this.lanes.map((lane) => new LanePass(lane, signal ? { signal } : {}))
        try {
            await this.#readSideBySide(work, observe)
            if (this.book.needsContents) {
                await this.#readContents(signal ? { signal } : {})
            }
        } finally {
            for (const pass of this.#passes) {
                await pass.end()
            }
        }
        this.book.end()
        this.#isComplete = true
        work.report(this.of, this.of, 'inputs')
    }

    async #readSideBySide(work: LongWork, observe: HistoryOptions['observe']): Promise<void> {
        for (const pass of this.#passes) {
            await pass.advance()
        }
        for (;;) {
            const pass = this.#earliest()
            if (pass.next === null) {
                return
            }
            const { lane, next } = pass
            lane.note(next)
            this.book.note(lane.member, next)
            this.#governments.note(lane.member, next)
            observe?.(lane.member, next)
            this.#done++
            await pass.advance()
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
