import type { Dice } from './dice.js'
import type { Resident } from './resident.js'
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
            if (hosts[host]?.isAlive !== true) {
                return host
            }
        }
    }

    /** Founds the republic. */
    found(id: string, host: number, founding: string): Resident {
        const founder = this.#world.spawn(id, host)
        const body = { republic: REPUBLIC, properties: { host }, founding }
        founder.play('bootstrap', body)
        this.#naturalize(founder)
        return founder
    }

    /** Begins a process that joins, and goes on asking until it is admitted. */
    join(id: string, host: number): Resident {
        const resident = this.#world.spawn(id, host)
        resident.play('join', { republic: REPUBLIC, cookie: resident.cookie })
        if (this.#dice.chance(0.1)) {
            resident.play('naturalize', {})
        }
        this.#ask(resident)
        return resident
    }

    #ask(resident: Resident): void {
        const world = this.#world
        if (!resident.isAlive || resident.isClosed || this.#isOver) {
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
                const body = { republic: REPUBLIC, id, cookie, properties, hops: 0 }
                const contact = this.#dice.pick(contacts)
                world.call(resident, contact.host, 'immigrate', Object.freeze(body), () => {})
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

    /** Begins another process where one has ended, under its id or under another. */
    succeed({ id, host }: Resident, isSameId: boolean): Resident {
        return this.join(isSameId ? id : this.name(), host)
    }
}
