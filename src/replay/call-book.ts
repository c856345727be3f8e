import {
    admissionOf, batchOf, callsOf, type HistoryCall, type HistoryPlace, receiptOf, type SentCall
} from './call-join.js'
import type { ReplayedInput } from './replayer.js'

/** A received call before the join. */
interface Receipt {
    readonly place: HistoryPlace
    readonly key: string
    /** The content of the request, if the recording has no number of the call. */
    readonly content: string
    /** The id of the sender; `null` if the input does not name the sender. */
    readonly from: string | null
}

/** Calls by an input of a member. */
class CallsByPlace {
    readonly #all = new Map<string, Map<number, HistoryCall>>()

    get({ member, number }: HistoryPlace): HistoryCall | undefined {
        return this.#all.get(member)?.get(number)
    }

    set({ member, number }: HistoryPlace, call: HistoryCall): void {
        const ofMember = this.#all.get(member) ?? new Map<number, HistoryCall>()
        this.#all.set(member, ofMember.set(number, call))
    }
}

/** Joins the calls of several members to their receipts and answers. */
export class CallBook {
    readonly calls: HistoryCall[] = []
    readonly #byKey = new Map<string, HistoryCall>()
    /** The calls with the same content, in the order of sending. */
    readonly #byContent = new Map<string, HistoryCall[]>()
    readonly #contents: { readonly call: HistoryCall; readonly content: () => string }[] = []
    readonly #receipts: Receipt[] = []
    readonly #byReceipt = new CallsByPlace()
    readonly #byAnswer = new CallsByPlace()
    /** The calls of each member by their number, until the answer arrives. */
    readonly #waiting = new Map<string, HistoryCall[]>()
    readonly #members = new Set<string>()
    #joined = 0

    /** The received calls of recorded members, and how many of them were joined. */
    get counts(): { readonly received: number; readonly joined: number } {
        const received = this.#receipts.filter(({ from }) => {
            return from !== null && this.#members.has(from)
        })
        return { received: received.length, joined: this.#joined }
    }

    /** Notes a step of a member. */
    note(member: string, step: ReplayedInput): void {
        const { number, played, calls, dispatches } = step
        const place = { member, number }
        this.#members.add(member)
        const receipt = receiptOf(member, played)
        if (receipt !== null) {
            const isNumbered = receipt.key !== ''
            const from = played.method === 'receive' ? played.body.from.id : null
            const content = isNumbered ? '' : receipt.content()
            this.#receipts.push({ place, key: receipt.key, content, from })
        }
        if (played.method === 'sent') {
            this.#answer(`sent ${member} ${played.body.cookie}`, place)
        } else if (played.method === 'published') {
            this.#answer(`published ${member} ${played.body.cookie}`, place)
        }
        const admission = admissionOf(member, played, place)
        const batches = dispatches.map((dispatch) => batchOf(dispatch, place))
        for (const sent of [...calls.flatMap((call) => callsOf(call, place)), ...batches,
            admission]) {
            if (sent !== null) {
                this.#add(member, sent)
            }
        }
    }

    #add(member: string, { call, key, plainKey, content }: SentCall): void {
        this.calls.push(call)
        this.#byKey.set(key, call)
        if (plainKey !== undefined) {
            this.#byKey.set(plainKey, call)
        }
        if (call.to !== null) {
            this.#contents.push({ call, content })
        }
        const kind = call.method === 'enqueue' ? 'published' : 'sent'
        const name = `${kind} ${member} ${call.cookie}`
        const alike = this.#waiting.get(name)
        if (alike === undefined) {
            this.#waiting.set(name, [call])
        } else {
            alike.push(call)
        }
    }

    #answer(name: string, place: HistoryPlace): void {
        for (const call of this.#waiting.get(name) ?? []) {
            call.answered = place
            this.#byAnswer.set(place, call)
        }
        this.#waiting.delete(name)
    }

    /** Joins the receipts to the calls, after the last step of the last member. */
    join(): void {
        if (this.#receipts.some(({ content }) => content !== '')) {
            for (const { call, content } of this.#contents) {
                const text = content()
                const alike = this.#byContent.get(text) ?? []
                alike.push(call)
                this.#byContent.set(text, alike)
            }
        }
        for (const { place, key, content, from } of this.#receipts) {
            const call = this.#byKey.get(key) ?? this.#likeFirst(content)
            if (call !== undefined) {
                call.received.push(place)
                this.#byReceipt.set(place, call)
                this.#joined += from === null ? 0 : 1
            }
        }
        this.#contents.length = 0
        this.#byContent.clear()
        this.#waiting.clear()
    }

    /** The oldest call of a content; a further receipt of the last one is a doubled call. */
    #likeFirst(content: string): HistoryCall | undefined {
        const alike = content === '' ? undefined : this.#byContent.get(content)
        return alike !== undefined && alike.length > 1 ? alike.shift() : alike?.[0]
    }

    /** The call that an input has received; `null` if there is none. */
    callTo(place: HistoryPlace): HistoryCall | null {
        return this.#byReceipt.get(place) ?? null
    }

    /** The input of the other member whose outcome is the answer of an input; `null` without. */
    answerOf(place: HistoryPlace): HistoryPlace | null {
        return this.#byAnswer.get(place)?.received[0] ?? null
    }
}
