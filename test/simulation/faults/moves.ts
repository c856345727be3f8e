import { parliament } from '../../../src/paxos/membership/government.js'
import type { Resident } from '../resident.js'
import { type Site, type Strike, type Undo, victim } from './site.js'

/** The members that move: a single member, a majority of the voters, or all members. */
function movers(site: Site): readonly Resident[] {
    const { world, dice, fault: { force } } = site
    const citizens = world.living.filter((one) => one.isCitizen && world.isCitizen(one))
    if (force > 0.75) {
        world.tally.reach('all members move at once')
        return citizens
    }
    const { government } = world.realm.chronicle
    const voters = government === null ? [] : dice.shuffle(parliament(government))
    if (force > 0.5 && voters.length > 1) {
        world.tally.reach('a majority moves at once')
        const ids = voters.slice(0, Math.floor(voters.length / 2) + 1)
        return citizens.filter(({ id }) => ids.includes(id))
    }
    const mover = victim(site)
    return mover === null || !citizens.includes(mover) ? [] : [mover]
}

/** Stops a member with a disk; the member comes back at another address. */
function restart({ world, colleagues, dice, timeout }: Site, mover: Resident): Undo {
    const { disk } = mover
    world.cutPower(mover, disk?.unflushed ?? 0)
    const comeBack = (): void => colleagues.comeBack(mover, true)
    world.timeline.after(dice.exponential(timeout / 3), comeBack)
    return comeBack
}

/**
 * Members move to addresses where no member lives. A member with a disk mostly moves over a
 * restart. The former address is empty, or becomes the address of another member.
 */
export const move: Strike = (site) => {
    const { colleagues, dice } = site
    const undos = movers(site).map((mover): Undo => {
        if (mover.disk !== null && dice.chance(0.8)) {
            return restart(site, mover)
        }
        colleagues.move(mover)
        return () => {}
    })
    return () => {
        for (const undo of undos) {
            undo()
        }
    }
}
