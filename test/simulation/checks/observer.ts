import type { Settlement } from '../../../src/islander.js'
import type { Monotonic } from '../../../src/monotonic.js'
import { changesParliament, parliament } from '../../../src/paxos/government.js'
import type { LogEntry, Request } from '../../../src/paxos/message.js'
import { inside } from '../inside.js'
import type { Options } from '../plan.js'
import type { Resident } from '../resident.js'
import type { Tally } from '../tally.js'
import { demand } from '../violation.js'
import { Ballots } from './ballots.js'
import { Chronicle } from './chronicle.js'
import { Publishers } from './publishers.js'
import type { Recording } from './recording.js'
import { checkSuccession } from './succession.js'

/** How many appointments a member may have: to ping, to collapse, to try again. */
const APPOINTMENTS_MAX = 3

/** All that is known of one founding. */
export class Realm {
    readonly chronicle = new Chronicle()
    readonly publishers = new Publishers()
    readonly ballots = new Ballots()
}

/** What is told of each entry that nobody has delivered before. */
export type Announce = (by: Resident, entry: LogEntry) => void

/** Looks at each process after each of its steps, as far as it has changed. */
export class Observer {
    readonly realms = new Map<string, Realm>()
    readonly recordings = new Map<Resident, Recording>()
    readonly #options: Options
    readonly #tally: Tally
    readonly #announce: Announce
    /** Every process there ever was, by id and cookie. */
    readonly #processes = new Map<string, Resident>()

    constructor(options: Options, tally: Tally, announce: Announce) {
        this.#options = options
        this.#tally = tally
        this.#announce = announce
    }

    /** A process has begun. */
    know(resident: Resident): void {
        this.#processes.set(`${resident.id} ${resident.cookie}`, resident)
    }

    /** The republic that a process is in. */
    realmOf(resident: Resident): Realm {
        const { founding } = inside(resident.door.paxos).citizenship
        let realm = this.realms.get(founding)
        if (realm === undefined) {
            realm = new Realm()
            this.realms.set(founding, realm)
        }
        return realm
    }

    /** A process has taken a step. */
    look(resident: Resident): void {
        this.recordings.get(resident)?.take()
        this.deliver(resident)
        if (resident.isCitizen) {
            this.#stand(resident)
        }
        const calendar = resident.door.paxos.scheduler
        demand(calendar.calendar().length <= APPOINTMENTS_MAX, 'S12', () =>
            `${resident.id} has the appointments ${JSON.stringify(calendar.calendar())}`)
    }

    #stand(resident: Resident): void {
        const { memory } = resident
        const { acceptance, chain, citizenship } = inside(resident.door.paxos)
        const { promised, accepted } = acceptance
        const head = chain.promiseAt(chain.head)
        const isSame = promised === memory.promised && accepted === memory.accepted &&
            head === memory.head
        if (!isSame) {
            const after = { promised, accepted, head }
            this.realmOf(resident).ballots.stand(citizenship.immigrated, memory, after)
            Object.assign(memory, after)
        }
    }

    /** Takes what a process has delivered. */
    deliver(resident: Resident): void {
        for (const entry of resident.takeEntries()) {
            const realm = this.realmOf(resident)
            const { chronicle } = realm
            const { memory, id } = resident
            const reader = { id, position: memory.position }
            const isNew = chronicle.deliver(reader, entry)
            memory.position = reader.position
            memory.government = entry.method === 'government' ? entry.promise : memory.government
            if (isNew) {
                this.#append(realm, resident, entry)
            } else if (entry.method === 'government') {
                const first = chronicle.entries[reader.position]
                const text = JSON.stringify(entry.government)
                demand(first?.method === 'government' && JSON.stringify(first.government) === text,
                    'S7', () => `${id} has another ${entry.promise}: ${text}`)
            }
        }
    }

    #append(realm: Realm, resident: Resident, entry: LogEntry): void {
        const { chronicle, publishers, ballots } = realm
        const { position } = resident.memory
        const before = chronicle.governmentBefore(position)
        const parliaments = before === null ? [] : [before]
        if (entry.method === 'entry') {
            const { flushes, resubmissions } = publishers
            publishers.append(entry)
            this.#tally.entries++
            if (publishers.resubmissions > resubmissions) {
                this.#tally.reach('a publisher publishes again after a flush')
            }
            if (publishers.flushes > flushes) {
                this.#tally.reach('a flush appears')
            }
        } else {
            checkSuccession(before, entry, this.#options)
            this.#admit(realm, resident, entry.promise, entry)
            if (before === null || changesParliament(before, entry.government)) {
                parliaments.push(entry.government)
            }
            this.#countGovernment(entry, before?.majority[0])
        }
        ballots.choose(resident.door.paxos.immigrated, entry.promise, parliaments)
        this.#announce(resident, entry)
    }

    #admit(realm: Realm, by: Resident, promise: Monotonic, entry: LogEntry): void {
        const immigrate = 'majority' in entry.body ? entry.body.immigrate : null
        if (immigrate === null) {
            return
        }
        const { id, cookie } = immigrate
        const process = cookie === 0 ? by : this.#processes.get(`${id} ${cookie}`)
        demand(process !== undefined, 'S7', () => `${promise} admits ${id}, whom nobody knows`)
        if (process !== undefined) {
            realm.publishers.admit(promise, process)
        }
    }

    #countGovernment(
        { body, government }: Extract<LogEntry, { method: 'government' }>,
        leader: string | undefined
    ): void {
        const tally = this.#tally
        tally.governments++
        const kinds = [
            [body.immigrate !== null, 'a government admits'],
            [body.naturalize !== null, 'a government naturalizes'],
            [body.exile !== null, 'a government exiles'],
            [body.promote !== null, 'a government promotes'],
            [body.demote !== null, 'a government demotes'],
            [body.map === null, 'a government follows a collapse'],
            [Object.keys(body.map ?? {}).length !== 0, 'a government maps what waits'],
            [leader !== undefined && leader !== government.majority[0],
                'a government changes its leader'],
            [parliament(government).length === 1 && body.demote !== null,
                'a parliament shrinks to one']
        ] as const
        for (const [is, what] of kinds) {
            if (is) {
                tally.reach(what)
            }
        }
        const changes = [body.immigrate, body.naturalize, body.exile, body.promote, body.demote]
        if (body.map === null) {
            tally.elections++
        } else if (changes.every((change) => change === null)) {
            tally.reach('a government only moves seats')
        }
    }

    /** A process is told that publishes of its own have appeared. */
    settle(resident: Resident, settlements: readonly Settlement[]): void {
        if (settlements.length === 0) {
            return
        }
        this.deliver(resident)
        const { publishers } = this.realmOf(resident)
        const { immigrated } = inside(resident.door.paxos).citizenship
        for (const settlement of settlements) {
            publishers.settle(immigrated, settlement)
        }
    }

    /** Looks whether a request that is not for a process changes anything in it: S9. */
    receive(resident: Resident, request: Request): () => void {
        const { paxos } = resident.door
        const { citizenship } = inside(paxos)
        const { republic, founding, to } = request
        const isForIt = republic === paxos.republic && to.id === paxos.id &&
            founding === citizenship.founding && to.immigrated === paxos.immigrated
        if (isForIt || !citizenship.isCitizen) {
            return () => {}
        }
        const before = JSON.stringify(paxos.inspect())
        return () => {
            const after = JSON.stringify(paxos.inspect())
            demand(before === after, 'S9', () =>
                `${resident.id} takes what is not for it: ${JSON.stringify(request)}`)
        }
    }
}
