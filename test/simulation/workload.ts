import { Dice } from '../../src/testing/dice.js'
import { Callers } from './callers.js'
import type { Resident } from './resident.js'
import { read } from './questions.js'
import type { World } from './world.js'

/** How many publishes of one member may wait before it holds back. */
const WAITING_MAX = 3000

/** Publishes at every member, on and on. */
export class Workload {
    readonly #world: World
    readonly #dice: Dice
    /** The callers in place of the usual publishes; `null` unless the republic is saturated. */
    readonly callers: Callers | null
    #isOver = false
    #values = 0

    constructor(world: World, dice: Dice) {
        this.#world = world
        this.#dice = dice
        const { seed, saturation } = world.plan
        this.callers = saturation && new Callers(world, new Dice(seed, 'callers'), saturation)
    }

    /** Lets a process publish until it ends, or all is over. */
    tend(resident: Resident): void {
        if (this.callers !== null) {
            this.callers.tend(resident)
            return
        }
        const delayMs = this.#dice.exponential(this.#world.plan.publishMs)
        this.#world.timeline.after(delayMs, () => {
            if (resident.isAlive && !this.#isOver) {
                const { waiting, pending } = resident.door.islander.health()
                if (waiting + pending < WAITING_MAX && !resident.door.paxos.exiled) {
                    this.publish(resident)
                }
                read(this.#world, resident)
                this.tend(resident)
            }
        })
    }

    /** Publishes one value, or now and then a barrier. */
    publish(resident: Resident): void {
        this.#world.tally.publishes++
        const isBarrier = this.#dice.chance(0.05)
        resident.publish(isBarrier ? null : `value ${resident.number}.${this.#values++}`)
    }

    /** Publishes nothing more. */
    end(): void {
        this.#isOver = true
        this.callers?.end()
    }
}
