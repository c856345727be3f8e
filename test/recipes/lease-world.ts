import assert from 'node:assert/strict'
import { onAbort, type WaitOptions } from '../../src/base/abort-signal.js'
import type { ApplicationEntry } from '../../src/colleague/application.js'
import { KibitzError } from '../../src/index.js'
import type { Government } from '../../src/paxos/messages/messages.js'
import type { ComposedPart, PartHost } from '../../src/recipes/part.js'

/** A source of chance with a seed. */
export class Chance {
    #state: number

    constructor(seed: number) {
        this.#state = (seed * 2_654_435_761) >>> 0
    }

    /** A number in [0, 1). */
    next(): number {
        this.#state = (this.#state + 0x6d2b79f5) >>> 0
        let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    }

    /** A whole number in [from, to]. */
    within(from: number, to: number): number {
        return from + Math.floor(this.next() * (to - from + 1))
    }
}

/** An entry of the simulated log: a command, or the exile of a member. */
interface WorldEntry {
    readonly promise: string
    readonly publisher: string
    readonly body: unknown
    readonly exiled: string | null
}

interface Due {
    readonly at: number
    readonly order: number
    readonly of: WorldMember | null
    readonly run: () => void
}

/** The faults of a world. */
export interface WorldFaults {
    /** The rates of the members' clocks. */
    readonly rates: readonly number[]
    /** The longest delay of a publish, and of an entry on its way to a member, in ms. */
    readonly delayMax: number
}

/** A member of the world: one process with its own clock. */
export class WorldMember {
    readonly id: string
    readonly part: ComposedPart<unknown, unknown>
    readonly rate: number
    readonly offset: number
    readonly closing: AbortController = new AbortController()
    /** The virtual time at which a pause ends. */
    pausedUntil = 0
    /** Whether the network carries nothing to and from this member. */
    isCut = false
    applied = 0
    appliesAt = 0
    readonly waits: Map<string, (outcome: unknown) => void> = new Map()

    constructor(id: string, part: ComposedPart<unknown, unknown>, rate: number, offset: number) {
        this.id = id
        this.part = part
        this.rate = rate
        this.offset = offset
    }
}

/**
 * Members that share a log in virtual time. Each member has a clock of its own rate, applies the
 * log with its own lag, and may be paused, cut off or exiled. The log itself never fails.
 */
export class LeaseWorld {
    time = 0
    /** The index of the member that leads. */
    leader = 0
    readonly members: readonly WorldMember[]
    readonly chance: Chance
    readonly #faults: WorldFaults
    readonly #log: WorldEntry[] = []
    #due: Due[] = []
    #order = 0
    #published = 0

    constructor(
        seed: number, faults: WorldFaults, make: () => ComposedPart<never, unknown>
    ) {
        this.chance = new Chance(seed)
        this.#faults = faults
        this.members = faults.rates.map((rate, index) => {
            const part = make() as ComposedPart<unknown, unknown>
            const id = 'abcde'[index] ?? '?'
            return new WorldMember(id, part, rate, this.chance.within(0, 1_000_000))
        })
        for (const member of this.members) {
            member.part.attach?.(this.#hostOf(member))
        }
    }

    /** Whether a member runs at this instant. */
    isRunning(member: WorldMember): boolean {
        return this.time >= member.pausedUntil
    }

    /** Resolves after some time of a member's clock. */
    sleep(member: WorldMember, ms: number): Promise<void> {
        return new Promise((resolve) => this.#at(ms / member.rate, member, resolve))
    }

    /** Calls a function of the world, at a virtual time from now. */
    plan(ms: number, run: () => void): void {
        this.#at(ms, null, run)
    }

    /** Appends the exile of a member to the log. */
    exile(id: string): void {
        this.#append({ publisher: '', body: null, exiled: id })
    }

    /** Lets the network carry again. */
    heal(): void {
        for (const member of this.members) {
            member.isCut = false
            this.#deliver(member)
        }
    }

    /** Runs until nothing is due, or until a time. Calls `check` after each step. */
    async run(until: number, check: () => void): Promise<void> {
        for (;;) {
            const next = this.#due.reduce<Due | null>((first, due) =>
                first === null || due.at < first.at
                    || (due.at === first.at && due.order < first.order) ? due : first, null)
            if (next === null || next.at > until) {
                return
            }
            this.#due = this.#due.filter((due) => due !== next)
            this.time = Math.max(this.time, next.at)
            if (next.of !== null && !this.isRunning(next.of)) {
                // The events of a paused process happen after the pause, in their order.
                this.#due.push({ ...next, at: next.of.pausedUntil })
                continue
            }
            next.run()
            await new Promise(setImmediate)
            check()
        }
    }

    #at(ms: number, of: WorldMember | null, run: () => void): () => void {
        const due = { at: this.time + ms, order: this.#order++, of, run }
        this.#due.push(due)
        return () => {
            this.#due = this.#due.filter(({ order }) => order !== due.order)
        }
    }

    #append(entry: Omit<WorldEntry, 'promise'>): string {
        const promise = `1/${(this.#log.length + 1).toString(16)}`
        this.#log.push({ ...entry, promise })
        for (const member of this.members) {
            this.#deliver(member)
        }
        return promise
    }

    /** Plans the next entry of a member's log. */
    #deliver(member: WorldMember): void {
        if (member.appliesAt !== 0 || member.isCut || member.applied >= this.#log.length) {
            return
        }
        member.appliesAt = this.time
        this.#at(this.chance.next() * this.#faults.delayMax, member, () => {
            member.appliesAt = 0
            const entry = this.#log[member.applied]
            if (!member.isCut && entry !== undefined) {
                member.applied++
                this.#apply(member, entry)
                this.#deliver(member)
            }
        })
    }

    #apply(member: WorldMember, { promise, publisher, body, exiled }: WorldEntry): void {
        if (exiled !== null) {
            const gone = this.#log.slice(0, member.applied).map((entry) => entry.exiled)
            const ids = this.members.map(({ id }) => id).filter((id) => !gone.includes(id))
            const government = {
                promise, immigrated: { promise: Object.fromEntries(ids.map((id) => [id, '1/0'])) }
            } as unknown as Government
            void member.part.governed?.(government, {} as never)
            return
        }
        const entry = { promise, publisher, immigrated: '1/0', body: JSON.parse(String(body)) }
        const result = member.part.apply(entry as ApplicationEntry<never>)
        if (publisher === member.id) {
            member.waits.get(promise)?.({ promise, result })
            member.waits.delete(promise)
        }
    }

    #hostOf(member: WorldMember): PartHost {
        const world = this
        return {
            session: `${member.id}-session`,
            id: member.id,
            immigrated: '1/0',
            get isLeader() { return member === world.members[world.leader] },
            closed: member.closing.signal,
            now: () => this.time * member.rate + member.offset,
            random: () => this.chance.next(),
            after: (ms, call) => this.#at(Math.max(ms, 1) / member.rate, member, call),
            later: (call) => { this.#at(0, member, call) },
            barrier: () => Promise.reject(new Error('The world has no barrier.')),
            read: () => Promise.reject(new Error('The world has no read.')),
            publish: (command, waiting) => this.#publish(member, command, waiting ?? {})
        }
    }

    #publish(member: WorldMember, command: unknown, { timeout, signal }: WaitOptions):
        Promise<never> {
        member.part.validate?.(command)
        const body = JSON.stringify(command)
        return new Promise((resolve, reject) => {
            const send = (): void => {
                if (member.isCut) {
                    // The publisher tries again until the network heals.
                    this.#at(50, member, send)
                    return
                }
                const isExiled = this.#log.some(({ exiled }) => exiled === member.id)
                if (isExiled) {
                    reject(new KibitzError('exiled', 'The republic has exiled this member.'))
                    return
                }
                const promise = this.#append({ publisher: member.id, body, exiled: null })
                member.waits.set(promise, resolve as (outcome: unknown) => void)
            }
            this.#at(this.chance.next() * this.#faults.delayMax, member, send)
            if (timeout !== undefined) {
                assert(timeout >= 1)
                this.#at(timeout / member.rate, member, () =>
                    reject(new KibitzError('timed-out', 'The publish took too long.')))
            }
            if (signal !== undefined && signal !== null) {
                onAbort(signal, () =>
                    reject(new KibitzError('aborted', 'The publish was aborted.')))
            }
            this.#published++
        })
    }

    /** The number of published commands. */
    get published(): number {
        return this.#published
    }
}
