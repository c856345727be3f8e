import type { Monotonic } from '../base/monotonic.js'
import { rejectArgument } from '../base/errors.js'
import { callable, type OptionTable, readOptions } from '../base/option-table.js'
import type { Played } from '../member/inputs.js'
import type { Inspection } from '../paxos/inspect.js'
import { CallBook } from './call-book.js'
import type { HistoryCall, HistoryPlace } from './call-join.js'
import { Governments, type HistoryGovernment } from './history-governments.js'
import { type ReplayProgress, SEEK_OPTIONS, type SeekOptions } from './options.js'
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

/** The part of a member in a history. */
export interface HistoryLane {
    readonly member: string
    readonly replayer: Replayer
    /** The instants of the first and the last input, by the clock of the member; 0 without one. */
    readonly from: number
    readonly to: number
    /** The inputs at which a new process of the member began. */
    readonly starts: readonly number[]
    /** The changes of the role. */
    readonly roles: readonly HistoryRole[]
}

/** The role of a member from an input on. */
export interface HistoryRole {
    readonly number: number
    readonly when: number
    readonly role: Inspection['role']
    /** The government in force at the member. */
    readonly government: Monotonic
}

/** The cause of an input. */
export interface HistoryCause {
    /**
     * `call`: a call of a member, at `place`. `answer`: the answer of a member, which is the
     * outcome of the input at `place`. `timer`: an event that the input at `place` has scheduled.
     * `start`: a new process. `user`: the application, or a cause outside of the recordings.
     */
    readonly kind: 'call' | 'answer' | 'timer' | 'start' | 'user'
    /** `null` if no recording holds the place. */
    readonly place: HistoryPlace | null
}

/** An input in the order of causes. */
export interface HistoryEvent extends HistoryPlace {
    /** By the clock of the member: a label, not an order. */
    readonly when: number
    readonly method: Played['method']
    readonly cause: HistoryCause
}

/** A lane while the history is joined. */
interface OpenLane {
    readonly member: string
    readonly replayer: Replayer
    readonly when: number[]
    readonly methods: Played['method'][]
    readonly starts: number[]
    readonly roles: HistoryRole[]
    /** The number of the input that scheduled the event, by the number of the event. */
    readonly timers: Map<number, number>
    /** The instant of each appointment, and the number of the input that made it, by key. */
    readonly calendar: Map<string, readonly [number, number]>
}

const STARTS: ReadonlySet<Played['method']> = new Set(['birth', 'revive'])

/**
 * The joined history of several members. Each receipt of a call is joined to its call, and each
 * answer to its receipt. Causes define the order; the clocks of the members may disagree. Members
 * may be missing: then a call ends, or begins, outside of the history.
 */
export class JoinedHistory {
    readonly lanes: readonly HistoryLane[]
    /** The governments in the order of their promises. */
    readonly governments: readonly HistoryGovernment[]
    readonly #open: ReadonlyMap<string, OpenLane>
    readonly #book: CallBook

    private constructor(
        open: ReadonlyMap<string, OpenLane>, book: CallBook,
        governments: readonly HistoryGovernment[]
    ) {
        this.#open = open
        this.#book = book
        this.governments = governments
        this.lanes = [...open.values()].map(({ member, replayer, when, starts, roles }) => ({
            member, replayer, starts, roles, from: when[0] ?? 0, to: when[when.length - 1] ?? 0
        }))
    }

    /** The citizens without a recording, in the order of the governments. */
    get missing(): string[] {
        const citizens = this.governments.flatMap(({ government }) =>
            [...government.majority, ...government.minority, ...government.constituents])
        return [...new Set(citizens)].filter((id) => !this.#open.has(id))
    }

    /**
     * Joins the recordings of members of one republic. Makes one pass over each recording; the
     * replayers stay where they are.
     *
     * @throws KibitzError `invalid-argument` if two recordings belong to one member, or to two
     * republics; `aborted`, `journal-damaged`, `journal-version`.
     */
    static async of(
        members: readonly Replayer[], options?: HistoryOptions | null
    ): Promise<JoinedHistory> {
        const { signal, progress, observe } = readOptions('History.of', options, HISTORY_OPTIONS)
        const isList = Array.isArray(members) && members.length !== 0
        if (!isList || members.some((each) => !(each instanceof Replayer))) {
            rejectArgument('A history needs a list of replayers, one for each member.')
        }
        const open = new Map<string, OpenLane>()
        const book = new CallBook()
        const governments = new Governments()
        const of = members.reduce((sum, { first, last }) => sum + last - first + 1, 0)
        let before = 0
        for (const replayer of members) {
            const lane = openLane(replayer)
            if (open.has(lane.member)) {
                rejectArgument(`Two recordings belong to the member ${lane.member}.`)
            }
            open.set(lane.member, lane)
            const done = before
            const steps = replayer.steps({
                ...(signal && { signal }),
                ...(progress && {
                    progress: (report: ReplayProgress) =>
                        progress({ ...report, done: done + report.done, of })
                })
            })
            for await (const step of steps) {
                noteStep(lane, step)
                book.note(lane.member, step)
                governments.note(lane.member, step)
                observe?.(lane.member, step)
            }
            before += replayer.last - replayer.first + 1
        }
        book.join()
        return new JoinedHistory(open, book, governments.list())
    }

    /** All calls of the recorded members, by sender and in the order of sending. */
    get calls(): readonly HistoryCall[] {
        return this.#book.calls
    }

    /** The number of received calls of recorded members, and how many of them were joined. */
    get joined(): { readonly received: number; readonly joined: number } {
        return this.#book.counts
    }

    /** The instant of an input by the clock of its member. */
    whenOf({ member, number }: HistoryPlace): number | null {
        const lane = this.#open.get(member)
        return lane?.when[number - lane.replayer.first] ?? null
    }

    /** An input with its instant and its method. @throws KibitzError `invalid-argument`. */
    describe(place: HistoryPlace): HistoryPlace & Pick<HistoryEvent, 'when' | 'method'> {
        const { member, number } = place
        const lane = this.#open.get(member)
        const method = lane?.methods[number - lane.replayer.first]
        if (method === undefined) {
            rejectArgument(`The history has no input ${number} of ${member}.`)
        }
        return { member, number, when: this.whenOf(place) ?? 0, method }
    }

    /** The call that an input has received; `null` if there is none. */
    callTo(place: HistoryPlace): HistoryCall | null {
        return this.#book.callTo(place)
    }

    /** The cause of an input. */
    cause({ member, number }: HistoryPlace): HistoryCause {
        const { method } = this.describe({ member, number })
        if (STARTS.has(method)) {
            return { kind: 'start', place: null }
        }
        if (method === 'event') {
            const place = this.#open.get(member)?.timers.get(number)
            return { kind: 'timer', place: place === undefined ? null : { member, number: place } }
        }
        const place = { member, number }
        if (method === 'receive' || method === 'enqueue' || method === 'immigrate') {
            return { kind: 'call', place: this.#book.callTo(place)?.sent ?? null }
        }
        if (method === 'sent' || method === 'published') {
            return { kind: 'answer', place: this.#book.answerOf(place) }
        }
        return { kind: 'user', place: null }
    }

    /**
     * All inputs of all members: each after its cause, and otherwise by the clocks of the members.
     */
    *events(): Generator<HistoryEvent, void, undefined> {
        const next = new Map([...this.#open.values()].map(({ member, replayer }) =>
            [member, replayer.first]))
        for (;;) {
            const heads = [...next].flatMap(([member, number]) => {
                const when = this.whenOf({ member, number })
                return when === null ? [] : [{ member, number, when }]
            })
            const [first] = heads
            if (first === undefined) {
                return
            }
            const ready = heads.filter((head) => this.#isReady(head, next))
            // Foreign recordings may name causes in a circle: then time decides.
            const eligible = ready.length === 0 ? heads : ready
            const chosen = eligible.reduce((best, head) => (head.when < best.when ? head : best))
            const lane = this.#open.get(chosen.member)
            const method = lane?.methods[chosen.number - lane.replayer.first] ?? 'event'
            yield { ...chosen, method, cause: this.cause(chosen) }
            next.set(chosen.member, chosen.number + 1)
        }
    }

    #isReady(place: HistoryPlace, next: ReadonlyMap<string, number>): boolean {
        const { place: cause } = this.cause(place)
        return cause === null || cause.number < (next.get(cause.member) ?? 0)
    }

    /**
     * How far the clock of a member is ahead of the clock of another member, in milliseconds: half
     * the difference of the shortest ways there and back. `null` without calls in both directions.
     */
    clockOffset(member: string, other: string): number | null {
        const there = this.#shortest(other, member)
        const back = this.#shortest(member, other)
        return there === null || back === null ? null : (there - back) / 2
    }

    #shortest(from: string, to: string): number | null {
        let shortest: number | null = null
        for (const { sent, received } of this.#book.calls) {
            const [place] = received
            if (sent.member === from && place?.member === to) {
                const way = (this.whenOf(place) ?? 0) - (this.whenOf(sent) ?? 0)
                shortest = Math.min(shortest ?? way, way)
            }
        }
        return shortest
    }
}

function openLane(replayer: Replayer): OpenLane {
    return {
        member: replayer.id, replayer, when: [], methods: [], starts: [], roles: [],
        timers: new Map(), calendar: new Map()
    }
}

function noteStep(lane: OpenLane, { number, played, member, ...effects }: ReplayedInput): void {
    const { when, method, body } = played
    lane.when.push(when)
    lane.methods.push(method)
    if (STARTS.has(method)) {
        lane.starts.push(number)
    }
    if (method === 'event') {
        const [due, made] = lane.calendar.get(body.key) ?? [null, 0]
        if (due === body.when) {
            lane.timers.set(number, made)
        }
    }
    for (const appointment of effects.appointments) {
        lane.calendar.set(appointment.key, [appointment.when, number])
    }
    const { role, government: { promise: government } } = member
    const last = lane.roles[lane.roles.length - 1]
    if (last?.role !== role || last.government !== government) {
        lane.roles.push({ number, when, role, government })
    }
}
