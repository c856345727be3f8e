import type { Monotonic } from '../base/monotonic.js'
import type { Played } from '../member/inputs.js'
import type { Inspection } from '../paxos/inspect.js'
import { type DiskWait, DiskWaits } from './disk-waits.js'
import type { ReplayedInput } from './replay-pass.js'
import type { Replayer } from './replayer.js'

/** The part of a member in a history. */
export interface HistoryLane {
    readonly member: string
    readonly replayer: Replayer
    /** The numbers of the first and the last input; `last` is `first - 1` without inputs. */
    readonly first: number
    readonly last: number
    /** The instants of the first and the last input, by the clock of the member; 0 without one. */
    readonly from: number
    readonly to: number
    /** The last entry that the inputs add to the log of the member; `null` without one. */
    readonly head: Monotonic | null
    /** The inputs at which a new process of the member began. */
    readonly starts: readonly number[]
    /** The changes of the role. */
    readonly roles: readonly HistoryRole[]
    /** The waits of the member, as a leader, for its disk: those of 10 ms or more. */
    readonly diskWaits: readonly DiskWait[]
}

/** The role of a member from an input on. */
export interface HistoryRole {
    readonly number: number
    readonly when: number
    readonly role: Inspection['role']
    /** The government in force at the member. */
    readonly government: Monotonic
}

/** The methods of the inputs at which a process begins. */
export const STARTS: ReadonlySet<Played['method']> = new Set(['birth', 'revive'])

/** A lane that grows by one step after another. */
export class GrowingLane implements HistoryLane {
    readonly member: string
    readonly replayer: Replayer
    readonly first: number
    readonly starts: number[] = []
    readonly roles: HistoryRole[] = []
    /** The number of the input that scheduled the event, by the number of the event. */
    readonly timers: Map<number, number> = new Map()
    head: Monotonic | null = null
    readonly #diskWaits = new DiskWaits()
    readonly #when: number[] = []
    readonly #methods: Played['method'][] = []
    /** The instant of each appointment, and the number of the input that made it, by key. */
    readonly #calendar = new Map<string, readonly [number, number]>()

    constructor(replayer: Replayer) {
        this.member = replayer.id
        this.replayer = replayer
        this.first = replayer.first
    }

    get last(): number {
        return this.first + this.#when.length - 1
    }

    get from(): number {
        return this.#when[0] ?? 0
    }

    get to(): number {
        return this.#when[this.#when.length - 1] ?? 0
    }

    get diskWaits(): readonly DiskWait[] {
        return this.#diskWaits.all
    }

    /** The instant of an input; `null` if the lane has no such input. */
    whenOf(number: number): number | null {
        return this.#when[number - this.first] ?? null
    }

    /** The method of an input; `null` if the lane has no such input. */
    methodOf(number: number): Played['method'] | null {
        return this.#methods[number - this.first] ?? null
    }

    note(step: ReplayedInput): void {
        const { number, played, member, appointments, entries } = step
        this.#diskWaits.note(step)
        const { when, method, body } = played
        this.#when.push(when)
        this.#methods.push(method)
        this.head = entries[entries.length - 1]?.promise ?? this.head
        if (STARTS.has(method)) {
            this.starts.push(number)
        }
        if (method === 'event') {
            const [due, made] = this.#calendar.get(body.key) ?? [null, 0]
            if (due === body.when) {
                this.timers.set(number, made)
            }
        }
        for (const appointment of appointments) {
            this.#calendar.set(appointment.key, [appointment.when, number])
        }
        const { role, government: { promise: government } } = member
        const last = this.roles[this.roles.length - 1]
        if (last?.role !== role || last.government !== government) {
            this.roles.push({ number, when, role, government })
        }
    }
}
