import type { HistoryPlace } from '../replay/call-join.js'
import type { HistoryLane } from '../replay/history-lane.js'
import type { JoinedHistory } from '../replay/joined-history.js'
import type { LongWork } from '../replay/long-work.js'

/** Estimates how far the clock of each member is ahead of the first member, in milliseconds. */
export function offsetsOf(history: JoinedHistory): ReadonlyMap<string, number> {
    const [first] = history.lanes
    return new Map(history.lanes.map(({ member }) => {
        const isFirst = first === undefined || member === first.member
        return [member, isFirst ? 0 : history.clockOffset(member, first.member) ?? 0]
    }))
}

/** The instant of a point by the clock of its member; behind the last input, of that input. */
export function instantOf(history: JoinedHistory, { member, number }: HistoryPlace): number {
    return history.whenOf({ member, number })
        ?? history.whenOf({ member, number: number - 1 }) ?? 0
}

/** The number of the last input of a lane before an instant of the member's clock. */
function lastBefore(history: JoinedHistory, lane: HistoryLane, when: number): number {
    const { member, replayer: { first, last } } = lane
    let low = first - 1
    let high = last
    while (low < high) {
        const middle = Math.ceil((low + high) / 2)
        if ((history.whenOf({ member, number: middle }) ?? 0) < when) {
            low = middle
        } else {
            high = middle - 1
        }
    }
    return low
}

/**
 * The last input of each member before a point. The cut is consistent: if an input is before the
 * cut, the cause of the input is before the cut. Otherwise the clocks of the members decide.
 */
export class ConsistentCut {
    readonly #history: JoinedHistory
    readonly #work: LongWork
    readonly #last = new Map<string, number>()

    private constructor(history: JoinedHistory, work: LongWork) {
        this.#history = history
        this.#work = work
    }

    /** @throws KibitzError `aborted`. */
    static async before(
        history: JoinedHistory, { member, number }: HistoryPlace,
        offsets: ReadonlyMap<string, number>, work: LongWork
    ): Promise<ReadonlyMap<string, number>> {
        const cut = new ConsistentCut(history, work)
        for (const lane of history.lanes) {
            cut.#last.set(lane.member, lane.replayer.first - 1)
        }
        const when = instantOf(history, { member, number }) - (offsets.get(member) ?? 0)
        const cause = history.whenOf({ member, number }) === null
            ? null
            : history.cause({ member, number }).place
        await cut.#include(cause === null ? [] : [[cause.member, cause.number]])
        await cut.#include([[member, number - 1]])
        const needed = new Map(cut.#last)
        for (const lane of history.lanes) {
            if (lane.member !== member) {
                const last = lastBefore(history, lane, when + (offsets.get(lane.member) ?? 0))
                cut.#last.set(lane.member, Math.max(last, needed.get(lane.member) ?? last))
            }
        }
        await cut.#exclude(needed)
        return cut.#last
    }

    #lastOf(member: string): number {
        return this.#last.get(member) ?? 0
    }

    /** Includes inputs with all causes. */
    async #include(wanted: (readonly [member: string, number: number])[]): Promise<void> {
        for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
            const [member, number] = next
            for (let each = this.#lastOf(member) + 1; each <= number; each++) {
                const { place } = this.#history.cause({ member, number: each })
                if (place !== null && place.number > this.#lastOf(place.member)
                    && place.member !== member) {
                    wanted.push([place.member, place.number])
                }
                if (this.#work.isDue) {
                    await this.#work.pause()
                }
            }
            this.#last.set(member, Math.max(number, this.#lastOf(member)))
        }
    }

    /** Excludes the inputs whose causes are not included, until there are none. */
    async #exclude(needed: ReadonlyMap<string, number>): Promise<void> {
        const checked = new Map(needed)
        for (let hasChanged = true; hasChanged;) {
            hasChanged = false
            for (const [member, last] of this.#last) {
                for (let each = (checked.get(member) ?? 0) + 1; each <= last; each++) {
                    const { place } = this.#history.cause({ member, number: each })
                    if (place !== null && place.number > this.#lastOf(place.member)) {
                        this.#last.set(member, each - 1)
                        hasChanged = true
                        break
                    }
                    if (this.#work.isDue) {
                        await this.#work.pause()
                    }
                }
            }
        }
    }
}
