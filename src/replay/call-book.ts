import type { Played } from '../member/inputs.js'
import {
    admissionOf, batchOf, callsOf, type HistoryCall, type HistoryPlace, receiptOf, type SentCall
} from './call-join.js'
import type { ReplayedInput } from './replay-pass.js'

/** A received call without its sending. */
interface Receipt {
    readonly place: HistoryPlace
    readonly when: number
    /** The id of the sender; `null` if the input does not name the sender. */
    readonly from: string | null
}

/** A call, and the instant of its sending by the clock of the sender. */
interface Sending {
    readonly call: HistoryCall
    readonly when: number
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

/** Adds an item to the list of a key. */
function addTo<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
    const known = lists.get(key)
    if (known === undefined) {
        lists.set(key, [item])
    } else {
        known.push(item)
    }
}

/** Adds a place to a list in the order of the instants, whatever the order of the calls is. */
function insert(
    places: HistoryPlace[], place: HistoryPlace, whenOf: (place: HistoryPlace) => number
): void {
    let at = places.length
    while (at > 0 && isBefore(place, places[at - 1], whenOf)) {
        at--
    }
    places.splice(at, 0, place)
}

function isBefore(
    one: HistoryPlace, other: HistoryPlace | undefined, whenOf: (place: HistoryPlace) => number
): boolean {
    if (other === undefined || one.member === other.member) {
        return other !== undefined && one.number < other.number
    }
    const [mine, theirs] = [whenOf(one), whenOf(other)]
    return mine < theirs || (mine === theirs && one.member < other.member)
}

function isSame(
    call: HistoryCall | undefined, number: number, cookie: string, to: string | null
): boolean {
    return call?.sent.number === number && call.cookie === cookie && call.to === to
}

/**
 * Joins the calls of several members to their receipts and answers, while the steps of the members
 * come in any order. Receipts without the number of their call are joined at the end.
 */
export class CallBook {
    /** The calls of each sender, in the order of sending. */
    readonly #bySender = new Map<string, HistoryCall[]>()
    readonly #byKey = new Map<string, Sending>()
    /** The receipts whose call is not yet noted. */
    readonly #early = new Map<string, Receipt[]>()
    /** The receipts without a number of the call, with the content of the request. */
    readonly #unnumbered: (Receipt & { readonly content: string })[] = []
    /** The calls by their content, and the place of the next content, by sender. */
    readonly #byContent = new Map<string, Sending[]>()
    readonly #contentsAt = new Map<string, number>()
    readonly #byReceipt = new CallsByPlace()
    readonly #byAnswer = new CallsByPlace()
    /** The calls of each member by their number, until the answer arrives. */
    readonly #waiting = new Map<string, HistoryCall[]>()
    readonly #members = new Set<string>()
    /** The number of receipts that name their sender, by sender. */
    readonly #received = new Map<string, number>()
    /** The shortest time between sending and receipt, by sender and receiver. */
    readonly #shortest = new Map<string, Map<string, number>>()
    readonly #whenOf: (place: HistoryPlace) => number
    #joined = 0
    #dependsOnOrder = false
    #calls: readonly HistoryCall[] | null = null

    /** @param whenOf The instant of a noted input, by the clock of its member. */
    constructor(whenOf: (place: HistoryPlace) => number) {
        this.#whenOf = whenOf
    }

    /** All calls, by the id of the sender and in the order of sending. */
    get calls(): readonly HistoryCall[] {
        this.#calls ??= [...this.#bySender.keys()].sort().flatMap((sender) => this.callsOf(sender))
        return this.#calls
    }

    /**
     * Whether another order of the steps could have led to other joins: several calls have the same
     * key, as in recordings of earlier packages.
     */
    get dependsOnOrder(): boolean {
        return this.#dependsOnOrder
    }

    /** The calls of a sender, in the order of sending. */
    callsOf(sender: string): readonly HistoryCall[] {
        return this.#bySender.get(sender) ?? []
    }

    /** The received calls of recorded members, and how many of them were joined. */
    get counts(): { readonly received: number; readonly joined: number } {
        let received = 0
        for (const member of this.#members) {
            received += this.#received.get(member) ?? 0
        }
        return { received, joined: this.#joined }
    }

    /** Notes a step of a member. */
    note(member: string, step: ReplayedInput): void {
        const { number, played, calls, dispatches } = step
        const { when } = played
        const place = { member, number }
        this.#members.add(member)
        this.#noteReceipt(place, played)
        if (played.method === 'sent') {
            this.#answer(`sent ${member} ${played.body.cookie}`, place)
        } else if (played.method === 'published') {
            this.#answer(`published ${member} ${played.body.cookie}`, place)
        }
        for (const communique of calls) {
            for (const sent of callsOf(communique, place)) {
                this.#add(member, sent, when)
            }
        }
        for (const dispatch of dispatches) {
            this.#add(member, batchOf(dispatch, place), when)
        }
        this.#add(member, admissionOf(member, played, place), when)
    }

    #noteReceipt(place: HistoryPlace, played: Played): void {
        const receipt = receiptOf(place.member, played)
        if (receipt === null) {
            return
        }
        const from = played.method === 'receive' ? played.body.from.id : null
        if (from !== null) {
            this.#received.set(from, (this.#received.get(from) ?? 0) + 1)
        }
        this.#dependsOnOrder ||= !receipt.isOwn
        const noted = { place, when: played.when, from }
        const sending = this.#byKey.get(receipt.key)
        if (receipt.key === '') {
            this.#unnumbered.push({ ...noted, content: receipt.content() })
        } else if (sending === undefined) {
            addTo(this.#early, receipt.key, noted)
        } else {
            this.#match(sending, noted)
        }
    }

    #add(member: string, sent: SentCall | null, when: number): void {
        if (sent === null) {
            return
        }
        const { call, key, plainKey } = sent
        const sending = { call, when }
        addTo(this.#bySender, member, call)
        this.#calls = null
        this.#dependsOnOrder ||= this.#byKey.has(key)
        this.#file(key, sending)
        if (plainKey !== undefined) {
            this.#file(plainKey, sending)
        }
        const kind = call.method === 'enqueue' ? 'published' : 'sent'
        addTo(this.#waiting, `${kind} ${member} ${call.cookie}`, call)
    }

    /** Files a call under a key, and joins the receipts that came before. */
    #file(key: string, sending: Sending): void {
        this.#byKey.set(key, sending)
        for (const receipt of this.#early.get(key) ?? []) {
            this.#match(sending, receipt)
        }
        this.#early.delete(key)
    }

    #match({ call, when }: Sending, receipt: Receipt): void {
        const { place, from } = receipt
        const ways = this.#shortest.get(call.sent.member) ?? new Map<string, number>()
        const way = receipt.when - when
        ways.set(place.member, Math.min(ways.get(place.member) ?? way, way))
        this.#shortest.set(call.sent.member, ways)
        insert(call.received, place, this.#whenOf)
        this.#byReceipt.set(place, call)
        this.#joined += from === null ? 0 : 1
    }

    #answer(name: string, place: HistoryPlace): void {
        for (const call of this.#waiting.get(name) ?? []) {
            call.answered = place
            this.#byAnswer.set(place, call)
        }
        this.#waiting.delete(name)
    }

    /** Whether receipts wait for the contents of all calls: recordings of earlier packages. */
    get needsContents(): boolean {
        return this.#unnumbered.length > 0
    }

    /** Notes the contents of the calls of a step, in a second pass over all steps. */
    noteContents(member: string, { number, played: { when }, calls }: ReplayedInput): void {
        const known = this.callsOf(member)
        for (const communique of calls) {
            for (const { call: { cookie, to }, content } of
                callsOf(communique, { member, number })) {
                let at = this.#contentsAt.get(member) ?? 0
                while (at < known.length && !isSame(known[at], number, cookie, to)) {
                    at++
                }
                this.#contentsAt.set(member, at + 1)
                const call = known[at]
                if (call !== undefined) {
                    addTo(this.#byContent, content(), { call, when })
                }
            }
        }
    }

    /** Joins the receipts without a number, after the last step of the last member. */
    joinUnnumbered(): void {
        for (const receipt of this.#unnumbered) {
            // The oldest call of a content; a further receipt of the last one is a doubled call.
            const alike = this.#byContent.get(receipt.content)
            const sending = alike !== undefined && alike.length > 1 ? alike.shift() : alike?.[0]
            if (sending !== undefined) {
                this.#match(sending, receipt)
            }
        }
        this.#unnumbered.length = 0
        this.#byContent.clear()
    }

    /** Forgets the receipts without a call and the calls without an answer: no steps follow. */
    forgetOpenEnds(): void {
        this.#early.clear()
        this.#waiting.clear()
    }

    /**
     * How far the clock of a member is ahead of the clock of another member, in milliseconds: half
     * the difference of the shortest ways there and back. `null` without calls in both directions.
     */
    clockOffset(member: string, other: string): number | null {
        const there = this.#shortest.get(other)?.get(member)
        const back = this.#shortest.get(member)?.get(other)
        return there === undefined || back === undefined ? null : (there - back) / 2
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
