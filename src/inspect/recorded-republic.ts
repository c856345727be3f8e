import { KibitzError } from '../base/errors.js'
import { Monotonic } from '../base/monotonic.js'
import type { HistoryCall, HistoryPlace } from '../replay/call-join.js'
import type { HistoryLane } from '../replay/history-lane.js'
import { type HistoryOptions, HistoryReading } from '../replay/history-reading.js'
import { growingHistory, type JoinedHistory } from '../replay/joined-history.js'
import { LeaderWatch } from '../replay/leader-watch.js'
import type { ReplayProgress, SeekOptions } from '../replay/options.js'
import type { ReplayedInput } from '../replay/replay-pass.js'
import { Replayer } from '../replay/replayer.js'
import type { InputAnswer } from './answers.js'
import { changeOf } from './government-change.js'
import { LaneTimes } from './lane-times.js'
import { isPromise } from './promise-span.js'

/** The number of further inputs between two turns for the answers of the page. */
const PART = 2_000

/** A request that names no place of the recordings, or is no request. Nothing was done. */
export class InspectError extends Error {
    override readonly name: string = 'InspectError'
}

/**
 * The journals of several members of one republic, joined. While the recordings are read, the
 * republic is the part up to an instant, and the part grows.
 */
export class RecordedRepublic {
    readonly history: JoinedHistory
    readonly leaderWatch: LeaderWatch = new LeaderWatch()
    readonly isRedacted: boolean
    readonly #reading: HistoryReading
    /** The number of entries that each input has added to the log, if there are any. */
    readonly #entries = new Map<string, Map<number, number>>()
    /** The number of values without an outcome at the last input, by member. */
    readonly #unsettled = new Map<string, number>()
    readonly #times: ReadonlyMap<string, LaneTimes>
    /** The instants of the last inputs, by the clocks of the members. */
    readonly #ends: ReadonlyMap<string, number>
    #turn: Promise<unknown> = Promise.resolve()

    /**
     * The republic before the first input: `read` reads the recordings.
     *
     * @param mayGrow Whether the recordings may get further inputs after the reading.
     * @throws KibitzError `invalid-argument` if two recordings belong to one member.
     */
    constructor(replayers: readonly Replayer[], isRedacted: boolean, mayGrow: boolean = false) {
        const reading = new HistoryReading(replayers, mayGrow)
        const history = growingHistory(reading)
        this.#reading = reading
        this.history = history
        this.isRedacted = isRedacted
        const [first] = reading.lanes
        this.#times = new Map(reading.lanes.map((lane) => {
            const offset = (): number => (first === undefined || lane === first
                ? 0
                : history.clockOffset(lane.member, first.member) ?? 0)
            return [lane.member, new LaneTimes(lane, offset)]
        }))
        this.#ends = new Map(replayers.map((replayer) => [replayer.id, endOf(replayer)]))
        for (const { id, first: number, state, member } of replayers) {
            // A recording may begin with the state of a leader.
            this.leaderWatch.noteStanding(id, number, state.paxos.time.clock, member)
        }
    }

    /**
     * Opens journals. A damaged journal is read up to its damage.
     *
     * @throws KibitzError `invalid-argument`, `too-large`, `journal-damaged`, `journal-version`,
     * `aborted`.
     */
    static async begin(
        folders: readonly string[], isRedacted: boolean, options: SeekOptions = {}
    ): Promise<RecordedRepublic> {
        return new RecordedRepublic(await replayersOf(folders, options), isRedacted)
    }

    /** Reads journals, and joins them in one pass. @throws KibitzError as `begin` and `read`. */
    static async open(
        folders: readonly string[], isRedacted: boolean,
        progress: (report: ReplayProgress) => void = () => {}
    ): Promise<RecordedRepublic> {
        const republic = await RecordedRepublic.begin(folders, isRedacted, { progress })
        await republic.read({ progress })
        return republic
    }

    /** Joins recordings that are open already. @throws KibitzError as `read`. */
    static async join(replayers: readonly Replayer[], isRedacted: boolean):
    Promise<RecordedRepublic> {
        const republic = new RecordedRepublic(replayers, isRedacted)
        await republic.read({})
        return republic
    }

    /**
     * Reads all inputs, once, and yields to other work meanwhile.
     *
     * @throws KibitzError `invalid-argument`, `journal-damaged`, `journal-version`, `aborted`.
     */
    async read({ observe, ...options }: HistoryOptions): Promise<void> {
        await this.#reading.read({
            ...options,
            observe: (member, step) => {
                this.#note(member, step)
                observe?.(member, step)
            }
        })
    }

    /**
     * Reads the inputs that the recordings have got since the reading. Returns whether the republic
     * equals the republic of a new reading: other timeouts, for example, need a new reading.
     *
     * @throws KibitzError `journal-version`, or `journal-damaged`.
     */
    async grow(): Promise<boolean> {
        const { timeoutMs } = this.leaderWatch
        const readPart = async (): Promise<boolean> =>
            await this.#reading.readFurther(PART, (member, step) => this.#note(member, step))
        let isRead = false
        while (!isRead) {
            // The answers of the page take turns with the parts.
            isRead = await this.alone(readPart)
        }
        return this.#reading.canGrow && timeoutMs === this.leaderWatch.timeoutMs
    }

    #note(member: string, step: ReplayedInput): void {
        this.leaderWatch.note(member, step)
        if (step.nextAt === null) {
            const { waiting, pending } = step.member.health()
            this.#unsettled.set(member, waiting + pending)
        }
        if (step.entries.length > 0) {
            const known = this.#entries.get(member) ?? new Map<number, number>()
            this.#entries.set(member, known.set(step.number, step.entries.length))
        }
    }

    /** The number of inputs that are read. */
    get done(): number {
        return this.#reading.done
    }

    /** The progress of the reading; `null` after the end. */
    get progress(): { readonly done: number, readonly of: number } | null {
        const { isComplete, done, of } = this.#reading
        return isComplete ? null : { done, of }
    }

    /** A refusal of a place that is absent, or not yet read. */
    absent(what: string): InspectError {
        return new InspectError(this.progress === null
            ? `${what}.`
            : `${what} so far: the recordings are still being read. Try again later.`)
    }

    /** @throws InspectError if no lane has an entry so far, and the recordings are being read. */
    rejectUnread(promise: string, lanes: readonly HistoryLane[] = this.history.lanes): void {
        const isRead = lanes.some(({ head }) =>
            head !== null && isPromise(promise) && Monotonic.compare(promise, head) <= 0)
        if (this.progress !== null && !isRead) {
            const members = lanes.map(({ member }) => member).join(', ')
            throw this.absent(`The entry ${promise} is not in the log of ${members}`)
        }
    }

    /** @throws InspectError while the recordings are read. */
    rejectReading(what: string): void {
        if (this.progress !== null) {
            throw new InspectError(`${what} needs the whole recordings, which are still being `
                + 'read. Try again later.')
        }
    }

    /** The last instant that is read, aligned. */
    get end(): number {
        return this.history.lanes.reduce((latest, { member, to }) =>
            Math.max(latest, this.aligned(member, to)), Number.NEGATIVE_INFINITY)
    }

    /** The end of the unread part of a member, aligned; `null` if all its inputs are read. */
    unreadThrough(member: string): number | null {
        return this.#reading.hasAll(member)
            ? null
            : this.aligned(member, this.#ends.get(member) ?? this.lane(member).to)
    }

    /** Whether a call of this aligned instant has been received by now, if it ever was. */
    isSettled(at: number): boolean {
        const isRead = this.progress === null && !this.#reading.isGrowing
        return isRead || at < this.end - this.leaderWatch.timeoutMs
    }

    /** The lane of a member. @throws InspectError. */
    lane(member: string): HistoryLane {
        const lane = this.#reading.lane(member)
        if (lane === null) {
            const names = this.history.lanes.map((each) => each.member).join(', ')
            throw new InspectError(`There is no recording of ${member}, but of ${names}.`)
        }
        return lane
    }

    /** Why the recording of a member ends early; empty without damage. */
    damageOf(member: string): string {
        return this.lane(member).replayer.damage?.message ?? ''
    }

    /** The citizens of the recorded governments without a recording. */
    get missing(): readonly string[] {
        return this.history.missing.sort()
    }

    /** Whether there is a recording of a member. */
    has(member: string): boolean {
        return this.#reading.lane(member) !== null
    }

    /** The instants of a member. @throws InspectError. */
    times(member: string): LaneTimes {
        return this.#times.get(member) ?? this.times(this.lane(member).member)
    }

    /** The aligned instant of an input. */
    at({ member, number }: HistoryPlace): number {
        return this.times(member).at(number)
    }

    /** The change of a government, in words. */
    changeOf(promise: string): string {
        const { governments } = this.history
        const index = governments.findIndex((government) => government.promise === promise)
        const government = governments[index]
        return government === undefined ? '' : changeOf(government, governments[index - 1] ?? null)
    }

    /** An instant by the clock of a member, aligned. */
    aligned(member: string, when: number): number {
        return when - this.times(member).offset
    }

    /** Whether the called member has answered a call. */
    hasAnswer({ answered, to }: HistoryCall): boolean {
        return answered !== null && (to === null
            || !this.leaderWatch.isUnanswered(answered.member, answered.number, to))
    }

    /** The number of entries that an input has added to the log. */
    entriesAt({ member, number }: HistoryPlace): number {
        return this.#entries.get(member)?.get(number) ?? 0
    }

    /** The number of values of a member without an outcome at its last input. */
    unsettled(member: string): number {
        return this.#unsettled.get(member) ?? 0
    }

    /** An input with its instant and its method. */
    describe(place: HistoryPlace): InputAnswer {
        return this.history.describe(place)
    }

    /** Runs work that moves the replayers: one after another. */
    async alone<T>(work: () => Promise<T>): Promise<T> {
        const before = this.#turn
        const result = before.then(work)
        this.#turn = result.catch(() => {})
        return await result
    }
}

/** Opens journals, up to their damage. @throws KibitzError as `RecordedRepublic.begin`. */
export async function replayersOf(
    folders: readonly string[], options: SeekOptions = {}
): Promise<readonly Replayer[]> {
    const replayers: Replayer[] = []
    for (const journal of folders) {
        replayers.push(await Replayer.from(
            { journal }, { ...options, untilDamage: true, checkpointsAhead: false }
        ))
    }
    return replayers
}

/** The instant of the last input, as far as the input can be read. */
function endOf(replayer: Replayer): number {
    const { first, last } = replayer
    try {
        return last < first ? 0 : replayer.instantOf(last)
    } catch (error) {
        if (error instanceof KibitzError) {
            return 0
        }
        throw error
    }
}
