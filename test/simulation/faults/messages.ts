import type { Dice } from '../dice.js'
import type { Fate } from '../weather.js'
import { type Site, type Strike, under, victim } from './site.js'

type Ways = (from: number, to: number) => boolean

/** All links, those of one host, or one way of one link. */
function ways(site: Site): Ways {
    const { dice } = site
    const one = victim(site)?.host ?? 0
    const other = dice.pick(site.world.living).host
    return dice.pick<Ways>([
        () => true,
        () => true,
        (from, to) => from === one || to === one,
        (from, to) => from === one && to === other
    ])
}

/** Strikes messages on some links, each with some probability. */
function sometimes(
    most: number,
    bear: (site: Site, fate: Fate, dice: Dice) => void,
    isOnlyReplies = false
): Strike {
    return (site) => {
        const { world, fault } = site
        if (world.living.length === 0) {
            return null
        }
        const isMeant = ways(site)
        const probability = most * Math.max(0.02, fault.force)
        return under(site, (from, to, isReply, fate, dice) => {
            const strikes = isMeant(from, to) && (isReply || !isOnlyReplies) &&
                dice.chance(probability)
            if (strikes) {
                bear(site, fate, dice)
            }
            return strikes
        })
    }
}

function lose(_site: Site, fate: Fate): void {
    fate.isLost = true
    fate.isSilent = true
}

/** Loses messages. */
export const drop: Strike = sometimes(0.4, lose)

/** Loses answers: what was asked has been done all the same. */
export const loseReply: Strike = sometimes(0.6, lose, true)

/** Delivers messages twice or three times, the copies later. */
export const duplicate: Strike = sometimes(0.5, (_site, fate, dice) => {
    fate.copies += 1 + dice.below(2)
    fate.isLoose = true
})

/** Delays messages, those behind them too where links keep order. */
export const delay: Strike = sometimes(0.5, ({ timeout }, fate, dice) => {
    fate.delayMs += dice.exponential(timeout / 3)
})

/** Holds messages past every limit, then delivers them. */
export const hold: Strike = sometimes(0.2, ({ timeout, world }, fate, dice) => {
    // What a dead leader said passes for news whenever it comes: it comes soon after the healing.
    const restMs = world.healsAt - world.timeline.now + dice.next() * timeout
    fate.delayMs += Math.min(dice.between(1, 20) * timeout, Math.max(timeout, restMs))
    fate.isLoose = true
})

/** Lets messages overtake each other. */
export const reorder: Strike = sometimes(1, ({ world }, fate, dice) => {
    fate.delayMs += dice.between(0, world.options.ping)
    fate.isLoose = true
})

/** Makes some links ten to a hundred times slower. */
export const slowLink: Strike = (site) => {
    if (site.world.living.length === 0) {
        return null
    }
    const isMeant = ways(site)
    const factor = site.dice.between(10, 100)
    return under(site, (from, to, _isReply, fate) => {
        const strikes = isMeant(from, to)
        if (strikes) {
            fate.delayMs += fate.latencyMs * factor
        }
        return strikes
    })
}

/** Lets some links come and go in turns. */
export const flap: Strike = (site) => {
    if (site.world.living.length === 0) {
        return null
    }
    const { world, timeout } = site
    const isMeant = ways(site)
    const periodMs = site.dice.between(world.options.ping / 2, 1.5 * timeout)
    return under(site, (from, to, _isReply, fate) => {
        const strikes = isMeant(from, to) && Math.floor(world.timeline.now / periodMs) % 2 === 0
        if (strikes) {
            fate.isLost = true
            fate.isSilent = true
        }
        return strikes
    })
}

/** Leaves the calls to one host open for ever: nothing is read there, nothing is answered. */
export const halfOpen: Strike = (site) => {
    const host = victim(site)?.host
    if (host === undefined) {
        return null
    }
    return under(site, (from, to, isReply, fate) => {
        const strikes = isReply ? from === host : to === host
        if (strikes) {
            fate.isLost = true
            fate.isSilent = true
        }
        return strikes
    })
}
