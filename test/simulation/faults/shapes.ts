import { parliament } from '../../../src/paxos/membership/government.js'
import { cut, livingHosts, type Site, type Strike, victim } from './site.js'

/** Parts the hosts in two or three groups. */
export const partition: Strike = (site) => {
    const { dice } = site
    const groups = new Map<number, number>()
    const count = dice.chance(0.8) ? 2 : 3
    const groupOf = (host: number): number => {
        const group = groups.get(host) ?? dice.below(count)
        groups.set(host, group)
        return group
    }
    livingHosts(site).forEach(groupOf)
    return cut(site, (from, to) => groupOf(from) !== groupOf(to))
}

/** Cuts one host off. */
export const isolate: Strike = (site) => {
    const host = victim(site)?.host
    return host === undefined ? null : cut(site, (from, to) => (from === host) !== (to === host))
}

/** Lets one host only send, or only receive; or cuts one way between two. */
export const oneWay: Strike = (site) => {
    const host = victim(site)?.host
    if (host === undefined) {
        return null
    }
    const other = site.dice.pick(livingHosts(site))
    const way = site.dice.below(4)
    return cut(site, (from, to) => {
        if (from === to) {
            return false
        }
        const isOut = from === host
        const isIn = to === host
        return [isOut, isIn, isOut && to === other, isIn && from === other][way] === true
    })
}

function voters(site: Site): number[] {
    const { government } = site.world.realm.chronicle
    const ids = government === null ? [] : parliament(government)
    return ids.flatMap((id) => site.world.citizen(id)?.host ?? [])
}

/** Leaves only the links of one member of the parliament, the hub; the leader is not the hub. */
export const star: Strike = (site) => {
    const [leader, ...others] = voters(site)
    if (leader === undefined || others.length < 2) {
        return null
    }
    const hub = site.dice.pick(others)
    return cut(site, (from, to) => from !== to && from !== hub && to !== hub)
}

/** The same with the leader cut off, and the hub behind: it hears nothing for a while before. */
export const constrained: Strike = (site) => {
    const { world, dice, timeout } = site
    const [leader, ...others] = voters(site)
    if (leader === undefined || others.length < 2) {
        return null
    }
    const hub = dice.pick(others)
    const staleUntil = world.timeline.now + dice.between(0, 0.8) * timeout
    return cut(site, (from, to) => {
        if (world.timeline.now < staleUntil) {
            return to === hub
        }
        const isLeaders = from === leader || to === leader
        return from !== to && (isLeaders || (from !== hub && to !== hub))
    })
}

/** Leaves each host its two neighbours in a row. */
export const chain: Strike = (site) => {
    const row = site.dice.shuffle(livingHosts(site))
    return cut(site, (from, to) => Math.abs(row.indexOf(from) - row.indexOf(to)) > 1)
}

/** Leaves two halves with one host between them that both can reach. */
export const bridge: Strike = (site) => {
    const [between, ...others] = site.dice.shuffle(livingHosts(site))
    const half = new Set(others.slice(0, Math.ceil(others.length / 2)))
    return cut(site, (from, to) =>
        from !== between && to !== between && half.has(from) !== half.has(to))
}

/** Draws who can reach whom, and draws it again and again. */
export const matrix: Strike = (site) => {
    const { world, dice, timeout, fault } = site
    const isBothWays = dice.chance(0.5)
    let cuts = new Map<number, boolean>()
    let isOver = false
    const redraw = (): void => {
        cuts = new Map()
        if (!isOver) {
            world.timeline.after(dice.between(1, 5) * timeout, redraw)
        }
    }
    redraw()
    const undo = cut(site, (from, to) => {
        const [one, other] = isBothWays && from > to ? [to, from] : [from, to]
        const key = one * 1000 + other
        const isCut = cuts.get(key) ?? (from !== to && dice.chance(0.2 + 0.5 * fault.force))
        cuts.set(key, isCut)
        return isCut
    })
    return () => {
        isOver = true
        undo()
    }
}

/** Cuts hosts off one by one, and mends that in another order. */
export const swizzle: Strike = (site) => {
    const { world, dice, fault } = site
    const begin = world.timeline.now
    const half = fault.forMs / 2
    const spans = new Map(livingHosts(site).map((host) =>
        [host, [begin + dice.next() * half, begin + half + dice.next() * half] as const]))
    const isOff = (host: number): boolean => {
        const [from, to] = spans.get(host) ?? [0, 0]
        return from <= world.timeline.now && world.timeline.now < to
    }
    return cut(site, (from, to) => from !== to && (isOff(from) || isOff(to)))
}
