import type { Colleagues } from '../colleague.js'
import type { Dice } from '../dice.js'
import type { Fault } from '../plan.js'
import type { Resident } from '../resident.js'
import type { Condition, Fate } from '../weather.js'
import type { World } from '../world.js'

/** Where a fault strikes, and by what chance. */
export interface Site {
    readonly world: World
    readonly colleagues: Colleagues
    readonly fault: Fault
    readonly dice: Dice
    /** How many milliseconds a `timeout` takes. */
    readonly timeout: number
}

/** Ends a fault. */
export type Undo = () => void

/** Lets a fault strike; `null` where it has no end, or could not strike. */
export type Strike = (site: Site) => Undo | null

/** Somebody alive; the leader more often than others. */
export function victim({ world, dice }: Site): Resident | null {
    const { leader, living } = world
    if (leader !== null && dice.chance(0.35)) {
        return leader
    }
    return living.length === 0 ? null : dice.pick(living)
}

/** The living hosts. */
export function livingHosts({ world }: Site): number[] {
    return world.living.map(({ host }) => host)
}

/** Lets a condition last as long as the fault. */
export function under(site: Site, bear: Condition['bear']): Undo {
    const { conditions } = site.world.weather
    const condition = { kind: site.fault.kind, bear }
    conditions.add(condition)
    return () => conditions.delete(condition)
}

/** Cuts every way for which the condition holds, there or back. */
export function cut(site: Site, isCut: (from: number, to: number) => boolean): Undo {
    const isSilent = site.dice.chance(0.7)
    return under(site, (from, to, _isReply, fate: Fate) => {
        if (!isCut(from, to)) {
            return false
        }
        fate.isLost = true
        fate.isSilent ||= isSilent
        return true
    })
}
