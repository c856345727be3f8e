import { declared, FIRST_VERSION } from '../../src/paxos/membership/versions.js'
import type { ImmigrateOutcome } from '../../src/paxos/messages/proposals.js'
import type { Dice } from '../../src/testing/dice.js'
import type { Resident } from './resident.js'
import { hasMoves } from './plan.js'
import { begin, keep, revive } from './revival.js'
import type { Address } from './surroundings.js'
import { REPUBLIC, type World } from './world.js'

/** What an application does with its member: it joins, and joins again where it must. */
export class Colleagues {
    readonly #world: World
    readonly #dice: Dice
    readonly #replaced = new Set<Resident>()
    #names = 0
    #isOver = false

    constructor(world: World, dice: Dice) {
        this.#world = world
        this.#dice = dice
    }

    /** A name that nobody has borne. */
    name(): string {
        return `n${this.#names++}`
    }

    /** A host where nobody lives. */
    vacancy(): number {
        const { hosts } = this.#world.network
        for (let host = 0; ; host++) {
            if (hosts[host]?.isAlive !== true && hosts[host]?.isReturning !== true) {
                return host
            }
        }
    }

    #spawn(id: string, host: number): Resident {
        const resident = this.#world.spawn(id, host)
        if (resident.disk !== null) {
            begin(resident, resident.door.paxos.options)
        }
        return resident
    }

    /** Founds the republic. */
    found(id: string, host: number, founding: string): Resident {
        const founder = this.#spawn(id, host)
        this.#bootstrap(founder, founding)
        return founder
    }

    #bootstrap(founder: Resident, founding: string): void {
        const body = { republic: REPUBLIC, properties: { host: founder.host }, founding }
        const { highestVersion: version } = founder.door.paxos.options
        founder.founding = founding
        founder.play('bootstrap', version === FIRST_VERSION ? body : { ...body, version })
        this.#naturalize(founder)
        this.#accompany(founder)
    }

    /** Begins a process that joins, and goes on asking until it is admitted. */
    join(id: string, host: number): Resident {
        const resident = this.#spawn(id, host)
        resident.play('join', { republic: REPUBLIC, cookie: resident.cookie })
        if (this.#dice.chance(0.1)) {
            resident.resume(() => resident.play('naturalize', {}))
        }
        this.#ask(resident)
        this.#accompany(resident)
        return resident
    }

    #ask(resident: Resident): void {
        const world = this.#world
        if (!resident.isAlive || resident.isClosed || this.#isOver || resident.door.paxos.exiled) {
            return
        }
        if (resident.isCitizen) {
            this.#naturalize(resident)
            return
        }
        const { timeout, ping } = world.options
        resident.resume(() => {
            const contacts = world.living.filter((one) => world.isCitizen(one))
            if (contacts.length !== 0) {
                const { id, cookie, host } = resident
                const properties = { host }
                const { highestVersion } = resident.door.paxos.options
                const versions = declared([FIRST_VERSION, highestVersion])
                const body = { republic: REPUBLIC, id, cookie, properties, hops: 0, ...versions }
                const contact = this.#dice.pick(contacts)
                resident.call(contact.host, 'immigrate', Object.freeze(body), (answer) => {
                    const outcome = answer as ImmigrateOutcome | null
                    if (outcome?.version !== undefined && resident.isAlive) {
                        world.tally.reach('a newcomer of an earlier version is refused')
                        this.restart(resident, false)
                    }
                })
            }
        })
        const delayMs = this.#dice.between(ping, timeout)
        world.timeline.after(delayMs, () => this.#ask(resident))
    }

    #naturalize(resident: Resident): void {
        const delayMs = this.#dice.exponential(this.#world.options.ping / 2)
        this.#world.timeline.after(delayMs, () => {
            resident.resume(() => resident.play('naturalize', {}))
        })
    }

    /** Replaces a process that has learnt that it is exiled. */
    tend(resident: Resident): void {
        if (!resident.door.paxos.exiled || !resident.isAlive || this.#replaced.has(resident)) {
            return
        }
        this.#replaced.add(resident)
        const delayMs = this.#dice.between(0, this.#world.options.timeout)
        this.#world.timeline.after(delayMs, () => {
            if (resident.isAlive && !resident.isClosed && !this.#isOver) {
                this.#world.tally.reach('a member is replaced after its exile')
                this.restart(resident, this.#dice.chance(0.5))
            }
        })
    }

    /** Asks nobody any more, and begins no process. */
    end(): void {
        this.#isOver = true
    }

    /** Ends a process and begins another on its host, which remembers nothing. */
    restart(resident: Resident, isSameId: boolean): Resident {
        this.#world.kill(resident)
        return this.succeed(resident, isSameId)
    }

    /** Restarts each member of an earlier version that has a disk: the end of an upgrade. */
    completeUpgrade(): void {
        this.#world.versions.isComplete = true
        for (const one of this.#world.living) {
            const { highestVersion } = one.door.paxos.options
            if (this.#world.versions.areDrawn && one.disk !== null && highestVersion === 1) {
                this.#world.cutPower(one, one.disk.unflushed)
                this.comeBack(one)
            }
        }
    }

    /** Takes a living member to another host. */
    move(resident: Resident): void {
        this.#settleElsewhere(resident)
        resident.resume(() => this.#reportMove(resident))
    }

    /** A host where no process lives: where another member may have lived, or a new one. */
    #settleElsewhere(resident: Resident): void {
        const { network: { hosts }, tally } = this.#world
        const host = this.#dice.chance(0.5) ? this.vacancy() : hosts.length
        if (hosts[resident.host] === resident) {
            hosts[resident.host] = null
        }
        if (host < hosts.length) {
            tally.reach('a member moves to an address that another member had')
        }
        this.#world.say(() => `${resident.id} moves to host ${host}`)
        resident.host = host
        hosts[host] = resident
    }

    /** Asks for the address in the log, unless the log holds the address. */
    #reportMove(resident: Resident): void {
        const { paxos } = resident.door
        const { host } = resident
        const known = paxos.addressOf(resident.id) as Address | undefined
        if (resident.isCitizen && known?.host !== host) {
            resident.play('move', { properties: { host } })
        }
    }

    /** Lets a member without a leader find citizens under other addresses than the member knows. */
    #seek(resident: Resident): void {
        const world = this.#world
        if (!resident.isAlive || resident.isClosed || this.#isOver) {
            return
        }
        const { ping, timeout } = world.options
        const { paxos } = resident.door
        if (resident.isReady && resident.isCitizen && !paxos.contact().isLed) {
            for (const { id, host } of world.living.filter((one) => one !== resident)) {
                const known = paxos.addressOf(id) as Address | undefined
                const isOther = known !== undefined && known.host !== host
                const isOpen = world.weather.isOpen(resident.host, host)
                if (isOther && isOpen && this.#dice.chance(0.5)) {
                    world.tally.reach('a member finds the address of another member')
                    resident.play('locate', { id, properties: { host } })
                }
            }
        }
        world.timeline.after(this.#dice.between(ping, timeout), () => this.#seek(resident))
    }

    /**
     * Begins a process again that has lost its power, unless another process is on its host.
     *
     * @param isMoving Whether the process comes back on another host.
     */
    comeBack(dead: Resident, isMoving: boolean = false): void {
        const world = this.#world
        if (dead.isAlive || !dead.isReturning || world.network.hosts[dead.host] !== dead) {
            return
        }
        dead.isReturning = false
        if (dead.disk?.isRotten === true) {
            world.tally.reach('a journal refuses what is damaged')
            world.giveUp(dead)
            this.succeed(dead, false)
            return
        }
        if (isMoving) {
            this.#settleElsewhere(dead)
        }
        const resident = revive(world, dead)
        const { paxos } = resident.door
        if (resident.isAlive) {
            this.#reportMove(resident)
        }
        if (paxos.republic === null && dead.founding !== null) {
            this.#bootstrap(resident, dead.founding)
            return
        }
        if (paxos.republic === null) {
            resident.play('join', { republic: REPUBLIC, cookie: resident.cookie })
        }
        this.#ask(resident)
        this.#accompany(resident)
    }

    get #hasMoves(): boolean {
        return hasMoves(this.#world.plan)
    }

    /** Does for a process what an application does from time to time. */
    #accompany(resident: Resident): void {
        this.#takeSnapshots(resident)
        if (this.#hasMoves) {
            this.#seek(resident)
        }
    }

    #takeSnapshots(resident: Resident): void {
        const snapshotMs = this.#world.plan.durable?.snapshotMs ?? Number.POSITIVE_INFINITY
        if (snapshotMs === Number.POSITIVE_INFINITY) {
            return
        }
        this.#world.timeline.after(this.#dice.exponential(snapshotMs), () => {
            if (resident.isAlive && !resident.isClosed && !this.#isOver) {
                resident.resume(() => keep(this.#world, resident))
                this.#takeSnapshots(resident)
            }
        })
    }

    /** Begins another process where one has ended, under its id or under another. */
    succeed({ id, host }: Resident, isSameId: boolean): Resident {
        return this.join(isSameId ? id : this.name(), host)
    }
}
