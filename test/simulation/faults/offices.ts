import { declared, FIRST_VERSION, republicVersion } from '../../../src/paxos/membership/versions.js'
import { REPUBLIC } from '../world.js'
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

/**
 * An operator asks the leader to exile a citizen, as `exile` of a Colleague does: mostly a citizen
 * without a process. An answer of the citizen revokes the request. Version 1 knows no such exile.
 */
export const exile: Strike = ({ world, dice }) => {
    const { leader } = world
    const isSilent = (id: string): boolean => world.citizen(id) === null
    const prefersSilent = dice.chance(0.8)
    leader?.resume(() => {
        const { government, isLeading, options: { highestVersion } } = leader.door.paxos
        if (!isLeading || republicVersion(government) === FIRST_VERSION) {
            return
        }
        const others = Object.keys(government.properties).filter((id) => id !== leader.id)
        const silent = others.filter(isSilent)
        const asked = prefersSilent && silent.length !== 0 ? silent : others
        if (asked.length === 0) {
            return
        }
        const id = dice.pick(asked)
        world.tally.reach(isSilent(id)
            ? 'a leader is asked to exile a silent citizen'
            : 'a leader is asked to exile a running citizen')
        leader.play('immigrate', Object.freeze({
            republic: REPUBLIC, id, cookie: `operator ${dice.below(2 ** 31)}`,
            properties: government.properties[id] ?? null, hops: 0,
            ...declared([FIRST_VERSION, highestVersion])
        }))
    })
    return null
}
