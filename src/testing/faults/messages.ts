import type { Dice } from '../dice.js'
import type { Fate } from '../weather.js'
import { type NetworkSite, type NetworkStrike, under, victim } from './site.js'

type Ways = (from: number, to: number) => boolean

/** All links, the links of one host, or one direction of one link. */
function ways(site: NetworkSite): Ways {
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

/** A fault that strikes each message of the chosen links with the same probability. */
function sometimes(
    most: number,
    bear: (site: NetworkSite, fate: Fate, dice: Dice) => void,
    isOnlyReplies = false
): NetworkStrike {
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

function lose(_site: NetworkSite, fate: Fate): void {
    fate.isLost = true
    fate.isSilent = true
}

/** Loses messages. */
export const drop: NetworkStrike = sometimes(0.4, lose)

/** Loses answers, after the call has taken effect. */
export const loseReply: NetworkStrike = sometimes(0.6, lose, true)

/** Delivers messages twice or three times, the copies later. */
export const duplicate: NetworkStrike = sometimes(0.5, (_site, fate, dice) => {
    fate.copies += 1 + dice.below(2)
    fate.isLoose = true
})

/** Delays messages. On an ordered link, later messages wait too. */
export const delay: NetworkStrike = sometimes(0.5, ({ timeout }, fate, dice) => {
    fate.delayMs += dice.exponential(timeout / 3)
})

/** Delivers messages after every time limit has passed. */
export const hold: NetworkStrike = sometimes(0.2, ({ timeout, world }, fate, dice) => {
    // A late message of a dead leader starts a wait, so the last ones come soon after the healing.
    const restMs = world.healsAt - world.timeline.now + dice.next() * timeout
    fate.delayMs += Math.min(dice.between(1, 20) * timeout, Math.max(timeout, restMs))
    fate.isLoose = true
})

/** Lets messages overtake each other. */
export const reorder: NetworkStrike = sometimes(1, ({ world }, fate, dice) => {
    fate.delayMs += dice.between(0, world.options.ping)
    fate.isLoose = true
})

/** Makes the chosen links ten to a hundred times slower. */
export const slowLink: NetworkStrike = (site) => {
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

/** Cuts the chosen links in turns. */
export const flap: NetworkStrike = (site) => {
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

/** Loses all calls to one host, and all its answers, without notice. */
export const halfOpen: NetworkStrike = (site) => {
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
