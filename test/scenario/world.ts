import assert from 'node:assert/strict'
import { dispatchedHere } from '../../src/member/relay.js'
import type { BatchReply, Message } from '../../src/publisher/islander-types.js'
import type { LogEntry, Request, Response } from '../../src/paxos/messages/messages.js'
import type { PaxosOptions } from '../../src/paxos/options.js'
import { type Output, Resident } from './resident.js'
import * as words from './words.js'

/** A message in the air, and the caller that awaits the answer. */
export type Flight = { readonly from: string, readonly to: string, readonly sender: Resident } & (
    | { readonly kind: 'request', readonly cookie: string, readonly body: Request }
    | { readonly kind: 'response', readonly cookie: string, readonly body: Response | null }
    | { readonly kind: 'batch', readonly cookie: string, readonly body: readonly Message[] }
    | {
        readonly kind: 'receipts'
        readonly cookie: string
        readonly body: BatchReply | null
    }
)

/** More deliveries at one instant than any correct exchange needs. */
const DELIVERIES_MAX = 100_000

/** Tells a publisher the end of a dispatch. */
function takeReply({ islander }: Resident, cookie: string, reply: BatchReply | null): void {
    const { promises, refused } = dispatchedHere(reply)
    islander.sent(cookie, promises, refused)
}

/** When a member's next appointment is due. */
function nextOf({ paxos }: Resident): number {
    return paxos.scheduler.next() ?? Number.POSITIVE_INFINITY
}

/**
 * Members, a clock that is wound by hand, and the air between them. Every message is told when it
 * is said; it arrives when it is delivered, at once and in order, unless it is taken out.
 */
export class World {
    now = 1_000_000
    /** The events since the last call of `take`, one line each. */
    told: string[] = []
    /** Whether messages and appointments are printed, or only their results. */
    isLoud = true
    showsMinimum = false
    air: Flight[] = []
    /** The messages that are kept back until they are released. */
    held: Flight[] = []
    readonly members = new Map<string, Resident>()
    readonly #cuts = new Set<string>()
    readonly #bodies = new Map<string, string>()
    readonly #heads = new Map<Resident, string>()
    readonly #exiles = new Set<Resident>()
    readonly #options: PaxosOptions
    readonly #isRestored: boolean

    /** @param isRestored Whether every member is restored from its state after each input. */
    constructor(options: PaxosOptions, isRestored: boolean) {
        this.#options = options
        this.#isRestored = isRestored
    }

    /** Starts a process under an id, in the place of any other. */
    start(id: string): Resident {
        const resident = new Resident(this.now, id, this.#options, this.#isRestored)
        this.members.set(id, resident)
        return resident
    }

    /** The process that lives, or lived, under an id. */
    of(id: string): Resident {
        const resident = this.members.get(id)
        assert(resident !== undefined, `nobody is called ${id}`)
        return resident
    }

    /** Every process that lives. */
    living(): readonly Resident[] {
        return [...this.members.values()].filter(({ isAlive }) => isAlive)
    }

    /** Loses every message from the one to the other from now on. */
    cut(from: string, to: string): void {
        this.#cuts.add(`${from} ${to}`)
    }

    /** Loses no message from now on. */
    heal(): void {
        this.#cuts.clear()
    }

    /** Prints a line. */
    tell(line: string): void {
        this.told.push(line)
    }

    #whisper(line: string): void {
        if (this.isLoud) {
            this.told.push(line)
        }
    }

    /** Takes the printed lines. */
    takeTold(): readonly string[] {
        return this.told.splice(0)
    }

    /** Gives a member an input and emits its outputs. */
    act<T>(resident: Resident, input: (resident: Resident) => T): T {
        const outcome = input(resident)
        this.#emit(resident, resident.take(this.now))
        return outcome
    }

    #emit(resident: Resident, { enacted, settled, communiques, dispatches }: Output): void {
        const { id } = resident
        for (const entry of enacted) {
            this.#check(resident, entry)
            this.tell(`${id} ${words.enacted(entry)}`)
        }
        for (const { body, promise } of settled) {
            this.tell(`${id} settled ${body} at ${promise}`)
        }
        if (resident.paxos.exiled && !this.#exiles.has(resident)) {
            this.#exiles.add(resident)
            this.tell(`${id} is exiled`)
        }
        for (const { cookie, envelopes } of communiques) {
            for (const { to, request: body } of envelopes) {
                this.#say({ kind: 'request', from: id, to, sender: resident, cookie, body })
            }
        }
        for (const { cookie, messages: body } of dispatches) {
            const to = resident.paxos.government.majority[0] ?? id
            this.#say({ kind: 'batch', from: id, to, sender: resident, cookie, body })
        }
    }

    /** Equal promises carry equal entries, and `previous` links are unbroken. */
    #check(resident: Resident, entry: LogEntry): void {
        const { promise, previous } = entry
        const head = this.#heads.get(resident)
        assert(head === undefined || head === previous, `${promise} follows ${head}`)
        this.#heads.set(resident, promise)
        const text = JSON.stringify(entry)
        assert.equal(text, this.#bodies.get(promise) ?? text, `two entries bear ${promise}`)
        this.#bodies.set(promise, text)
    }

    #say(flight: Flight): void {
        this.#whisper(this.describe(flight))
        if (flight.kind === 'batch' && flight.to === flight.from) {
            // A message to the member itself is played, not sent.
            const { sender, cookie } = flight
            const body = this.act(sender, ({ paxos }) =>
                paxos.enqueueAll(this.now, 'republic', flight.body))
            this.#whisper(this.describe({ ...flight, kind: 'receipts', body }))
            this.act(sender, (resident) => takeReply(resident, cookie, body))
        } else {
            this.air.push(flight)
        }
    }

    /** A message in words: caller, addressee, and request or answer. */
    describe(flight: Flight): string {
        const { from, to } = flight
        switch (flight.kind) {
            case 'request':
                return `${from} → ${to} ${words.request(flight.body, this.showsMinimum)}`
            case 'response':
                return `${from} ← ${to} ${words.response(flight.body, this.showsMinimum)}`
            case 'batch':
                return `${from} → ${to} ${words.batch(flight.body)}`
            case 'receipts':
                return `${from} ← ${to} ${words.receipts(flight.body)}`
            default:
                return flight satisfies never
        }
    }

    /** Delivers one message. */
    deliver(flight: Flight): void {
        const { from, to, sender } = flight
        const isAnswer = flight.kind === 'response' || flight.kind === 'receipts'
        if (this.#cuts.has(isAnswer ? `${to} ${from}` : `${from} ${to}`)) {
            this.#whisper(`lost: ${this.describe(flight)}`)
        } else if (isAnswer && sender.isAlive) {
            this.act(sender, (resident) => {
                if (flight.kind === 'response') {
                    resident.hear(this.now, to, flight.cookie, flight.body)
                } else {
                    takeReply(resident, flight.cookie, flight.body)
                }
            })
        } else if (!isAnswer) {
            this.#ask(flight)
        }
    }

    #ask(flight: Flight & { readonly kind: 'request' | 'batch' }): void {
        const resident = this.members.get(flight.to)
        const isThere = resident?.isAlive === true
        const { now } = this
        if (flight.kind === 'request') {
            const body = isThere
                ? this.act(resident, ({ paxos }) => paxos.request(now, flight.body))
                : null
            this.#say({ ...flight, kind: 'response', body })
        } else {
            const body = isThere
                ? this.act(resident, ({ paxos }) => paxos.enqueueAll(now, 'republic', flight.body))
                : null
            this.#say({ ...flight, kind: 'receipts', body })
        }
    }

    /** Delivers the messages in the air, and the messages that follow, until no message is left. */
    settle(): void {
        let deliveries = 0
        for (let flight = this.air.shift(); flight !== undefined; flight = this.air.shift()) {
            assert(++deliveries < DELIVERIES_MAX, 'this exchange does not come to an end')
            this.deliver(flight)
        }
    }

    /** Winds the clock on, and fires each due appointment exactly on time. */
    wind(durationMs: number, between: () => void): void {
        const until = this.now + durationMs
        const begin = this.now
        for (;;) {
            between()
            const next = Math.min(...this.living().map((resident) => nextOf(resident)))
            if (next > until) {
                this.now = until
                return
            }
            this.now = Math.max(this.now, next)
            this.#fire(`+${this.now - begin}`)
        }
    }

    #fire(at: string): void {
        for (const resident of this.living()) {
            if (nextOf(resident) <= this.now) {
                this.act(resident, () => {
                    for (const fired of resident.check(this.now)) {
                        this.#whisper(`${at} ${resident.id} ${fired}`)
                    }
                })
            }
        }
    }
}
