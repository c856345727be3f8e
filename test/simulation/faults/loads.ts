import { isRequest, type Parcel } from '../network.js'
import type { Request } from '../../../src/paxos/messages/messages.js'
import type { Calls } from '../surroundings.js'
import { type Site, type Strike, victim } from './site.js'

function publishMany(site: Site, count: number): void {
    const publisher = victim(site)
    const { number } = site.world.residents.at(-1) ?? { number: 0 }
    const name = `${site.fault.seed}.${number}.${site.world.timeline.events}`
    for (let index = 0; index < count; index++) {
        publisher?.publish(`many ${name}.${index}`)
    }
}

/** Lets one member publish many values at once. */
export const burst: Strike = (site) => {
    publishMany(site, 1 + Math.min(60, site.world.plan.capacity / 2) * site.fault.force)
    return null
}

/** Lets many values wait at once, at any member, whether anybody leads or not. */
export const flood: Strike = (site) => {
    publishMany(site, Math.min(1500, site.world.plan.capacity * 2) * (0.3 + site.fault.force))
    return null
}

/** Delivers old calls once more, in another order. */
export const replay: Strike = (site) => {
    const { world, dice } = site
    const count = 1 + Math.floor(site.fault.force * 60)
    for (const parcel of dice.shuffle(world.kept).slice(0, count)) {
        world.timeline.after(dice.between(0, 50), () => world.network.inject(parcel))
    }
    return null
}

/** What a call would be in another republic, or between others. */
function estrange(parcel: Parcel, site: Site): Parcel {
    const { body } = parcel
    if (!isRequest(parcel)) {
        return { ...parcel, body: { ...body, republic: 'dystopia' } as Calls[keyof Calls] }
    }
    const request: Request = parcel.body
    const { to } = request
    const other = site.dice.pick(['1f/0', '2f/0', '99/0'])
    const estranged = site.dice.pick([
        { ...request, republic: 'dystopia' },
        { ...request, founding: 'another' },
        { ...request, to: { ...to, immigrated: other } },
        { ...request, to: { ...to, id: `${to.id}x` } }
    ])
    return { ...parcel, body: estranged as Calls[keyof Calls] }
}

/** Delivers what is not for whoever gets it. */
export const foreign: Strike = (site) => {
    const { world, dice } = site
    const count = 1 + Math.floor(site.fault.force * 20)
    for (const parcel of dice.shuffle(world.kept).slice(0, count)) {
        const estranged = estrange(parcel, site)
        world.timeline.after(dice.between(0, 50), () => world.network.inject(estranged))
    }
    return null
}
