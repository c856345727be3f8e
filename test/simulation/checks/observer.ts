import type { Settlement } from '../../../src/publisher/islander-types.js'
import type { Monotonic } from '../../../src/base/monotonic.js'
import type { Government } from '../../../src/paxos/messages/messages.js'
import type { LogEntry, Request } from '../../../src/paxos/messages/messages.js'
import { inside } from '../inside.js'
import type { Options } from '../plan.js'
import type { Resident } from '../resident.js'
import type { Tally } from '../tally.js'
import { demand, fail } from '../violation.js'
import { Ballots, ownerOf } from './ballots.js'
import { boundsOf, checkBounds, sizesOf } from './bounds.js'
import { Chronicle } from './chronicle.js'
import { Elections } from './elections.js'
import { changesParliament, parliament } from './law.js'
import { noteOffice } from './offices.js'
import { Publishers } from './publishers.js'
import type { Recording } from './recording.js'
import { noteReturn } from './returns.js'
import { Roll } from './roll.js'
import { checkSuccession } from './succession.js'

/** Of how many steps of a member one is followed by a look at how much it holds. */
const STEPS_A_LOOK = 16

/** Where nothing is to be looked at afterwards. */
const NOTHING = (): void => {}

/** All that is known of one founding. */
export class Realm {
    readonly chronicle = new Chronicle()
    readonly publishers = new Publishers()
    readonly ballots = new Ballots()
    readonly elections = new Elections()
    readonly roll = new Roll()
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
    /** Each government as its first reader had it. */
    readonly #texts = new WeakMap<Government, string>()
    /** The realm that was asked for last. */
    #latest: { readonly founding: string; readonly realm: Realm } | null = null

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
        if (this.#latest?.founding === founding) {
            return this.#latest.realm
        }
        let realm = this.realms.get(founding)
        if (realm === undefined) {
            realm = new Realm()
            this.realms.set(founding, realm)
        }
        this.#latest = { founding, realm }
        return realm
    }

    /** A process has taken a step. */
    look(resident: Resident): void {
        if (this.recordings.size !== 0) {
            this.recordings.get(resident)?.take()
        }
        this.deliver(resident)
        if (resident.isCitizen) {
            this.#stand(resident)
        }
        if (resident.memory.steps++ % STEPS_A_LOOK === 0) {
            checkBounds(resident.id, sizesOf(resident), boundsOf(resident))
        }
        noteOffice(resident, this.#tally)
        noteReturn(resident, this.#tally)
        const { exiled, scheduler } = resident.door.paxos
        if (exiled && scheduler.next() !== null) {
            const left = JSON.stringify(scheduler.calendar())
            fail('S12', `${resident.id} is exiled and has the appointments ${left}`)
        }
    }

    /** Where it stands is noted when others may see what follows from that. */
    #stand(resident: Resident): void {
        const { door, memory, seen } = resident
        const { acceptance, citizenship, log } = inside(door.paxos)
        const { promised, accepted } = acceptance
        const head = log.promiseAt(log.head)
        const isVote = promised !== seen.promised || accepted !== seen.accepted
        if (!isVote && head === seen.head) {
            return
        }
        Object.assign(seen, { promised, accepted, head })
        const { immigrated, government } = citizenship
        const { ballots, elections } = this.realmOf(resident)
        const { gate } = door
        const through = gate.recorded
        const entries = isVote ? log.suffix() : []
        const committed = log.promiseAt(log.committed)
        gate.pass(() => {
            const after = { promised, accepted, head }
            ballots.stand(immigrated, memory, after)
            // It has promised a ballot, or has accepted something under another.
            if (isVote && accepted === memory.accepted) {
                elections.promise(promised, immigrated, { ballot: accepted, entries })
            } else if (isVote && ownerOf(accepted) === immigrated) {
                elections.elect({ ballot: accepted, committed, government, entries })
            }
            Object.assign(memory, after, { through })
        })
    }

    /** Takes what a process has delivered. */
    deliver(resident: Resident): void {
        const { entries } = resident
        for (let entry = entries.shift(); entry !== null; entry = entries.shift()) {
            this.#take(resident, entry)
        }
    }

    #take(resident: Resident, entry: LogEntry): void {
        const realm = this.realmOf(resident)
        const { chronicle } = realm
        const { memory } = resident
        if (memory.again !== null && memory.again.position < memory.position) {
            // It has come back, and delivers anew what it had delivered.
            chronicle.deliver(memory.again, entry)
            return
        }
        const isFirst = memory.position === -1
        const isNew = chronicle.deliver(memory, entry)
        if (memory.again !== null) {
            memory.again.position = memory.position
        }
        if (isFirst) {
            realm.roll.bear(entry.promise, resident.number)
        }
        if (entry.method === 'government') {
            memory.government = entry.promise
        }
        if (isNew) {
            this.#append(realm, resident, entry)
        } else if (entry.method === 'government') {
            const first = chronicle.entries[memory.position]
            const text = JSON.stringify(entry.government)
            demand(first?.method === 'government' && this.#textOf(first.government) === text,
                'S7', () => `${memory.id} has another ${entry.promise}: ${text}`)
        }
        if (entry.method === 'government' && entry.promise === resident.door.paxos.committed) {
            const { citizenship } = inside(resident.door.paxos)
            realm.roll.compare(memory.id, entry.promise, (immigrated) =>
                citizenship.recordOf(immigrated)?.published)
        }
    }

    #textOf(government: Government): string {
        const text = this.#texts.get(government) ?? JSON.stringify(government)
        this.#texts.set(government, text)
        return text
    }

    #append(realm: Realm, resident: Resident, entry: LogEntry): void {
        const { chronicle, publishers, ballots } = realm
        const { position } = resident.memory
        const before = chronicle.governmentBefore(position)
        const parliaments = before === null ? [] : [before]
        if (entry.method === 'entry') {
            const { flushes, losses, resubmissions } = publishers
            publishers.append(entry)
            this.#tally.entries++
            if (publishers.resubmissions > resubmissions) {
                this.#tally.reach('a publisher publishes again after a flush')
            }
            if (publishers.losses > losses) {
                this.#tally.reach('a publish that no disk of its publisher holds appears')
            }
            if (publishers.flushes > flushes) {
                this.#tally.reach('a flush appears')
            }
        } else {
            checkSuccession(before, entry, this.#options)
            this.#admit(realm, resident, entry.promise, entry)
            const incarnations = Object.keys(entry.government.immigrated.id)
            realm.roll.note(entry.promise, publishers.cookies(incarnations))
            if (before === null || changesParliament(before, entry.government)) {
                parliaments.push(entry.government)
            }
            this.#countGovernment(entry, before?.majority[0])
        }
        const { acceptance, citizenship } = inside(resident.door.paxos)
        ballots.choose(citizenship.immigrated, acceptance.accepted, entry.promise, parliaments)
        this.#announce(resident, entry)
    }

    #admit(realm: Realm, by: Resident, promise: Monotonic, entry: LogEntry): void {
        const immigrate = 'majority' in entry.body ? entry.body.immigrate : null
        const exile = 'majority' in entry.body ? entry.body.exile : null
        if (exile !== null) {
            realm.publishers.exile(exile.promise, promise)
        }
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
            [body.move !== undefined, 'a government moves a member'],
            [body.promote !== null, 'a government promotes'],
            [(body.demote ?? null) !== null, 'a government demotes'],
            [body.map === null, 'a government follows a collapse'],
            [Object.keys(body.map ?? {}).length !== 0, 'a government maps what waits'],
            [leader !== undefined && leader !== government.majority[0],
                'a government changes its leader'],
            [body.exile === null && body.promote?.length === 1, 'a successor is seated'],
            [parliament(government).length === 1 && (body.demote ?? null) !== null,
                'a parliament shrinks to one']
        ] as const
        for (const [is, what] of kinds) {
            if (is) {
                tally.reach(what)
            }
        }
        const { immigrate, naturalize, exile, promote, demote = null, move = null } = body
        const changes = [immigrate, naturalize, exile, promote, demote, move]
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
        publishers.settleAll(immigrated, settlements, resident.memory)
    }

    /** Looks whether a request that is not for a process changes anything in it: S9. */
    receive(resident: Resident, request: Request): () => void {
        const { paxos } = resident.door
        const { citizenship } = inside(paxos)
        const { republic, founding, to } = request
        const isForIt = republic === paxos.republic && to.id === paxos.id &&
            founding === citizenship.founding && to.immigrated === paxos.immigrated
        if (isForIt || !citizenship.isCitizen) {
            return NOTHING
        }
        // The time alone tells who is silent, for how long a government has been open, and how old
        // the last contact with a leader is. An input of whatever kind brings the time.
        const told = (): string => {
            const { open, ...rest } = paxos.inspect()
            const timeless = { silent: null, isLed: null, leaderSeenMs: null }
            return JSON.stringify({ ...rest, ...timeless, open: open?.promise ?? null })
        }
        const before = told()
        const { reached } = paxos.versions
        // A leader may raise the version after any input, by an input of its own.
        return () => demand(before === told() || paxos.versions.reached > reached, 'S9', () =>
            `${resident.id} takes what is not for it: ${JSON.stringify(request)}`)
    }
}
