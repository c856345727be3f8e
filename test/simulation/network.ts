import { guardEnvelope } from '../../src/guard/envelope.js'
import { guardOutcome, guardReceipts, guardResponse } from '../../src/guard/response.js'
import type { Request } from '../../src/paxos/message.js'
import type { Resident } from './resident.js'
import type { Calls } from './surroundings.js'
import type { Timeline } from './timeline.js'
import { demand } from './violation.js'
import type { Weather } from './weather.js'

/** A call as it leaves. */
export interface Parcel {
    readonly from: number
    readonly host: number
    readonly method: keyof Calls
    readonly body: Calls[keyof Calls]
}

/** How the network behaves for a whole trial. */
export interface Customs {
    readonly callLimitMs: number
    readonly isRefused: boolean
    readonly isWired: boolean
}

/** What the network tells. */
export interface Onlooker {
    /** A call leaves. */
    sends(from: Resident, parcel: Parcel): void
    /** An answer has come back to who asked. */
    answers(from: Resident, parcel: Parcel, answer: unknown): void
}

interface Awaited {
    isOver: boolean
    readonly giveUpAt: number
    giveUp: () => void
}

/** Carries calls between hosts, as the weather permits. */
export class Network {
    /** Who lives where. */
    readonly hosts: (Resident | null)[] = []
    readonly #timeline: Timeline
    readonly #weather: Weather
    readonly #customs: Customs
    readonly #onlooker: Onlooker
    /** The calls that wait for an answer, oldest first, and some that do no longer. */
    readonly #awaited: Awaited[] = []
    /** How many of these, from the first on, are known to wait no longer. */
    #answered = 0
    #isWatching = false

    constructor(timeline: Timeline, weather: Weather, customs: Customs, onlooker: Onlooker) {
        this.#timeline = timeline
        this.#weather = weather
        this.#customs = customs
        this.#onlooker = onlooker
    }

    /** Lets a call leave. */
    call(from: Resident, parcel: Parcel, answered: (answer: unknown) => void): void {
        const { callLimitMs } = this.#customs
        this.#onlooker.sends(from, parcel)
        const giveUpAt = this.#timeline.now + callLimitMs
        const awaited = { isOver: false, giveUpAt, giveUp: () => {} }
        const finish = (answer: unknown, isCopy: boolean): void => {
            if (awaited.isOver && !isCopy) {
                return
            }
            awaited.isOver = true
            from.resume(() => {
                this.#onlooker.answers(from, parcel, answer)
                answered(answer)
            })
        }
        if (callLimitMs !== Number.POSITIVE_INFINITY) {
            awaited.giveUp = () => finish(null, false)
            this.#awaited.push(awaited)
            this.#watch()
        }
        this.#travel(parcel, finish)
    }

    /** One event watches all calls: they are given up in the order in which they were made. */
    #watch(): void {
        if (this.#isWatching) {
            return
        }
        while (this.#awaited[this.#answered]?.isOver === true) {
            this.#answered++
        }
        const next = this.#awaited[this.#answered]
        if (this.#answered > 1024) {
            this.#awaited.splice(0, this.#answered)
            this.#answered = 0
        }
        if (next !== undefined) {
            this.#isWatching = true
            this.#timeline.at(next.giveUpAt, () => {
                this.#isWatching = false
                if (!next.isOver) {
                    next.giveUp()
                }
                this.#watch()
            })
        }
    }

    /** Lets a parcel travel; a copy of an answer is told from the answer. */
    #travel(parcel: Parcel, finish: (answer: unknown, isCopy: boolean) => void): void {
        const { from, host } = parcel
        const fate = this.#weather.fate(from, host, false)
        if (fate.isLost) {
            if (this.#customs.isRefused && !fate.isSilent) {
                this.#timeline.after(fate.delayMs, () => finish(null, false))
            }
            return
        }
        for (let copy = 0; copy <= fate.copies; copy++) {
            const delayMs = fate.delayMs * (1 + copy * 3)
            this.#timeline.after(delayMs, () => this.#arrive(parcel, finish))
        }
    }

    /** Something arrives, from whomever: at a process, or at nobody. */
    #arrive(parcel: Parcel, finish: (answer: unknown, isCopy: boolean) => void): void {
        const { from, host } = parcel
        const target = this.hosts[host] ?? null
        if (target === null || !target.isAlive) {
            if (this.#customs.isRefused) {
                const { delayMs } = this.#weather.fate(host, from, true)
                this.#timeline.after(delayMs, () => finish(null, false))
            }
            return
        }
        target.resume(() => {
            const { method, body } = this.#customs.isWired ? wireCall(parcel) : parcel
            target.serve(method, body, (answer) => {
                if (target.isAlive) {
                    this.#reply(parcel, answer, finish)
                }
            })
        })
    }

    #reply(
        { from, host, method }: Parcel,
        answer: unknown,
        finish: (answer: unknown, isCopy: boolean) => void
    ): void {
        const fate = this.#weather.fate(host, from, true)
        if (fate.isLost) {
            return
        }
        const carried = this.#customs.isWired ? wireAnswer(method, answer) : answer
        for (let copy = 0; copy <= fate.copies; copy++) {
            const delayMs = fate.delayMs * (1 + copy * 3)
            this.#timeline.after(delayMs, () => finish(carried, copy > 0))
        }
    }

    /** Delivers something that nobody sends now: an old request once more, or a foreign one. */
    inject(parcel: Parcel): void {
        this.#arrive(parcel, () => {})
    }
}

function wireCall(parcel: Parcel): Pick<Parcel, 'method' | 'body'> {
    const { method, body, host } = parcel
    const text = JSON.stringify({ module: 'kibitz', method, to: { host }, body })
    const guarded = guardEnvelope(JSON.parse(text))
    if (!guarded.ok) {
        const { code, at } = guarded.rejection
        demand(false, 'L4', () => `The guard rejects a ${method}, ${code} at ${at}: ${text}`)
        return parcel
    }
    return guarded.envelope as Pick<Parcel, 'method' | 'body'>
}

const GUARDS = { receive: guardResponse, enqueue: guardReceipts, immigrate: guardOutcome }

function wireAnswer(method: keyof Calls, answer: unknown): unknown {
    const text = JSON.stringify(answer)
    const guarded = GUARDS[method](JSON.parse(text))
    if (!guarded.ok) {
        const { code, at } = guarded.rejection
        demand(false, 'L4', () =>
            `The guard rejects an answer to ${method}, ${code} at ${at}: ${text}`)
        return null
    }
    return guarded.value
}

/** Whether a parcel is an engine's request. */
export function isRequest(parcel: Parcel): parcel is Parcel & { readonly body: Request } {
    return parcel.method === 'receive'
}
