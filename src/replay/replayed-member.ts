import type { Shifter } from 'procession'
import { firstCursor, tapPushes } from '../base/queues.js'
import { applyWithEffects } from '../member/input-effects.js'
import type { Outcomes } from '../member/apply-input.js'
import type { Played } from '../member/inputs.js'
import { EngineView } from '../metrics/engine-view.js'
import type { MeasuredMember } from '../metrics/measure.js'
import type { Communique } from '../paxos/messages/mailbox.js'
import type { LogEntry, Republic } from '../paxos/messages/messages.js'
import type { Inspection } from '../paxos/inspect.js'
import { Paxos } from '../paxos/paxos.js'
import type { Stable } from '../paxos/replication/own-disk.js'
import type { AppointmentState, PaxosState } from '../paxos/state.js'
import { Islander } from '../publisher/islander.js'
import type {
    Dispatch, IslanderState, Settlement
} from '../publisher/islander-types.js'

/** The complete state of a member between two inputs. Survives JSON. */
export interface ReplayedState {
    readonly paxos: PaxosState
    readonly islander: IslanderState
}

/** What one input has led to. */
export interface Effects {
    /** The result of the input, for the caller: for `receive`, the answer to the other member. */
    readonly outcome: Outcomes[keyof Outcomes] | null
    /** The engine's requests to other members. */
    readonly calls: readonly Communique[]
    /** The publisher's batches for the leader. */
    readonly dispatches: readonly Dispatch[]
    /** The entries that the input has added to the log of the member. */
    readonly entries: readonly LogEntry[]
    /** The publishes of the member that the input has settled. */
    readonly settled: readonly Settlement[]
    /** The events that the input has put into the calendar, or moved there. */
    readonly appointments: readonly AppointmentState[]
}

/** A view of a replayed member, as of the last applied input. */
export interface MemberView extends MeasuredMember {
    /** The role of the member, as in `inspect()`, which takes longer. */
    readonly role: Inspection['role']
    /** The answer that the engine awaits from the disk of the member; `null` if it awaits none. */
    readonly awaited: Stable | null
    /** The complete state. Takes a time that grows with the number of held entries. */
    state(): ReplayedState
}

const NONE: readonly LogEntry[] = Object.freeze([])

function drain<T>(cursor: Shifter<T>): readonly T[] {
    const all: T[] = []
    for (let item = cursor.shift(); item !== null; item = cursor.shift()) {
        all.push(item)
    }
    return all
}

function isIn(calendar: readonly AppointmentState[], { key, when }: AppointmentState): boolean {
    return calendar.some((other) => other.key === key && other.when === when)
}

/**
 * The engine and the publisher of a member without a shell: nothing leaves the member. Applies
 * inputs as the member itself has applied the inputs.
 */
export class ReplayedMember extends EngineView implements MemberView {
    readonly #paxos: Paxos
    readonly #islander: Islander
    readonly #calls: Shifter<Communique>
    readonly #dispatches: Shifter<Dispatch>
    #enacted: LogEntry[] = []
    readonly #listEnacted = (): readonly LogEntry[] => this.#enacted

    private constructor(paxos: Paxos, islander: Islander) {
        super(paxos, islander)
        this.#paxos = paxos
        this.#islander = islander
        this.#calls = firstCursor(paxos.outbox)
        this.#dispatches = firstCursor(islander.outbox)
        tapPushes(paxos.log, (entry) => this.#enacted.push(entry))
    }

    /** A member without inputs. */
    static begin(id: string): ReplayedMember {
        return new ReplayedMember(new Paxos(0, null, id), new Islander(id))
    }

    /** @throws Error if the value is no state of the current version. */
    static restore({ paxos, islander }: ReplayedState): ReplayedMember {
        return new ReplayedMember(Paxos.restore(paxos), Islander.restore(islander))
    }

    state(): ReplayedState {
        return { paxos: this.#paxos.state(), islander: this.#islander.state() }
    }

    /** The name and the founding of the republic, as in the batches of the publisher. */
    get republic(): Republic | null {
        return this.#paxos.republic
    }

    get founding(): string {
        return this.#paxos.founding
    }

    /** The number of batches of the publisher that have failed in a row. */
    get failures(): number {
        return this.#islander.failures
    }

    get awaited(): Stable | null {
        return this.#paxos.disk.awaited
    }

    /** The committed entries that the engine holds, oldest first. */
    history(): readonly LogEntry[] {
        return this.#paxos.history(null) ?? []
    }

    /** The timers of the member, by the instants at which the timers are due. */
    calendar(): readonly AppointmentState[] {
        return this.#paxos.scheduler.calendar().map(({ when, key, body }) => ({ when, key, body }))
    }

    /** Applies an input, and forgets the effects except the entries. */
    advance(played: Played): readonly LogEntry[] {
        applyWithEffects(this.#paxos, this.#islander, played, this.#listEnacted)
        this.#islander.takeSettled()
        drain(this.#calls)
        drain(this.#dispatches)
        return this.#takeEnacted()
    }

    /** Applies an input, and returns the effects. */
    apply(played: Played): Effects {
        const paxos = this.#paxos
        const islander = this.#islander
        const before = paxos.scheduler.calendar()
        const outcome = applyWithEffects(paxos, islander, played, this.#listEnacted) ?? null
        const made = paxos.scheduler.calendar()
            .filter((event) => !before.includes(event) && !isIn(before, event))
        return {
            outcome,
            calls: drain(this.#calls),
            dispatches: drain(this.#dispatches),
            entries: this.#takeEnacted(),
            settled: islander.takeSettled(),
            appointments: made.map(({ when, key, body }) => ({ when, key, body }))
        }
    }

    #takeEnacted(): readonly LogEntry[] {
        const enacted = this.#enacted
        if (enacted.length === 0) {
            // The next input fills the empty list.
            return NONE
        }
        this.#enacted = []
        return enacted
    }
}
