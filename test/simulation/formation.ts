import type { Colleagues } from './colleague.js'
import { Dice } from './dice.js'
import type { Plan } from './plan.js'
import { demand } from './violation.js'
import type { World } from './world.js'

/** Within how many timeouts a republic in which nothing is broken has formed, beside its size. */
const FORM_TIMEOUTS = 8

function isFormed(world: World, population: number): boolean {
    const { government } = world.realm.chronicle
    return world.living.length === population &&
        world.living.every((one) => world.isCitizen(one) &&
            government?.naturalized.includes(one.id))
}

/** Founds the republic, lets everybody join, and waits until nothing more is to be done. */
export function form(world: World, colleagues: Colleagues, plan: Plan): void {
    const { population, isBornInFaults, options: { ping, timeout }, seed } = plan
    const { timeline } = world
    const dice = new Dice(seed, 'form')
    colleagues.found('m0', 0, world.founding)
    for (let host = 1; host < population; host++) {
        const delayMs = dice.exponential(ping)
        timeline.after(delayMs, () => {
            if (world.network.hosts[host]?.isAlive !== true) {
                colleagues.join(`m${host}`, host)
            }
        })
    }
    if (isBornInFaults) {
        return
    }
    const limit = timeline.now + (FORM_TIMEOUTS + population) * timeout
    while (!isFormed(world, population) && timeline.now < limit) {
        timeline.runUntil(timeline.now + ping)
    }
    demand(isFormed(world, population), 'L1', () => `The republic has not formed in ${limit} ms.`)
}
