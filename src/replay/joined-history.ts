import { rejectArgument } from '../base/errors.js'
import type { Played } from '../member/inputs.js'
import type { HistoryCall, HistoryPlace } from './call-join.js'
import type { HistoryGovernment } from './history-governments.js'
import { type HistoryLane, STARTS } from './history-lane.js'
import { type HistoryOptions, HistoryReading } from './history-reading.js'
import type { Replayer } from './replayer.js'

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

let grow: (reading: HistoryReading) => JoinedHistory

/**
 * The joined history of several members. Each receipt of a call is joined to its call, and each
 * answer to its receipt. Causes define the order; the clocks of the members may disagree. Members
 * may be missing: then a call ends, or begins, outside of the history.
 */
export class JoinedHistory {
    readonly #reading: HistoryReading

    private constructor(reading: HistoryReading) {
        this.#reading = reading
    }

    static {
        grow = (reading) => new JoinedHistory(reading)
    }

    /** The parts of the members, in the given order. */
    get lanes(): readonly HistoryLane[] {
        return this.#reading.lanes
    }

    /** The governments in the order of their promises. */
    get governments(): readonly HistoryGovernment[] {
        return this.#reading.governments
    }

    /** The citizens without a recording, in the order of the governments. */
    get missing(): string[] {
        const citizens = this.governments.flatMap(({ government }) =>
            [...government.majority, ...government.minority, ...government.constituents])
        return [...new Set(citizens)].filter((id) => this.#reading.lane(id) === null)
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
        const reading = new HistoryReading(members)
        await reading.read(options)
        return new JoinedHistory(reading)
    }

    /** All calls of the recorded members, by sender and in the order of sending. */
    get calls(): readonly HistoryCall[] {
        return this.#reading.book.calls
    }

    /** The calls of one member, in the order of sending. */
    callsOf(member: string): readonly HistoryCall[] {
        return this.#reading.book.callsOf(member)
    }

    /** The number of received calls of recorded members, and how many of them were joined. */
    get joined(): { readonly received: number; readonly joined: number } {
        return this.#reading.book.counts
    }

    /** The instant of an input by the clock of its member. */
    whenOf({ member, number }: HistoryPlace): number | null {
        return this.#reading.lane(member)?.whenOf(number) ?? null
    }

    /** An input with its instant and its method. @throws KibitzError `invalid-argument`. */
    describe(place: HistoryPlace): HistoryPlace & Pick<HistoryEvent, 'when' | 'method'> {
        const { member, number } = place
        const method = this.#reading.lane(member)?.methodOf(number)
        if (method === undefined || method === null) {
            rejectArgument(`The history has no input ${number} of ${member}.`)
        }
        return { member, number, when: this.whenOf(place) ?? 0, method }
    }

    /** The call that an input has received; `null` if there is none. */
    callTo(place: HistoryPlace): HistoryCall | null {
        return this.#reading.book.callTo(place)
    }

    /** The cause of an input. */
    cause({ member, number }: HistoryPlace): HistoryCause {
        const { method } = this.describe({ member, number })
        if (STARTS.has(method)) {
            return { kind: 'start', place: null }
        }
        if (method === 'event') {
            const place = this.#reading.lane(member)?.timers.get(number)
            return { kind: 'timer', place: place === undefined ? null : { member, number: place } }
        }
        const place = { member, number }
        if (method === 'receive' || method === 'enqueue' || method === 'immigrate') {
            return { kind: 'call', place: this.#reading.book.callTo(place)?.sent ?? null }
        }
        if (method === 'sent' || method === 'published') {
            return { kind: 'answer', place: this.#reading.book.answerOf(place) }
        }
        return { kind: 'user', place: null }
    }

    /**
     * All inputs of all members: each after its cause, and otherwise by the clocks of the members.
     */
    *events(): Generator<HistoryEvent, void, undefined> {
        const next = new Map(this.lanes.map(({ member, first }) => [member, first]))
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
            yield { ...chosen, method: this.describe(chosen).method, cause: this.cause(chosen) }
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
        return this.#reading.book.clockOffset(member, other)
    }
}

/** A history that shows what a reading has read so far. */
export function growingHistory(reading: HistoryReading): JoinedHistory {
    return grow(reading)
}
