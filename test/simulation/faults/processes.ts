import { parliament } from '../../../src/paxos/membership/government.js'
import type { Resident } from '../resident.js'
import { type Site, type Strike, type Undo, victim } from './site.js'

/** Later, something else lives where a process has crashed, or nothing does. */
function successor(site: Site, dead: Resident): Undo | null {
    const { world, colleagues, dice } = site
    const fate = dice.next()
    if (fate < 0.2) {
        return null
    }
    return () => {
        if (!dead.isAlive && world.network.hosts[dead.host] === dead) {
            colleagues.succeed(dead, fate < 0.7)
        }
    }
}

/** Ends a process between two steps; mostly something takes its place in the end. */
export const crash: Strike = (site) => {
    const dead = victim(site)
    if (dead === null) {
        return null
    }
    site.world.kill(dead)
    return successor(site, dead)
}

/** Ends a process within a step: some of what it puts out does not leave. */
export const crashMidSend: Strike = (site) => {
    const dying = victim(site)
    if (dying === null) {
        return null
    }
    dying.sendsLeft = site.dice.below(6)
    site.world.giveUp(dying)
    return successor(site, dying)
}

/** Ends a process; at once another begins under its id, which remembers nothing. */
export const amnesia: Strike = (site) => {
    const dead = victim(site)
    if (dead !== null) {
        site.colleagues.restart(dead, true)
    }
    return null
}

/** Ends a process; at once another begins under another id, at the same address. */
export const newcomer: Strike = (site) => {
    const dead = victim(site)
    if (dead !== null) {
        site.colleagues.restart(dead, false)
    }
    return null
}

function endAll(site: Site, dying: readonly Resident[]): Undo {
    for (const dead of dying) {
        site.world.kill(dead)
    }
    const undos = dying.map((dead) => successor(site, dead))
    return () => {
        for (const undo of undos) {
            undo?.()
        }
    }
}

/** Ends all processes but one. */
export const massacre: Strike = (site) => {
    const survivor = victim(site)
    return endAll(site, site.world.living.filter((one) => one !== survivor))
}

/** Ends a majority of the parliament at once. */
export const majorityLost: Strike = (site) => {
    const { world, dice } = site
    const { government } = world.realm.chronicle
    const voters = government === null ? [] : parliament(government)
    const dying = dice.shuffle(voters).slice(0, Math.floor(voters.length / 2) + 1)
    return endAll(site, dying.flatMap((id) => world.citizen(id) ?? []))
}

/** Lets a process stand still, up to sixty timeouts. */
export const pause: Strike = (site) => {
    const paused = victim(site)
    if (paused === null || paused.isPaused) {
        return null
    }
    paused.pause()
    const { fault, timeout, world } = site
    const wake = (): void => paused.wake()
    if (fault.force > 0.85) {
        world.timeline.after(site.dice.between(10, 60) * timeout, wake)
        return null
    }
    return wake
}

/** Begins a second process under the id of one that lives. */
export const twin: Strike = (site) => {
    const { colleagues, world } = site
    const original = victim(site)
    if (original === null || world.living.length > 24) {
        return null
    }
    const double = colleagues.join(original.id, colleagues.vacancy())
    return () => {
        // Where the original is gone, the twin has become the member.
        if (original.isAlive && double.isAlive && !double.isCitizen) {
            world.kill(double)
        }
    }
}

/** Ends a process; in its place, under its id, somebody founds a republic of the same name. */
export const secondFounding: Strike = (site) => {
    const { colleagues, world, dice } = site
    const dead = victim(site)
    if (dead === null) {
        return null
    }
    world.kill(dead)
    const founder = colleagues.found(dead.id, dead.host, `another founding ${dice.next()}`)
    founder.publish('not of this republic')
    return () => {
        if (founder.isAlive) {
            colleagues.restart(founder, true)
        }
    }
}

/** Somebody arrives; mostly somebody else, or the same, leaves in the end. */
export const churn: Strike = (site) => {
    const { colleagues, world, dice } = site
    if (world.living.length > 20) {
        return null
    }
    const arrived = colleagues.join(colleagues.name(), colleagues.vacancy())
    const isStaying = dice.chance(0.3)
    return () => {
        const leaver = dice.chance(0.5) ? arrived : victim(site)
        if (leaver?.isAlive === true && !isStaying) {
            world.kill(leaver)
        }
    }
}
