import type { Contact, Inspection } from '../paxos/inspect.js'
import type { Government } from '../paxos/messages/messages.js'
import type { Paxos } from '../paxos/paxos.js'
import type { Islander } from '../publisher/islander.js'
import type { IslanderHealth } from '../publisher/islander-types.js'
import type { MeasuredMember } from './measure.js'

/** The view of an engine and a publisher for metrics, live or replayed. */
export class EngineView implements MeasuredMember {
    readonly #paxos: Paxos
    readonly #islander: Islander

    constructor(paxos: Paxos, islander: Islander) {
        this.#paxos = paxos
        this.#islander = islander
    }

    get id(): string {
        return this.#paxos.id
    }

    get government(): Government {
        return this.#paxos.government
    }

    get published(): number {
        return this.#islander.tickets
    }

    get role(): Inspection['role'] {
        return this.#paxos.role
    }

    inspect(): Inspection {
        return this.#paxos.inspect()
    }

    contact(): Contact {
        return this.#paxos.contact()
    }

    health(): IslanderHealth {
        return this.#islander.health()
    }

    ticketOf(cookie: string): number | null {
        return this.#islander.ticketOf(cookie)
    }
}
