import { cut, livingHosts, type NetworkStrike, victim } from './site.js'

/** Splits the hosts into two or three groups. */
export const partition: NetworkStrike = (site) => {
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
export const isolate: NetworkStrike = (site) => {
    const host = victim(site)?.host
    return host === undefined ? null : cut(site, (from, to) => (from === host) !== (to === host))
}

/** Cuts all outgoing or all incoming messages of a host, or one direction of a link. */
export const oneWay: NetworkStrike = (site) => {
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

/** Keeps only the links of one follower, the hub. */
export const star: NetworkStrike = (site) => {
    const [leader, ...others] = site.voters()
    if (leader === undefined || others.length < 2) {
        return null
    }
    const hub = site.dice.pick(others)
    return cut(site, (from, to) => from !== to && from !== hub && to !== hub)
}

/** Like `star` with an isolated leader. Before that, the hub receives nothing for a while. */
export const constrained: NetworkStrike = (site) => {
    const { world, dice, timeout } = site
    const [leader, ...others] = site.voters()
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

/** Keeps only the links between neighbours in a row of all hosts. */
export const chain: NetworkStrike = (site) => {
    const row = site.dice.shuffle(livingHosts(site))
    return cut(site, (from, to) => Math.abs(row.indexOf(from) - row.indexOf(to)) > 1)
}

/** Splits the hosts into halves that share one host. */
export const bridge: NetworkStrike = (site) => {
    const [between, ...others] = site.dice.shuffle(livingHosts(site))
    const half = new Set(others.slice(0, Math.ceil(others.length / 2)))
    return cut(site, (from, to) =>
        from !== between && to !== between && half.has(from) !== half.has(to))
}

/** Cuts random links, and draws the links again every few timeouts. */
export const matrix: NetworkStrike = (site) => {
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

/** Isolates hosts one after the other, and heals the hosts in another order. */
export const swizzle: NetworkStrike = (site) => {
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
