import { type Strike, victim } from './site.js'

const HOUR = 3_600_000

/** Sets a clock an hour off at the most. */
export const skew: Strike = (site) => {
    victim(site)?.clockwork.set((site.dice.next() - 0.5) * 2 * HOUR)
    return null
}

/** Lets a clock run fast or slow, by a tenth and sometimes by half. */
export const drift: Strike = (site) => {
    const { world, dice } = site
    const clockwork = victim(site)?.clockwork
    const by = dice.chance(0.8) ? 0.1 : 0.5
    clockwork?.run(world.timeline.now, 1 + (dice.next() - 0.5) * 2 * by)
    return () => clockwork?.run(world.timeline.now, 1)
}

/** Sets a clock forward, by some timeouts or by three hours. */
export const jump: Strike = (site) => {
    const { dice, timeout } = site
    victim(site)?.clockwork.set(dice.chance(0.5) ? 3 * HOUR : dice.between(0, 10) * timeout)
    return null
}

/** Sets a clock back, by some timeouts or by three hours. */
export const jumpBack: Strike = (site) => {
    const { dice, timeout } = site
    victim(site)?.clockwork.set(dice.chance(0.5) ? -3 * HOUR : -dice.between(0, 10) * timeout)
    return null
}

/** Lets a clock stand still. */
export const freeze: Strike = (site) => {
    const { world } = site
    const clockwork = victim(site)?.clockwork
    clockwork?.run(world.timeline.now, 0)
    return () => clockwork?.run(world.timeline.now, 1)
}

/** Lets a process's timers fire late. */
export const lateTimers: Strike = (site) => {
    const late = victim(site)
    if (late === null) {
        return null
    }
    late.lateMs = site.fault.force ** 2 * site.timeout
    return () => {
        late.lateMs = 0
    }
}

/** Lets a process's timers fire a little early. */
export const earlyTimers: Strike = (site) => {
    const early = victim(site)
    if (early === null) {
        return null
    }
    early.earlyMs = 2
    return () => {
        early.earlyMs = 0
    }
}
