import assert from 'node:assert/strict'
import type { Batch, Logged, Member, Settle, Terms } from './member.js'

/** No settling takes more rounds than this; one that does has found a loop without an end. */
const ROUNDS_MAX = 2_000

/** What one run of a scenario leaves behind, to be compared. */
export interface Outcome {
    /** By id, the log of each member that is alive at the end. */
    readonly logs: ReadonlyMap<string, readonly Logged[]>
    /** The log of each member that crashed, as it was then. An id that came back may be twice. */
    readonly crashed: readonly { readonly id: string, readonly log: readonly Logged[] }[]
    /** By id, what each member was told to publish, in order. */
    readonly published: ReadonlyMap<string, readonly string[]>
    /** By id, how much each living member still waits for. */
    readonly waiting: ReadonlyMap<string, number>
}

/** What crosses from one member to another crosses as JSON, as it would on a wire. */
function overWire(value: unknown): unknown {
    return value === null || value === undefined ? null : JSON.parse(JSON.stringify(value))
}

/**
 * The clock and the network of one republic, for either side. Everything is delivered in rounds, in
 * the order in which the members came, so a scenario runs the same way each time: in a round what
 * is due fires, then batches go to the leader, then the communiques of the round go out and are
 * answered. Time stands still until `pass` moves it.
 */
export class Island {
    #now = 1_000
    readonly #settle: Settle
    readonly #terms: Terms
    readonly #members = new Map<string, Member>()
    readonly #crashed: { id: string, log: readonly Logged[] }[] = []
    readonly #severed = new Set<string>()
    readonly #lastBatch = new Map<string, Batch>()
    readonly #published = new Map<string, string[]>()
    /** When a member with a refused batch may try again; without this value the try never ends. */
    readonly #resumeAt = new Map<string, number>()

    constructor(settle: Settle, terms: Terms) {
        this.#settle = settle
        this.#terms = terms
    }

    bootstrap(id: string): void {
        this.#create(id).bootstrap(this.#now)
    }

    /** A newcomer joins and the leader takes its immigration, which is then under way. */
    immigrate(id: string, naturalized = false): void {
        const leader = this.#leader()
        const newcomer = this.#create(id)
        newcomer.join(this.#now)
        assert(leader.admit(this.#now, newcomer, naturalized), `${id} is not admitted`)
    }

    naturalize(...ids: string[]): void {
        for (const id of ids) {
            this.#member(id).naturalize()
        }
    }

    publish(id: string, ...bodies: string[]): void {
        for (const body of bodies) {
            this.#member(id).publish(body)
            this.#published.get(id)?.push(body)
        }
    }

    /** The member is gone, and everything it remembered with it. */
    crash(...ids: string[]): void {
        for (const id of ids) {
            this.#crashed.push({ id, log: this.#member(id).log() })
            this.#members.delete(id)
        }
    }

    /** Nothing passes between the two any more, in either direction. */
    sever(left: string, right: string): void {
        this.#severed.add(`${left} ${right}`).add(`${right} ${left}`)
    }

    mend(): void {
        this.#severed.clear()
    }

    ids(): string[] {
        return [...this.#members.keys()]
    }

    leader(): string {
        return this.#leader().id
    }

    /** Hands every batch to the leader, and tells whether there was any. */
    submit(): boolean {
        let busy = false
        for (const member of this.#members.values()) {
            if (!this.#mayTry(member)) {
                continue
            }
            for (const batch of member.takeBatches()) {
                this.#submitBatch(member, batch)
                busy = true
            }
        }
        return busy
    }

    /** Delivers until the next batch has come to the leader, and nothing after that. */
    untilSubmitted(): void {
        for (let round = 0; !this.submit(); round++) {
            assert(round < ROUNDS_MAX, 'no batch is submitted')
            this.#tick()
            this.#deliver()
        }
    }

    /** Delivers until no member has a message to send or an event due at this instant. */
    settle(): void {
        for (let round = 0; this.round(); round++) {
            assert(round < ROUNDS_MAX, 'the republic does not settle')
        }
    }

    round(): boolean {
        const fired = this.#tick()
        const submitted = this.submit()
        return this.#deliver() || fired || submitted
    }

    /** Settles, then lets so many pings go by, settling after each. */
    pass(pings = 1): void {
        this.settle()
        for (let ping = 0; ping < pings; ping++) {
            this.#now += this.#terms.ping
            this.settle()
        }
    }

    outcome(): Outcome {
        const members = [...this.#members.values()]
        return {
            logs: new Map(members.map((member) => [member.id, member.log()])),
            crashed: this.#crashed,
            published: this.#published,
            waiting: new Map(members.map((member) => {
                const { waiting, pending } = member.health()
                return [member.id, waiting + pending]
            }))
        }
    }

    /** What was handed over last comes to the leader once more, long after it was answered. */
    repeatBatch(id: string): void {
        const batch = this.#lastBatch.get(id)
        assert(batch !== undefined, `${id} has submitted nothing`)
        this.#leader().enqueue(this.#now, structuredClone(batch))
    }

    #tick(): boolean {
        let fired = false
        for (const member of this.#members.values()) {
            fired = member.tick(this.#now) || fired
        }
        return fired
    }

    #create(id: string): Member {
        assert(!this.#members.has(id), `${id} already lives`)
        const member = this.#settle(id, this.#terms, this.#now)
        this.#members.set(id, member)
        this.#published.set(id, this.#published.get(id) ?? [])
        this.#resumeAt.delete(id)
        return member
    }

    #member(id: string): Member {
        const member = this.#members.get(id)
        assert(member !== undefined, `${id} does not live`)
        return member
    }

    /** The leader according to the living member with the latest government. */
    #leader(): Member {
        const best = [...this.#members.values()].reduce((left, right) => {
            return term(left) >= term(right) ? left : right
        })
        return this.#member(best.leader() ?? best.id)
    }

    #reachable(from: string, to: string | null): Member | null {
        if (to === null || this.#severed.has(`${from} ${to}`)) {
            return null
        }
        return this.#members.get(to) ?? null
    }

    #mayTry(member: Member): boolean {
        const at = this.#resumeAt.get(member.id)
        if (at === undefined) {
            return true
        }
        if (at > this.#now) {
            return false
        }
        this.#resumeAt.delete(member.id)
        member.retry(this.#now)
        return true
    }

    #submitBatch(member: Member, batch: Batch): void {
        this.#lastBatch.set(member.id, batch)
        const leader = this.#reachable(member.id, member.leader())
        const receipts = leader?.enqueue(this.#now, structuredClone(batch)) ?? null
        if (receipts === null) {
            this.#resumeAt.set(member.id, this.#now + this.#terms.ping)
        }
        member.sent(this.#now, batch.cookie, receipts)
    }

    #deliver(): boolean {
        const sent = [...this.#members.values()].map((sender) => {
            return { sender, communiques: sender.takeCommuniques() }
        })
        for (const { sender, communiques } of sent) {
            for (const communique of communiques) {
                for (const { to, request } of communique.envelopes) {
                    const addressee = this.#reachable(sender.id, to)
                    const response = addressee?.request(this.#now, overWire(request))
                    communique.responses[to] = overWire(response)
                }
                sender.response(this.#now, communique.cookie, communique.responses)
            }
        }
        return sent.some(({ communiques }) => communiques.length !== 0)
    }
}

/** The number of the latest government a member knows of, or zero. */
function term(member: Member): number {
    const last = member.log().at(-1)
    return last === undefined ? 0 : Number.parseInt(last.promise, 16)
}
