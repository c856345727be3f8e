import { type HistoryLane, JoinedHistory } from '../replay/joined-history.js'
import type { ReplayProgress } from '../replay/options.js'
import { Replayer } from '../replay/replayer.js'
import type { HistoryCall, HistoryPlace } from '../replay/call-join.js'
import type { InputAnswer } from './answers.js'
import { changeOf } from './government-change.js'
import { LaneTimes } from './lane-times.js'
import { LeaderWatch } from '../replay/leader-watch.js'

/** A request that names no place of the recordings, or is no request. Nothing was done. */
export class InspectError extends Error {
    override readonly name: string = 'InspectError'
}

/** The journals of several members of one republic, joined. */
export class RecordedRepublic {
    readonly history: JoinedHistory
    readonly leaderWatch: LeaderWatch
    readonly isRedacted: boolean
    /** The number of entries that each input has added to the log, if there are any. */
    readonly #entries: ReadonlyMap<string, ReadonlyMap<number, number>>
    /** The number of values without an outcome at the last input, by member. */
    readonly #unsettled: ReadonlyMap<string, number>
    readonly #lanes: ReadonlyMap<string, HistoryLane>
    readonly #times: ReadonlyMap<string, LaneTimes>
    #turn: Promise<unknown> = Promise.resolve()

    private constructor(
        history: JoinedHistory, leaderWatch: LeaderWatch,
        entries: ReadonlyMap<string, ReadonlyMap<number, number>>,
        unsettled: ReadonlyMap<string, number>, isRedacted: boolean
    ) {
        this.history = history
        this.leaderWatch = leaderWatch
        this.isRedacted = isRedacted
        this.#entries = entries
        this.#unsettled = unsettled
        const [first] = history.lanes
        this.#lanes = new Map(history.lanes.map((lane) => [lane.member, lane]))
        this.#times = new Map(history.lanes.map((lane) => {
            const offset = first === undefined || lane === first
                ? 0
                : history.clockOffset(lane.member, first.member) ?? 0
            return [lane.member, new LaneTimes(history, lane, offset)]
        }))
    }

    /**
     * Reads the journals, and joins them in one pass. A damaged journal is read up to its damage.
     *
     * @throws KibitzError `invalid-argument`, `too-large`, `journal-damaged`, `journal-version`.
     */
    static async open(
        folders: readonly string[], isRedacted: boolean,
        progress: (report: ReplayProgress) => void = () => {}
    ): Promise<RecordedRepublic> {
        const replayers: Replayer[] = []
        for (const journal of folders) {
            replayers.push(await Replayer.from({ journal }, { progress, untilDamage: true }))
        }
        return await RecordedRepublic.join(replayers, isRedacted, progress)
    }

    /** Joins recordings that are open already. @throws KibitzError as `open`. */
    static async join(
        replayers: readonly Replayer[], isRedacted: boolean,
        progress: (report: ReplayProgress) => void = () => {}
    ): Promise<RecordedRepublic> {
        const leaderWatch = new LeaderWatch()
        const entries = new Map<string, Map<number, number>>()
        const unsettled = new Map<string, number>()
        for (const { id, first, state, member } of replayers) {
            // A recording may begin with the state of a leader.
            leaderWatch.noteStanding(id, first, state.paxos.time.clock, member)
        }
        const history = await JoinedHistory.of(replayers, {
            progress,
            observe: (member, step) => {
                leaderWatch.note(member, step)
                if (step.nextAt === null) {
                    const { waiting, pending } = step.member.health()
                    unsettled.set(member, waiting + pending)
                }
                if (step.entries.length > 0) {
                    const known = entries.get(member) ?? new Map<number, number>()
                    entries.set(member, known.set(step.number, step.entries.length))
                }
            }
        })
        return new RecordedRepublic(history, leaderWatch, entries, unsettled, isRedacted)
    }

    /** The lane of a member. @throws InspectError. */
    lane(member: string): HistoryLane {
        const lane = this.#lanes.get(member)
        if (lane === undefined) {
            const names = [...this.#lanes.keys()].join(', ')
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
        return this.#lanes.has(member)
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
