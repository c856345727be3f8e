import type { Played } from '../member/inputs.js'
import { Relay } from '../member/relay.js'
import { beginMember } from '../replay/recording.js'
import type { ReplayedMember } from '../replay/replayed-member.js'
import type { AppointmentState } from '../paxos/state.js'
import type { VariantMember } from './variant.js'

/** The `timeout` of members that are not born yet, in milliseconds. */
const TIMEOUT_MS = 1000

/**
 * The engine of a member at the point.
 *
 * @throws KibitzError `journal-damaged` if the state is no state of this version.
 */
export function memberAt({ id, state }: VariantMember): ReplayedMember {
    return beginMember({ id, first: 1, inputs: [], start: state })
}

/** The longest `timeout` of the members, in milliseconds. The states must be checked. */
export function timeoutOf(members: readonly VariantMember[]): number {
    return members.reduce((most, { state }) =>
        Math.max(most, state?.paxos.options.timeout ?? 0), 0) || TIMEOUT_MS
}

/** A member of a variant: the engine and the publisher, with the surroundings of a process. */
export class VariantProcess {
    readonly id: string
    /** How far the clock of the member is ahead, in milliseconds. */
    readonly offsetMs: number
    readonly member: ReplayedMember
    /** Whether the member has a journal, as at the point. */
    readonly hasDisk: boolean
    isRunning: boolean
    /** Counts the processes of the member: a new process waits for no earlier answer. */
    life = 0
    relay: Relay = new Relay()
    /** The instant of the last input, by the clock of the member. */
    lastWhen: number
    /** The inputs after the point. */
    readonly inputs: Played[] = []
    /** Runs after the next input; `null` if nothing waits for that input. */
    afterNext: (() => void) | null = null
    /** The timer that a change delays, and the end of the delay by the clock of the member. */
    delayed: { readonly key: string, until: number } | null = null
    /** The instant of the next check of the timers. */
    armedFor: number | null = null

    /** @throws KibitzError `journal-damaged` if the state is no state of this version. */
    constructor(begun: VariantMember) {
        const { id, offsetMs, state, isRunning } = begun
        this.id = id
        this.offsetMs = offsetMs
        this.isRunning = isRunning
        this.member = memberAt(begun)
        this.hasDisk = state?.paxos.disk !== undefined
        this.lastWhen = state?.paxos.time.clock ?? 0
    }

    /** Stops the process. */
    stop(): void {
        this.isRunning = false
        this.life++
        this.armedFor = null
    }

    /** Starts a process, after an earlier one or for the first time. */
    start(): void {
        this.stop()
        this.isRunning = true
        this.relay = new Relay()
    }

    /** When a timer is due, by the clock of the member. */
    #dueAt({ key, when }: AppointmentState): number {
        const { delayed } = this
        return delayed?.key === key ? Math.max(when, delayed.until) : when
    }

    /** When the next timer is due; `null` without timers. */
    get nextDue(): number | null {
        const [first, ...others] = this.member.calendar().map((each) => this.#dueAt(each))
        return first === undefined ? null : Math.min(first, ...others)
    }

    /** The timers that are due. */
    dueBy(now: number): readonly AppointmentState[] {
        return this.member.calendar().filter((each) => this.#dueAt(each) <= now)
    }

    /** Whether a timer is still in the calendar: an earlier one may have moved it. */
    isScheduled({ key, when }: AppointmentState): boolean {
        return this.member.calendar().some((each) => each.key === key && each.when === when)
    }
}
