import { type Strike, victim } from './site.js'

/**
 * Lets a leader hand over to another member. A leader that the republic has replaced without its
 * knowledge asks, too, and now and then a member that does not lead: the engine refuses its wish.
 */
export const cede: Strike = ({ world, dice }) => {
    const { leader } = world
    const leading = world.living.filter(({ door }) => door.paxos.isLeading)
    const asking = dice.chance(0.2) ? world.living : leader === null ? leading : [leader]
    const ready = world.realm.chronicle.government?.naturalized ?? []
    if (asking.length !== 0) {
        const by = dice.pick(asking)
        const others = ready.filter((id) => id !== by.id)
        if (others.length !== 0) {
            const id = dice.pick(others)
            by.resume(() => {
                if (!by.door.paxos.isLeading) {
                    world.tally.reach('a member asks to cede that does not lead')
                }
                by.play('cede', { id })
            })
        }
    }
    return null
}

/** Lets a member ask to be exiled, whether a leader lives or not; a successor follows the exile. */
export const leave: Strike = (site) => {
    const leaver = victim(site)
    leaver?.resume(() => {
        if (site.world.leader === null) {
            site.world.tally.reach('a member asks to leave while no leader lives')
        }
        leaver.play('leave', {})
    })
    return null
}
