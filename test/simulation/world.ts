import type { Settlement } from '../../src/publisher/islander-types.js'
import type { LogEntry, Request, Response } from '../../src/paxos/messages/messages.js'
import { Ages } from './checks/ages.js'
import { countAnswer, countRequest } from './checks/branches.js'
import { checkClosed, exhaust } from './checks/farewell.js'
import { Guidance } from './checks/guidance.js'
import { Observer } from './checks/observer.js'
import { isWaiting } from './checks/publishers.js'
import { Recording } from './checks/recording.js'
import { Traffic } from './checks/traffic.js'
import { Clockwork } from './clockwork.js'
import { describe, describeAnswer, describeParcel } from './describe.js'
import { Dice } from '../../src/testing/dice.js'
import { Disk } from './disk.js'
import { inside } from './inside.js'
import { type Errand, isRequest, Network, type Parcel } from './network.js'
import { engineOptions, type Plan } from './plan.js'
import { Resident } from './resident.js'
import type { Calls, Surroundings } from './surroundings.js'
import type { Tally } from './tally.js'
import { VirtualTimeline } from '../../src/testing/virtual-timeline.js'
import { Versions } from './versions.js'
import { fail } from './violation.js'
import { Weather } from '../../src/testing/weather.js'

/** The name of the republic. */
export const REPUBLIC = 'utopia'

/** How many of the last calls are kept, to be played once more. */
const KEPT = 512

/** How long everybody is watched who was closed. */
const AFTER_TIMEOUTS = 5

/** Whoever wants to know what happens. */
export type Listener = (line: () => string) => void

/** Everything there is in a trial: hosts, processes, the network between them, and the truth. */
export class World implements Surroundings {
    readonly timeline = new VirtualTimeline()
    readonly versions: Versions
    readonly options: Surroundings['options']
    readonly plan: Plan
    readonly tally: Tally
    readonly weather: Weather
    readonly network: Network
    readonly observer: Observer
    readonly traffic: Traffic
    readonly guidance: Guidance = new Guidance(this)
    readonly ages: Ages = new Ages(this)
    /** Every process there ever was. */
    readonly residents: Resident[] = []
    /** The calls that left last, where the plan has them played once more. */
    readonly kept: Parcel[] = []
    /** When all will be mended. */
    healsAt = Number.POSITIVE_INFINITY
    /** Nobody who had come has been lost, but exiles. */
    isIntact = true
    /** Called after each step of a process. */
    onStep: (resident: Resident) => void = () => {}
    /** Called with each process that begins. */
    onSpawn: (resident: Resident) => void = () => {}
    /** Called when a flush is about to end, and when it has. */
    flushing: (resident: Resident) => void = () => {}
    /** Called with each entry that nobody has delivered before. */
    onEntry: (by: Resident, entry: LogEntry) => void = () => {}
    readonly #dice: Dice
    readonly #listener: Listener | null
    readonly #keepsCalls: boolean
    #calls = 0

    constructor(plan: Plan, tally: Tally, listener: Listener | null) {
        this.plan = plan
        this.versions = new Versions(plan)
        this.options = engineOptions(plan)
        this.tally = tally
        this.#listener = listener
        this.#keepsCalls = plan.faults.some(({ kind }) => kind === 'replay' || kind === 'foreign')
        this.#dice = new Dice(plan.seed, 'world')
        const chance = new Dice(plan.seed, 'weather')
        this.weather = new Weather(this.timeline, chance, plan.climate, tally)
        this.traffic = new Traffic(plan.options)
        this.network = new Network(this.timeline, this.weather, plan, {
            sends: (errand) => this.#sends(errand),
            answers: (errand, answer) => this.#answers(errand, answer)
        })
        this.observer = new Observer(plan.options, tally, (by, entry) => {
            this.ages.append(by, entry)
            this.versions.note(entry, tally)
            if (listener !== null) {
                this.say(() => `${by.id} commits ${describe(entry)}`)
            }
            const isCollapse = 'majority' in entry.body && entry.body.map === null
            if (isCollapse && this.living.some(isWaiting)) {
                tally.reach('a leader changes while publishes wait')
            }
            this.onEntry(by, entry)
        })
    }

    /** Tells whoever wants to know. */
    say(line: () => string): void {
        this.#listener?.(() => `${this.timeline.now.toFixed(1).padStart(9)} ${line()}`)
    }

    /** The founding that this trial is about. */
    get founding(): string {
        return `founding ${this.plan.seed}`
    }

    /** The one log, and all else that is true of the republic. */
    get realm(): ReturnType<Observer['realmOf']> {
        const realm = this.observer.realms.get(this.founding)
        if (realm === undefined) {
            throw new Error('There is no republic yet.')
        }
        return realm
    }

    /** The processes that are alive. */
    get living(): Resident[] {
        return this.network.hosts.filter((resident) => resident?.isAlive === true)
            .filter((resident) => resident !== null)
    }

    /** Whether a process is a citizen of the republic, as the log has it by now. */
    isCitizen(resident: Resident): boolean {
        const { citizenship } = inside(resident.door.paxos)
        const promises = this.realm.chronicle.government?.immigrated.promise ?? {}
        return citizenship.founding === this.founding && resident.isAlive &&
            promises[resident.id] === citizenship.immigrated
    }

    /** Whether a process has got into another founding of the same name. */
    isElsewhere(resident: Resident): boolean {
        return !['', this.founding].includes(inside(resident.door.paxos).citizenship.founding)
    }

    /** The living process that is this citizen. */
    citizen(id: string | undefined): Resident | null {
        return this.living.find((one) => one.id === id && this.isCitizen(one)) ?? null
    }

    /** Who leads the government at the end of the log, if that process lives. */
    get leader(): Resident | null {
        return this.citizen(this.realm.chronicle.government?.majority[0])
    }

    /** Begins a process on a host, in place of whichever is there. */
    spawn(id: string, host: number): Resident {
        const cookie = this.#dice.below(2 ** 31).toString(16)
        const clockwork = new Clockwork((this.#dice.next() - 0.5) * 2_000_000, this.ages.loss)
        this.network.hosts[host]?.crash()
        const number = this.residents.length
        const resident = new Resident(number, id, host, cookie, clockwork, this, this.#disk(number))
        this.network.hosts[host] = resident
        this.residents.push(resident)
        this.observer.know(resident)
        if (this.plan.isRecorded) {
            const recording = new Recording(id, this.options, resident.door)
            this.observer.recordings.set(resident, recording)
        }
        this.onSpawn(resident)
        this.say(() => `${id} begins as process ${number} on host ${host}`)
        return resident
    }

    #disk(number: number): Disk | null {
        const { durable, seed } = this.plan
        const [dice, choice] = [new Dice(seed, `disk ${number}`), new Dice(seed, 'votes')]
        return durable && new Disk(this.timeline, dice, durable, choice.chance(0.75))
    }

    /** Somebody who has ended never comes back as itself. */
    giveUp(resident: Resident): void {
        resident.isReturning = false
        this.isIntact &&= resident.door.paxos.exiled
    }

    /** Ends a process that comes back, with all it had not flushed but for so many records. */
    cutPower(resident: Resident, spared: number): void {
        this.say(() => `${resident.id} loses its power, process ${resident.number}`)
        resident.crash()
        if (resident.disk !== null && resident.disk.unflushed !== 0) {
            this.tally.reach(spared < resident.disk.unflushed
                ? 'what was not flushed is lost' : 'what was not flushed is there')
        }
        resident.disk?.lose(spared)
        resident.isReturning = true
    }

    /** Ends a process. */
    kill(resident: Resident): void {
        this.giveUp(resident)
        this.say(() => `${resident.id} crashes, process ${resident.number}`)
        if (resident.isAlive && isWaiting(resident)) {
            this.tally.reach('a publisher dies with publishes unsettled')
        }
        resident.crash()
    }

    /** Closes every process that lives. Nothing of it is left, and nothing happens any more: L4. */
    close(): void {
        const { living } = this
        for (const one of living) {
            one.close()
        }
        this.timeline.runUntil(this.timeline.now + AFTER_TIMEOUTS * this.options.timeout)
        for (const one of living) {
            checkClosed(one)
            one.crash()
        }
        exhaust(this.timeline)
    }

    call<Method extends keyof Calls>(
        from: Resident,
        host: number,
        method: Method,
        body: Calls[Method],
        answered: (answer: unknown) => void
    ): void {
        this.network.call(from, { from: from.host, host, method, body }, answered)
    }

    observed(resident: Resident): void {
        this.observer.look(resident)
        this.ages.check(resident)
        this.versions.check(resident)
        resident.marks.check()
        this.onStep(resident)
    }

    failed(resident: Resident): void {
        this.say(() => `${resident.id} cannot write, process ${resident.number}`)
        resident.crash()
        resident.isReturning = true
    }

    settled(resident: Resident, settlements: readonly Settlement[]): void {
        this.observer.settle(resident, settlements)
    }

    receiving(resident: Resident, request: Request): () => void {
        this.guidance.hear(resident, request)
        return this.observer.receive(resident, request)
    }

    lateness({ lateMs, earlyMs, grainMs }: Resident, dueMs: number): number {
        if (lateMs > 0) {
            return this.#dice.next() * lateMs
        }
        if (grainMs > 0) {
            return grainMs - (this.timeline.now + dueMs) % grainMs
        }
        return earlyMs > 0 ? -Math.min(dueMs, this.#dice.next() * earlyMs) : 0
    }

    #sends(errand: Errand): void {
        const { from, parcel } = errand
        if (this.#listener !== null) {
            this.say(() => `${from.id} → host ${parcel.host} ${describeParcel(parcel)}`)
        }
        if (from.isClosed) {
            fail('L4', `${from.id} is closed, and calls ${describeParcel(parcel)}`)
        }
        if (this.#keepsCalls) {
            this.kept[this.#calls++ % KEPT] = parcel
        }
        if (!isRequest(parcel)) {
            return
        }
        const { body } = parcel
        errand.outing = this.traffic.send(from, body, from.calledAt)
        this.guidance.send(from, body)
        if (body.method === 'register' || body.method === 'prepare') {
            const { ballots } = this.observer.realmOf(from)
            ballots.use(body.ballot, body.from.immigrated, from.number)
        }
        const peer = inside(from.door.paxos).peers.find(body.to.immigrated)
        countRequest(this.tally, body, peer?.runSize ?? null)
    }

    #answers({ from, parcel, outing }: Errand, answer: unknown): void {
        if (this.#listener !== null) {
            this.say(() =>
                `${from.id} ← host ${parcel.host} ${describeAnswer(parcel, answer)}`)
        }
        if (outing !== null) {
            this.traffic.answer(outing)
        }
        if (!isRequest(parcel)) {
            if (parcel.method === 'enqueue' && answer === null) {
                this.tally.reach('a leader takes nothing')
            }
            return
        }
        countAnswer(this.tally, parcel.body, answer as Response | null)
    }
}
