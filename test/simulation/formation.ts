import type { Colleagues } from './colleague.js'
import { Dice } from '../../src/testing/dice.js'
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
    const { population, vacant, isBornInFaults, options: { ping, timeout }, seed } = plan
    const { timeline } = world
    const dice = new Dice(seed, 'form')
    colleagues.found('m0', 0, world.founding)
    for (let host = 1; host < population; host++) {
        // A vacant host takes its lot, too: the other members join at the same time without it.
        const delayMs = dice.exponential(ping)
        if (vacant.includes(host)) {
            world.network.hosts[host] = null
            continue
        }
        timeline.after(delayMs, () => {
            // A member may have moved to this host meanwhile, and may be about to return there.
            const occupant = world.network.hosts[host]
            if (occupant?.isAlive !== true && occupant?.isReturning !== true) {
                colleagues.join(`m${host}`, host)
            }
        })
    }
    if (isBornInFaults) {
        return
    }
    const limit = timeline.now + (FORM_TIMEOUTS + population) * timeout
    const members = population - vacant.length
    while (!isFormed(world, members) && timeline.now < limit) {
        timeline.runUntil(timeline.now + ping)
    }
    demand(isFormed(world, members), 'L1', () => `The republic has not formed in ${limit} ms.`)
}
