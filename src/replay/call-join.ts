import type { Played } from '../member/inputs.js'
import type { Communique } from '../paxos/messages/mailbox.js'
import type { Entry, Request } from '../paxos/messages/messages.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Dispatch } from '../publisher/islander-types.js'

/** An input of a member: its place in a history. */
export interface HistoryPlace {
    readonly member: string
    readonly number: number
}

/** The entries of a call or of a batch. */
export interface EntrySpan {
    readonly count: number
    /** The promise of the first and the last entry; in a batch, the cookie. */
    readonly first: string
    readonly last: string
}

/** A call from one member to another, as far as the recordings show the call. */
export interface HistoryCall {
    /** The input whose effect the call is. */
    readonly sent: HistoryPlace
    /** The called member; `null` in a batch, which goes to the leader. */
    readonly to: string | null
    /** `enqueue`, `immigrate`, or the method of the engine's request. */
    readonly method: 'enqueue' | 'immigrate' | Request['method']
    /** The publisher of a batch; `null` for other calls. */
    readonly publisher: string | null
    /** The number of the call at the sender. */
    readonly cookie: string
    readonly entries: EntrySpan | null
    /**
     * The inputs by which the other member took the call; several if the call was doubled or went
     * to several members, none if it was lost or if there is no recording of the other member.
     */
    readonly received: HistoryPlace[]
    /** The input by which the sender took the answer; `null` without one. */
    answered: HistoryPlace | null
}

/** A call and the keys under which its receipt and its answer look for the call. */
export interface SentCall {
    readonly call: HistoryCall
    readonly key: string
    /** The key of a batch's receipt by an earlier package, without the incarnation. */
    readonly plainKey?: string
    /** The content of a request, for recordings without numbers of calls. */
    readonly content: () => string
}

function spanOf(entries: readonly { readonly promise: Monotonic }[]): EntrySpan | null {
    const [first] = entries
    const last = entries[entries.length - 1]
    return first === undefined || last === undefined
        ? null
        : { count: entries.length, first: first.promise, last: last.promise }
}

/** A request as text: without the number of the call, and with the span of its entries. */
function contentOf(request: Request): string {
    const { entries, ...rest } = request as Request & { readonly entries?: readonly Entry[] }
    const fields = Object.entries(rest).filter(([name]) => name !== 'call')
    fields.sort(([one], [other]) => (one < other ? -1 : 1))
    return JSON.stringify([fields, spanOf(entries ?? [])])
}

function requestKey(from: Request['from'], to: string, cookie: string): string {
    return `receive ${from.id} ${from.immigrated} ${to} ${cookie}`
}

/** The cookies of a publisher begin anew with each incarnation. */
function batchKey(publisher: string, immigrated: string, cookie: string): string {
    return `enqueue ${publisher} ${immigrated} ${cookie}`
}

/** The calls of a communique. */
export function callsOf({ cookie, envelopes }: Communique, sent: HistoryPlace): SentCall[] {
    return envelopes.map(({ to, request }) => ({
        call: {
            sent, to, publisher: null, cookie, method: request.method, received: [],
            answered: null,
            entries: 'entries' in request ? spanOf(request.entries) : null
        },
        key: requestKey(request.from, to, cookie),
        content: () => `${to} ${contentOf(request)}`
    }))
}

/** The call of a batch. */
export function batchOf({ cookie, messages }: Dispatch, sent: HistoryPlace): SentCall | null {
    const [first] = messages
    if (first === undefined) {
        return null
    }
    const last = messages.at(-1)?.cookie ?? first.cookie
    const entries = { count: messages.length, first: first.cookie, last }
    return {
        call: {
            sent, to: null, publisher: first.id, method: 'enqueue', cookie, entries, received: [],
            answered: null
        },
        key: batchKey(first.id, first.immigrated, cookie),
        plainKey: batchKey(first.id, '', cookie),
        content: () => ''
    }
}

/** The call of a newcomer that asks for admission. */
export function admissionOf(id: string, { method, when, body }: Played, sent: HistoryPlace):
SentCall | null {
    if (method !== 'join') {
        return null
    }
    const cookie = String(body.cookie ?? when)
    return {
        call: {
            sent, to: null, publisher: null, method: 'immigrate', cookie, entries: null,
            received: [],
            answered: null
        },
        key: `immigrate ${id} ${cookie}`,
        content: () => ''
    }
}

/** The keys under which a receipt looks for its call. */
export interface ReceiptKeys {
    /** Empty without a number of the call. */
    readonly key: string
    readonly content: () => string
    /** Whether each call has a key of its own: not so in batches of an earlier package. */
    readonly isOwn: boolean
}

/** The keys of the call that an input has received; `null` for any other input. */
export function receiptOf(member: string, { method, body }: Played): ReceiptKeys | null {
    switch (method) {
        case 'receive':
            return {
                key: body.call === undefined ? '' : requestKey(body.from, member, body.call),
                content: () => `${member} ${contentOf(body)}`,
                isOwn: body.call !== undefined
            }
        case 'enqueue': {
            const last = body.entries[body.entries.length - 1]
            const { id = '', immigrated = '', cookie = '' } = last ?? {}
            // Without a number, the recording is of version 1: a batch has its last cookie's name.
            return {
                key: batchKey(id, immigrated, body.call ?? cookie), content: () => '',
                isOwn: immigrated !== '' && body.call !== undefined
            }
        }
        case 'immigrate':
            return {
                key: `immigrate ${body.id} ${body.cookie}`, content: () => '', isOwn: true
            }
        default:
            return null
    }
}
