import { type Strike, victim } from './site.js'

/** Lets the leader hand over to somebody else. */
export const cede: Strike = ({ world, dice }) => {
    const { leader } = world
    const ready = world.realm.chronicle.government?.naturalized ?? []
    const others = ready.filter((id) => id !== leader?.id)
    if (leader !== null && others.length !== 0) {
        const id = dice.pick(others)
        leader.resume(() => leader.play('cede', { id }))
    }
    return null
}

/** Lets a member ask to be exiled; somebody takes its place once it is. */
export const leave: Strike = (site) => {
    const leaver = victim(site)
    leaver?.resume(() => leaver.play('leave', {}))
    return null
}
