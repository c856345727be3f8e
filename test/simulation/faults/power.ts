import type { Resident } from '../resident.js'
import { type Site, type Strike, type Undo, victim } from './site.js'

/** How much of what was not flushed is there all the same: all, nothing, or some. */
function spared({ dice }: Site, unflushed: number): number {
    const way = dice.next()
    return way < 0.3 ? 0 : way < 0.5 ? unflushed : dice.below(unflushed + 1)
}

/** Ends processes with all that was not flushed; each comes back as itself, sooner or later. */
function cutPower(site: Site, dying: readonly Resident[]): Undo {
    const { world, colleagues, dice, timeout } = site
    for (const dead of dying) {
        world.cutPower(dead, spared(site, dead.disk?.unflushed ?? 0))
    }
    const undos = dying.map((dead) => () => void colleagues.comeBack(dead))
    for (const undo of undos) {
        if (dice.chance(0.7)) {
            world.timeline.after(dice.exponential(timeout / 3), undo)
        }
    }
    return () => {
        for (const undo of undos) {
            undo()
        }
    }
}

/** One member loses its power. */
export const powerLoss: Strike = (site) => {
    const dead = victim(site)
    return dead === null || dead.disk === null ? null : cutPower(site, [dead])
}

/** All members lose their power at once. */
export const blackout: Strike = (site) => {
    const dying = site.world.living.filter(({ disk }) => disk !== null)
    return dying.length === 0 ? null : cutPower(site, dying)
}

/** A flush fails: the member stops, and comes back from what was stable, or as a newcomer. */
export const failedFlush: Strike = (site) => {
    const { colleagues, dice, world } = site
    const failing = victim(site)
    const disk = failing?.disk ?? null
    if (failing === null || disk === null) {
        return null
    }
    disk.isFailing = true
    const isReplaced = dice.chance(0.3)
    return () => {
        disk.isFailing = false
        const failed = world.network.hosts[failing.host] ?? null
        if (failed?.disk !== disk || failed.isAlive || !failed.isReturning) {
            return
        }
        if (isReplaced) {
            world.giveUp(failed)
            colleagues.succeed(failed, dice.chance(0.5))
        } else {
            colleagues.comeBack(failed)
        }
    }
}

/** Every flush of one member takes longer. */
export const slowDisk: Strike = (site) => {
    const disk = victim(site)?.disk ?? null
    if (disk === null) {
        return null
    }
    disk.slowMs = site.fault.force ** 2 * site.timeout / 4
    return () => {
        disk.slowMs = 0
    }
}
