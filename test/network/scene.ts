import Signal from 'signal'
import { Monotonic } from '../../src/base/monotonic.js'
import { Client, Records, type Surroundings } from './client.js'
import { Diversion } from './diversion.js'
import { Lan } from './lan.js'
import { FLOOR, type Manner, type Seats } from './orders.js'
import { Resident } from './resident.js'

/** How many clients there are, and in how many groups, each with keys of its own. */
const CLIENTS = 6
const GROUPS = 2

/** How long nothing of what is waited for may happen: not a limit of speed, but of hanging. */
const HANG_MS = 90_000

const NOBODY: Seats = {
    promise: '0/0', majority: [], minority: [], constituents: [], naturalized: []
}

/** A republic on a network of its own, its clients, and all that is known of both. */
export class Scene {
    readonly lan: Lan
    readonly diversion: Diversion
    readonly records: Records = new Records()
    /** Every incarnation there ever was. */
    readonly residents: Resident[] = []
    /** The leader at each change, according to the reports of the members. */
    readonly reigns: string[] = []
    /** The newest government of which anybody has told. */
    seats: Seats = NOBODY
    readonly #manner: Manner
    readonly #clients: readonly Client[]
    readonly #moved = new Signal()
    #failure: Error | null = null
    #isOver = false

    private constructor(lan: Lan, manner: Manner) {
        this.lan = lan
        this.#manner = manner
        this.diversion = new Diversion(lan, () => this.fail(new Error('The proxy has ended.')))
        const surroundings: Surroundings = {
            machines: lan.machines,
            residentOf: (machine) => this.residentOf(machine),
            moved: () => this.#next(),
            onAnswer: () => this.#moved.notify()
        }
        this.#clients = Array.from({ length: CLIENTS }, (_, index) => {
            const task = index < CLIENTS / 2 ? 'both' : 'read'
            const habits = { home: index, group: index % GROUPS, task } as const
            return new Client(habits, this.records, surroundings)
        })
    }

    /** Makes a network of so many machines, and on each a member of one republic. */
    static async make(count: number, manner: Manner = 'guild'): Promise<Scene> {
        const scene = new Scene(await Lan.make(count), manner)
        try {
            await scene.diversion.done()
            const [founder, ...others] = scene.lan.machines.map((machine) => scene.#start(machine))
            await scene.until(() => scene.residents.every(({ isReady }) => isReady), 'processes')
            await founder?.ask({ name: 'found' })
            for (const other of others) {
                scene.#join(other)
            }
            await scene.until(() => scene.isWhole, 'the first parliament')
            return scene
        } catch (error) {
            await scene.end()
            throw error
        }
    }

    /** Ends every wait. */
    fail(reason: Error): void {
        if (!this.#isOver) {
            this.#failure ??= reason
            this.#moved.notify()
        }
    }

    /** Whoever is on a machine; `null` where nobody is or who is was killed. */
    residentOf(machine: number): Resident | null {
        return this.residents.findLast((one) => one.machine === machine && one.isAlive) ?? null
    }

    /** The machine of the leader of the newest government. */
    get leader(): number {
        return Number(this.seats.majority[0]?.slice(1) ?? 0)
    }

    /** The machines of all others. */
    get followers(): readonly number[] {
        return this.lan.machines.filter((machine) => machine !== this.leader)
    }

    /** Whether everybody is there, has a seat, and knows it. */
    get isWhole(): boolean {
        const { promise, majority, minority, naturalized } = this.seats
        const { machines } = this.lan
        if (majority.length + minority.length !== machines.length) {
            return false
        }
        return machines.every((machine) => {
            const resident = this.residentOf(machine)
            return resident !== null && !resident.isStopped && resident.seats?.promise === promise
                && naturalized.includes(resident.id)
                && ['leader', 'citizen'].includes(resident.role)
        })
    }

    #next(): Promise<void> {
        return new Promise((resolve) => {
            this.#moved.wait(() => resolve())
        })
    }

    /** Waits until something holds, looking whenever something has happened. */
    async until(holds: () => boolean, what: string): Promise<void> {
        // Deadline: Nothing takes as long as this; what does has failed.
        const watchdog = setTimeout(() => {
            this.fail(new Error(`In vain for ${HANG_MS / 1000} s: ${what}. ${this.#describe()}`))
        }, HANG_MS)
        try {
            while (this.#failure === null && !holds()) {
                await this.#next()
            }
            if (this.#failure !== null) {
                throw this.#failure
            }
        } finally {
            clearTimeout(watchdog)
        }
    }

    /** Waits until so many more calls were answered. */
    async answered(count: number): Promise<void> {
        const target = this.records.answered + count
        await this.until(() => this.records.answered >= target, `${count} answers`)
    }

    /**
     * Waits until the newest government does not list a machine's member. Where the parliament is
     * not to shrink nobody is exiled whom nobody replaces: then it does not wait.
     */
    async exiled(machine: number): Promise<void> {
        if (this.lan.machines.length <= FLOOR) {
            return
        }
        const { promise } = this.seats
        await this.until(() => {
            const { majority, minority, constituents } = this.seats
            const isListed = [...majority, ...minority, ...constituents].includes(`n${machine}`)
            return this.seats.promise !== promise && !isListed
        }, `the exile of n${machine}`)
    }

    /** Waits until another machine's member leads, or the one that is named. */
    async succeeded(from: number, to: number | null = null): Promise<void> {
        await this.until(() => to === null ? this.leader !== from : this.leader === to,
            `somebody else than n${from} to lead`)
    }

    /** Mends the network, continues who is stopped, and starts anew who is dead. */
    async heal(): Promise<void> {
        await this.lan.heal()
        await this.diversion.clear()
        for (const resident of this.residents) {
            if (resident.isStopped) {
                resident.resume()
            }
        }
        this.restart()
    }

    /** Starts, on every machine where nobody is left, a newcomer under the old id. */
    restart(): void {
        for (const machine of this.lan.machines) {
            if (this.residentOf(machine) === null) {
                const newcomer = this.#start(machine)
                void this.until(() => newcomer.isReady || !newcomer.isAlive, 'a process')
                    .then(() => this.#join(newcomer), () => {})
            }
        }
    }

    /** Lets the clients call. */
    resume(): void {
        for (const client of this.#clients) {
            client.start()
        }
    }

    /** Lets the clients finish, and everybody read all that was committed. */
    async settle(): Promise<void> {
        await Promise.all(this.#clients.map((client) => client.pause()))
        await this.until(() => this.isWhole, 'everybody to have a seat')
        const answers = Promise.all(this.lan.machines.map((machine) =>
            this.residentOf(machine)?.ask({ name: 'read', key: 'none' })))
        let ats: (Monotonic | null)[] | null = null
        void answers.then((all) => {
            ats = all.map((answer) => answer?.name === 'read' ? answer.at : null)
            this.#moved.notify()
        })
        await this.until(() => ats !== null, 'everybody to read')
        const found: readonly (Monotonic | null)[] = ats ?? []
        if (found.some((at) => at === null)) {
            // Somebody was exiled meanwhile: there is more to wait for.
            await this.settle()
            return
        }
        await this.until(() => found.every((at) => this.lan.machines.every((machine) =>
            Monotonic.compare(this.residentOf(machine)?.last ?? '0/0', at ?? '0/0') >= 0)),
        'everybody to have told what it read')
    }

    #start(machine: number): Resident {
        const count = this.residents.filter((one) => one.machine === machine).length
        const birth = { machine, name: `n${machine}#${count + 1}`, manner: this.#manner }
        const resident = new Resident(this.lan, birth, (error) => {
            if (error !== undefined) {
                this.fail(error)
            }
            this.#onMove(resident)
        })
        this.residents.push(resident)
        return resident
    }

    #join(resident: Resident): void {
        const addresses = this.lan.machines
            .filter((machine) => machine !== resident.machine)
            .map(Lan.address)
        void resident.ask({ name: 'join', addresses })
    }

    #onMove(resident: Resident): void {
        const { seats } = resident
        if (seats !== null && Monotonic.compare(seats.promise, this.seats.promise) > 0) {
            const [leader = ''] = seats.majority
            if (leader !== this.seats.majority[0]) {
                this.reigns.push(leader)
            }
            this.seats = seats
        }
        if (!this.#isOver && !resident.isAlive && resident.code !== null) {
            // Who cannot go on has ended, as a service does, and is started anew.
            this.restart()
        }
        this.#moved.notify()
    }

    #describe(): string {
        const members = this.residents.filter(({ isAlive }) => isAlive).map((one) =>
            `${one.name} ${one.role} ${one.seats?.promise} ${one.last}`)
        return `${JSON.stringify(this.seats)}; ${members.join('; ')}`
    }

    /** Takes everything away; who can end by itself has to. */
    async end(): Promise<void> {
        this.#isOver = true
        const isWell = this.#failure === null
        await Promise.all(this.residents.map(async (resident) => {
            if (isWell && resident.isAlive) {
                await resident.dismiss()
            } else if (resident.isAlive) {
                resident.kill()
            }
            await resident.ended
        }))
        await this.diversion.end()
        await this.lan.end()
    }
}
