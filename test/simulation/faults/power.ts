import { Dice } from '../../../src/testing/dice.js'
import type { Damage } from '../image.js'
import type { Resident } from '../resident.js'
import { type Site, type Strike, type Undo, victim } from './site.js'

/** How much of what was not flushed is there all the same: all, nothing, or some. */
function spared({ dice }: Site, unflushed: number): number {
    const way = dice.next()
    return way < 0.3 ? 0 : way < 0.5 ? unflushed : dice.below(unflushed + 1)
}

/** How often the power fails again while a new process writes its first records. */
const RELAPSES = 0.3

/** The returns of members that one fault has stopped. */
class Returns {
    readonly #site: Site
    readonly #dice: Dice
    #isOver = false

    constructor(site: Site) {
        this.#site = site
        this.#dice = new Dice(site.fault.seed, 'relapse')
    }

    /** Lets no power fail again. */
    end(): void {
        this.#isOver = true
    }

    /**
     * A member comes back as itself. Sometimes its application publishes at once, and the power
     * fails again before the disk holds the record by which the process began.
     */
    comeBack(dead: Resident): void {
        const { world, colleagues, fault } = this.#site
        const { host, isReturning } = dead
        colleagues.comeBack(dead)
        const back = world.network.hosts[host] ?? null
        const isBack = isReturning && back !== dead && back?.isAlive === true
        if (isBack && !this.#isOver && this.#dice.chance(RELAPSES)) {
            back.publish(`again ${fault.seed}.${back.number}`)
            const flushMs = world.plan.durable?.flushMs ?? 0
            world.timeline.after(this.#dice.between(0, flushMs), () => this.#relapse(back))
        }
    }

    #relapse(back: Resident): void {
        const { world, timeout } = this.#site
        if (back.isAlive && back.disk !== null && !this.#isOver) {
            const dice = this.#dice
            world.tally.reach('power fails again in the first flush of a process')
            world.cutPower(back, dice.chance(0.5) ? 0 : dice.below(back.disk.unflushed + 1))
            world.timeline.after(dice.exponential(timeout / 3), () => this.comeBack(back))
        }
    }
}

/** Each comes back as itself, sooner or later. */
function comeBack(site: Site, dying: readonly Resident[]): Undo {
    const { world, dice, timeout } = site
    const returns = new Returns(site)
    for (const dead of dying) {
        if (dice.chance(0.7)) {
            world.timeline.after(dice.exponential(timeout / 3), () => returns.comeBack(dead))
        }
    }
    return () => {
        returns.end()
        for (const dead of dying) {
            returns.comeBack(dead)
        }
    }
}

/** Ends processes with all that was not flushed. */
function cutPower(site: Site, dying: readonly Resident[]): Undo {
    for (const dead of dying) {
        site.world.cutPower(dead, spared(site, dead.disk?.unflushed ?? 0))
    }
    return comeBack(site, dying)
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

/**
 * Power fails while a member sends what follows from an input: some of it leaves, and so much of
 * what was not flushed is lost as may be. The member is mostly the leader.
 */
function cutWhileSending(
    site: Site, dying: (sender: Resident) => readonly Resident[]
): Undo | null {
    const { world, dice } = site
    const sender = dice.chance(0.7) ? world.leader : victim(site)
    if (sender === null || sender.disk === null) {
        return null
    }
    let undo: Undo = () => {
        sender.sendsLeft = null
        sender.cutting = null
    }
    sender.sendsLeft = dice.below(6)
    sender.cutting = () => {
        world.tally.reach('power fails between two sends')
        undo = cutPower(site, dying(sender))
    }
    return () => undo()
}

/** One member loses its power between two sends. */
export const cutMidSend: Strike = (site) => cutWhileSending(site, (sender) => [sender])

/** All members lose their power at once, between two sends of one of them. */
export const blackoutMidSend: Strike = (site) =>
    cutWhileSending(site, () => site.world.living.filter(({ disk }) => disk !== null))

/** One member loses its power while it writes: any sectors of what it writes may be there. */
export const tornWrite: Strike = (site) => {
    const { world, dice } = site
    const disk = victim(site)?.disk ?? null
    if (disk === null) {
        return null
    }
    let undo: Undo = () => {
        disk.tearing = null
    }
    disk.tearing = (writing, through) => {
        const count = disk.tear(through, dice)
        if (count === 0) {
            world.tally.reach('a torn write is cut')
        }
        world.cutPower(writing, count)
        undo = comeBack(site, [writing])
    }
    return () => undo()
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

/** One member loses its power, and what it had written is not what it reads. */
function rot(damage: Damage): Strike {
    return (site) => {
        const dead = victim(site)
        if (dead === null || dead.disk === null) {
            return null
        }
        const undo = cutPower(site, [dead])
        dead.disk.rot(damage, site.dice)
        return undo
    }
}

/** A bit is another one. */
export const bitFlip: Strike = rot('bitFlip')

/** A sector was written in the place of another. */
export const misdirected: Strike = rot('misdirected')

/** A sector is as it was before it was written. */
export const staleSector: Strike = rot('staleSector')
