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
function rankOf({ method, entries }: HistoryCall): number {
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

/** The most telling calls of a list, in order. */
function telling(calls: readonly number[], history: readonly HistoryCall[]): readonly number[] {
    if (calls.length <= CALLS_MAX) {
        return calls
    }
    const chosen: number[] = []
    for (const rank of [0, 1, 2]) {
        const ranked = calls.filter((id) => {
            const call = history[id]
            return call !== undefined && rankOf(call) === rank
        })
        chosen.push(...spread(ranked, Math.max(0, CALLS_MAX - chosen.length)))
    }
    return chosen.sort((one, other) => one - other)
}

/** Finds the calls and the inputs of a part of the time. */
export class CallWindows {
    readonly #republic: RecordedRepublic
    /** The index of the first call of each sender, and the index after the last one. */
    readonly #ranges = new Map<string, readonly [number, number]>()

    constructor(republic: RecordedRepublic) {
        this.#republic = republic
        for (const [index, { sent }] of republic.history.calls.entries()) {
            const [from = index] = this.#ranges.get(sent.member) ?? []
            this.#ranges.set(sent.member, [from, index + 1])
        }
    }

    /** The calls that an input has sent. */
    sentBy(member: string, number: number): readonly CallAnswer[] {
        const range = this.#ranges.get(member)
        const answers: CallAnswer[] = []
        if (range !== undefined) {
            const last = this.#firstCall(range, number + 1)
            for (let index = this.#firstCall(range, number); index < last; index++) {
                const answer = this.answer(index)
                answers.push(...(answer === null ? [] : [answer]))
            }
        }
        return answers
    }

    /** A call by its index. */
    answer(index: number): CallAnswer | null {
        const republic = this.#republic
        const call = republic.history.calls[index]
        if (call === undefined) {
            return null
        }
        const { sent, to, method, entries, received, answered } = call
        const isRecorded = to === null || republic.has(to)
        const hasAnswer = republic.hasAnswer(call)
        return {
            id: index, from: sent, sentAt: republic.at(sent), to, method, entries,
            received: received.map((place) => ({ ...place, at: republic.at(place) })),
            answered: answered === null || !hasAnswer
                ? null
                : { ...answered, at: republic.at(answered) },
            fate: received.length > 0 ? 'received' : isRecorded ? 'lost' : 'outside'
        }
    }

    /** The index of the first call of a sender that was sent at or after an input. */
    #firstCall([from, to]: readonly [number, number], number: number): number {
        const { calls } = this.#republic.history
        let low = from
        let high = to
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
            const range = this.#ranges.get(member)
            if (range !== undefined) {
                const last = this.#firstCall(range, to)
                for (let index = this.#firstCall(range, from); index < last; index++) {
                    calls.push(index)
                }
            }
        }
        const wanted = calls.filter((index) => this.#isWanted(history.calls[index], query))
        return {
            marks, marksTotal, callsTotal: wanted.length,
            calls: telling(wanted, history.calls)
                .map((index) => this.answer(index)).filter((call) => call !== null)
        }
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
