import { guardEnvelope } from '../../src/guard/envelope.js'
import {
    guardOutcome, guardQuestionAnswer, guardReceipts, guardResponse
} from '../../src/guard/response.js'
import { packable } from '../../src/publisher/batch-encoding.js'
import type { Request } from '../../src/paxos/messages/messages.js'
import type { EnqueueBody } from '../../src/member/inputs.js'
import type { Outing } from './checks/traffic.js'
import type { Resident } from './resident.js'
import type { Calls } from './surroundings.js'
import type { VirtualTimeline } from '../../src/testing/virtual-timeline.js'
import { demand } from './violation.js'
import type { Weather } from '../../src/testing/weather.js'

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
    sends(errand: Errand): void
    /** An answer has come back to who asked, or the call was given up. */
    answers(errand: Errand, answer: unknown): void
}

/** A call on its way there and back. */
export class Errand {
    readonly from: Resident
    readonly parcel: Parcel
    readonly answered: (answer: unknown) => void
    /** It was answered once, or given up. */
    isOver = false
    /** What the one who counts the calls keeps of it. */
    outing: Outing | null = null
    /** What the one who gives up calls keeps of it. */
    deadline: Deadline | null = null

    constructor(from: Resident, parcel: Parcel, answered: (answer: unknown) => void) {
        this.from = from
        this.parcel = parcel
        this.answered = answered
    }
}

/** When a call is given up; it lets go of the call, and all that this carries, once it is over. */
interface Deadline {
    readonly giveUpAt: number
    errand: Errand | null
}

/** Carries calls between hosts, as the weather permits. */
export class Network {
    /** Who lives where. */
    readonly hosts: (Resident | null)[] = []
    readonly #timeline: VirtualTimeline
    readonly #weather: Weather
    readonly #customs: Customs
    readonly #onlooker: Onlooker
    /** The calls that wait for an answer, oldest first, and some that do no longer. */
    readonly #awaited: Deadline[] = []
    /** How many of these, from the first on, are known to wait no longer. */
    #answered = 0
    #isWatching = false

    constructor(timeline: VirtualTimeline, weather: Weather, customs: Customs, onlooker: Onlooker) {
        this.#timeline = timeline
        this.#weather = weather
        this.#customs = customs
        this.#onlooker = onlooker
    }

    /** Lets a call leave. */
    call(from: Resident, parcel: Parcel, answered: (answer: unknown) => void): void {
        const { callLimitMs } = this.#customs
        const errand = new Errand(from, parcel, answered)
        this.#onlooker.sends(errand)
        if (callLimitMs !== Number.POSITIVE_INFINITY) {
            errand.deadline = { giveUpAt: this.#timeline.now + callLimitMs, errand }
            this.#awaited.push(errand.deadline)
            this.#watch()
        }
        this.#travel(errand)
    }

    /** Brings an answer, or none, to who asked; a copy of an answer is brought as well. */
    #finish(errand: Errand, answer: unknown, isCopy: boolean): void {
        if (errand.isOver && !isCopy) {
            return
        }
        errand.isOver = true
        if (errand.deadline !== null) {
            errand.deadline.errand = null
        }
        const { from } = errand
        if (from.isReady) {
            this.#tell(errand, answer)
        } else {
            from.resume(() => this.#tell(errand, answer))
        }
    }

    #tell(errand: Errand, answer: unknown): void {
        this.#onlooker.answers(errand, answer)
        errand.answered(answer)
    }

    /** One event watches all calls: they are given up in the order in which they were made. */
    #watch(): void {
        if (this.#isWatching) {
            return
        }
        while (this.#awaited[this.#answered]?.errand === null) {
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
                this.#refuse(next.errand)
                this.#watch()
            })
        }
    }

    /** Lets a parcel travel. */
    #travel(errand: Errand): void {
        const { from, host } = errand.parcel
        const fate = this.#weather.fate(from, host, false)
        if (fate.isLost) {
            if (this.#customs.isRefused && !fate.isSilent) {
                this.#timeline.after(fate.delayMs, () => this.#finish(errand, null, false))
            }
            return
        }
        for (let copy = 0; copy <= fate.copies; copy++) {
            const delayMs = fate.delayMs * (1 + copy * 3)
            this.#timeline.after(delayMs, () => this.#arrive(errand.parcel, errand))
        }
    }

    /** Something arrives, from whomever: at a process, or at nobody. */
    #arrive(parcel: Parcel, errand: Errand | null): void {
        const { from, host } = parcel
        const target = this.hosts[host] ?? null
        if (target === null || !target.isAlive) {
            if (this.#customs.isRefused) {
                const { delayMs } = this.#weather.fate(host, from, true)
                this.#timeline.after(delayMs, () => this.#refuse(errand))
            }
        } else if (target.isReady) {
            this.#serve(target, parcel, errand)
        } else {
            target.resume(() => this.#serve(target, parcel, errand))
        }
    }

    /** No answer comes, to whoever asked. */
    #refuse(errand: Errand | null): void {
        if (errand !== null) {
            this.#finish(errand, null, false)
        }
    }

    #serve(target: Resident, parcel: Parcel, errand: Errand | null): void {
        const { method, body } = this.#customs.isWired ? wireCall(parcel) : parcel
        target.serve(method, body, (answer) => {
            if (target.isAlive) {
                this.#reply(parcel, answer, errand)
            }
        })
    }

    #reply({ from, host, method }: Parcel, answer: unknown, errand: Errand | null): void {
        const fate = this.#weather.fate(host, from, true)
        if (fate.isLost) {
            return
        }
        const carried = this.#customs.isWired ? wireAnswer(method, answer) : answer
        for (let copy = 0; copy <= fate.copies; copy++) {
            const delayMs = fate.delayMs * (1 + copy * 3)
            this.#timeline.after(delayMs, () => {
                if (errand !== null) {
                    this.#finish(errand, carried, copy > 0)
                }
            })
        }
    }

    /** Delivers something that nobody sends now: an old request once more, or a foreign one. */
    inject(parcel: Parcel): void {
        this.#arrive(parcel, null)
    }
}

/** A publisher's batch as it leaves for another member. */
function packed(body: EnqueueBody): EnqueueBody {
    return { ...body, entries: packable(body.entries) }
}

function wireCall(parcel: Parcel): Pick<Parcel, 'method' | 'body'> {
    const { method, host } = parcel
    const body = parcel.method === 'enqueue' ? packed(parcel.body as EnqueueBody) : parcel.body
    const text = JSON.stringify({ module: 'kibitz', method, to: { host }, body })
    const guarded = guardEnvelope(JSON.parse(text))
    if (!guarded.ok) {
        const { code, at } = guarded.rejection
        demand(false, 'L4', () => `The guard rejects a ${method}, ${code} at ${at}: ${text}`)
        return parcel
    }
    return guarded.envelope as Pick<Parcel, 'method' | 'body'>
}

const GUARDS = {
    receive: guardResponse, enqueue: guardReceipts, immigrate: guardOutcome,
    mark: guardQuestionAnswer, promised: guardQuestionAnswer
}

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
