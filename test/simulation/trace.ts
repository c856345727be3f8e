import { Dice } from '../../src/testing/dice.js'
import type { Durable } from './plan.js'
import type { Resident } from './resident.js'
import { Stage } from './stage.js'
import { demand } from './violation.js'

/** Who loses its power at a boundary: the process it belongs to, or everybody. */
export type Victims = 'one' | 'all'

/** Within how many timeouts a republic is settled again; some wait until one is exiled. */
const TIMEOUTS_MAX = 40

/** How a republic gets about: nothing happens but publishes, or something else as well. */
const EVENTS: readonly ((stage: Stage) => void)[] = [
    () => {},
    ({ world, voters }) => world.leader?.play('cede', { id: voters[1] ?? '' }),
    ({ trial }) => trial.colleagues.join('n0', 3),
    ({ world, voters }) => world.citizen(voters[2])?.play('leave', {}),
    ({ trial, world }) => {
        const { leader } = world
        if (leader !== null) {
            world.cutPower(leader, 0)
            world.timeline.after(2 * world.options.timeout, () => trial.colleagues.comeBack(leader))
        }
    }
]

/** A short life of three members with journals, told by its seed, up to where the power goes. */
export class Trace {
    readonly #seed: number
    readonly #dice: Dice
    readonly #stage: Stage
    #passed = 0
    #onBoundary: (owner: Resident, boundary: number) => void = () => {}

    constructor(seed: number) {
        const dice = new Dice(seed, 'trace')
        const durable: Durable = {
            patienceMs: 8000,
            flushMs: dice.pick([1, 3, 10]),
            snapshotMs: dice.pick([200, Number.POSITIVE_INFINITY]),
            isAjar: false
        }
        this.#seed = seed
        this.#dice = dice
        this.#stage = new Stage({
            seed, population: 3, parliamentSize: 3, durable,
            climate: { latencyMs: dice.pick([1, 4]), jitterMs: 1, isOrdered: dice.chance(0.5) },
            batch: dice.pick([1, 512]), window: dice.pick([1, 8])
        })
        const { world } = this.#stage
        const { onStep } = world
        world.onStep = (resident) => {
            onStep(resident)
            this.#pass(resident)
        }
        world.flushing = (resident) => this.#pass(resident)
    }

    /** How many boundaries there are: every input taken, every flush before and after its end. */
    static boundaries(seed: number): number {
        const trace = new Trace(seed)
        trace.#live()
        trace.#settle('Without a loss')
        return trace.#passed
    }

    /**
     * Lets the power go at one boundary.
     *
     * @param share How much of what was not flushed is there all the same, from nothing to one.
     */
    static outlive(seed: number, boundary: number, victims: Victims, share: number): void {
        new Trace(seed).#outlive(boundary, victims, share)
    }

    #pass(owner: Resident): void {
        const boundary = this.#passed++
        if (owner.isAlive) {
            this.#onBoundary(owner, boundary)
        }
    }

    /** Publishes, and lets something happen meanwhile. */
    #live(): void {
        const { world } = this.#stage
        const event = EVENTS[this.#seed % EVENTS.length] ?? EVENTS[0]
        this.#publish('early')
        world.timeline.after(this.#dice.between(0, 20), () => event?.(this.#stage))
        world.timeline.after(this.#dice.between(0, 60), () => this.#publish('late'))
    }

    #publish(when: string): void {
        for (const one of this.#stage.world.living) {
            for (let count = 0; count < 2; count++) {
                one.publish(`${when} ${count} of ${one.number}`)
            }
        }
    }

    /** Waits until all are back and nothing is left to do. */
    #settle(what: string): void {
        const { hosts } = this.#stage.world.network
        this.#stage.pass(0.1)
        this.#stage.until(`${what}: All is settled`, () =>
            hosts.every((one) => one?.isReturning !== true) && this.#stage.isSettled(),
        TIMEOUTS_MAX)
    }

    #outlive(boundary: number, victims: Victims, share: number): void {
        const { world, trial } = this.#stage
        const what = `${this.#seed}, ${boundary} ${victims} ${share}`
        let acknowledged: readonly unknown[] = []
        this.#onBoundary = (owner, passed) => {
            if (passed !== boundary) {
                return
            }
            acknowledged = world.residents.flatMap(({ door, published }) =>
                published.slice(0, world.realm.publishers.settledOf(door.paxos.immigrated)))
            const dying = victims === 'one' ? [owner] : world.living
            for (const dead of dying) {
                world.cutPower(dead, Math.floor((dead.disk?.unflushed ?? 0) * share))
            }
            const delayMs = this.#dice.between(0, world.options.timeout)
            for (const dead of dying) {
                world.timeline.after(delayMs, () => trial.colleagues.comeBack(dead))
            }
        }
        this.#live()
        this.#stage.until(`${what}: The power goes`, () => this.#passed > boundary, TIMEOUTS_MAX)
        this.#settle(what)
        this.#stage.world.leader?.publish('afterwards')
        this.#stage.until(`${what}: It goes on`, () => this.#stage.isLogged('afterwards'), 6)
        for (const value of acknowledged) {
            demand(this.#stage.isLogged(value), 'S4', () => `${what}: ${value} is lost`)
        }
    }
}
