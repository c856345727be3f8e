import type { HistoryCall } from '../replay/call-join.js'
import type { CallAnswer, MarkAnswer, WindowAnswer } from './answers.js'
import { isWithin } from './promise-span.js'
import type { RecordedRepublic } from './recorded-republic.js'

/** The number of calls, and of inputs of all members, in an answer. */
const CALLS_MAX = 1_500
const MARKS_MAX = 2_500

/** A part of the time, and the conditions on its calls. */
export interface WindowQuery {
    readonly from: number
    readonly to: number
    /** The methods of the calls; `null`: all. */
    readonly methods: ReadonlySet<string> | null
    /** The members at either end of the calls; `null`: all. */
    readonly members: ReadonlySet<string> | null
    /** The promise of an entry that the calls carry; `null`: all calls. */
    readonly entry: string | null
}

/** Calls that explain elections and changes come first; pings come last. */
function rankOf({ method, entries }: HistoryCall): 0 | 1 | 2 {
    return method === 'register' || method === 'synchronize'
        ? entries === null ? 2 : 1
        : method === 'enqueue' ? 1 : 0
}

/** Keeps evenly spread items of a list. */
export function spread<T>(all: readonly T[], max: number): readonly T[] {
    return all.length <= max
        ? all
        : Array.from({ length: max }, (_, index) => {
            return all[Math.floor(index * all.length / max)]
        }).filter((item): item is T => item !== undefined)
}

/** Finds the calls and the inputs of a part of the time. */
export class CallWindows {
    readonly #republic: RecordedRepublic

    constructor(republic: RecordedRepublic) {
        this.#republic = republic
    }

    /** The calls that an input has sent. */
    sentBy(member: string, number: number): readonly CallAnswer[] {
        return this.#idsOf(member, number, number + 1)
            .map((id) => this.answer(id)).filter((call) => call !== null)
    }

    /** A call by its id; `undefined` if there is none. */
    call(id: number): HistoryCall | undefined {
        const { history } = this.#republic
        const { member = '' } = history.lanes[id % history.lanes.length] ?? {}
        return history.callsOf(member)[Math.floor(id / history.lanes.length)]
    }

    /** The ids of the calls of a sender by a range of its inputs. An id stays while calls join. */
    #idsOf(member: string, from: number, to: number): readonly number[] {
        const { lanes } = this.#republic.history
        const lane = lanes.findIndex((each) => each.member === member)
        const ids: number[] = []
        const last = this.#firstCall(member, to)
        for (let index = this.#firstCall(member, from); index < last; index++) {
            ids.push(index * lanes.length + lane)
        }
        return ids
    }

    /** A call by its id. */
    answer(id: number): CallAnswer | null {
        const republic = this.#republic
        const call = this.call(id)
        if (call === undefined) {
            return null
        }
        const { sent, to, method, entries, received, answered } = call
        const isRecorded = to === null || republic.has(to)
        const hasAnswer = republic.hasAnswer(call)
        return {
            id, from: sent, sentAt: republic.at(sent), to, method, entries,
            received: received.map((place) => ({ ...place, at: republic.at(place) })),
            answered: answered === null || !hasAnswer
                ? null
                : { ...answered, at: republic.at(answered) },
            fate: received.length > 0
                ? 'received'
                : isRecorded && republic.isSettled(republic.at(sent)) ? 'lost' : 'outside'
        }
    }

    /** The index of the first call of a sender that was sent at or after an input. */
    #firstCall(member: string, number: number): number {
        const calls = this.#republic.history.callsOf(member)
        let low = 0
        let high = calls.length
        while (low < high) {
            const middle = Math.floor((low + high) / 2)
            if ((calls[middle]?.sent.number ?? 0) < number) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /** The inputs and calls of a part of the time; thinned if there are many. */
    window(query: WindowQuery): WindowAnswer {
        const { history } = this.#republic
        const marks: MarkAnswer[] = []
        const calls: number[] = []
        let marksTotal = 0
        for (const { member } of history.lanes) {
            const times = this.#republic.times(member)
            const from = times.firstFrom(query.from)
            const to = times.firstFrom(query.to)
            marksTotal += to - from
            marks.push(...this.#marks(member, from, to))
            for (const id of this.#idsOf(member, from, to)) {
                calls.push(id)
            }
        }
        const wanted = calls.filter((id) => this.#isWanted(this.call(id), query))
        return {
            marks, marksTotal, callsTotal: wanted.length,
            calls: this.#telling(wanted)
                .map((id) => this.answer(id)).filter((call) => call !== null)
        }
    }

    /** The most telling calls of a list, in order. */
    #telling(ids: readonly number[]): readonly number[] {
        if (ids.length <= CALLS_MAX) {
            return ids
        }
        const ranked: [number[], number[], number[]] = [[], [], []]
        for (const id of ids) {
            const call = this.call(id)
            if (call !== undefined) {
                ranked[rankOf(call)].push(id)
            }
        }
        const chosen: number[] = []
        for (const alike of ranked) {
            chosen.push(...spread(alike, Math.max(0, CALLS_MAX - chosen.length)))
        }
        return chosen.sort((one, other) => one - other)
    }

    #isWanted(call: HistoryCall | undefined, { methods, members, entry }: WindowQuery): boolean {
        return call !== undefined
            && (methods === null || methods.has(call.method))
            && (members === null || members.has(call.sent.member) || members.has(call.to ?? '')
                || call.received.some(({ member }) => members.has(member)))
            && (entry === null || isWithin(entry, call.entries))
    }

    #marks(member: string, from: number, to: number): MarkAnswer[] {
        const republic = this.#republic
        const share = Math.ceil(MARKS_MAX / republic.history.lanes.length)
        const stride = Math.max(1, Math.ceil((to - from) / share))
        const marks: MarkAnswer[] = []
        for (let number = from; number < to; number += stride) {
            const place = { member, number }
            const { method } = republic.describe(place)
            marks.push({ ...place, method, at: republic.at(place),
                entries: republic.entriesAt(place) })
        }
        return marks
    }
}
