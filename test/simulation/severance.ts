import { hasQuorum } from './checks/judge.js'
import type { Dice } from '../../src/testing/dice.js'
import type { Resident } from './resident.js'
import { demand } from './violation.js'
import type { NetworkCondition } from '../../src/testing/weather.js'
import type { World } from './world.js'

/** Within how many timeouts a citizen that does not reach the leader has published: L6. */
const RELAY_TIMEOUTS = 15

/** The share of trials in which a single link is cut at the end. */
const SHARE = 0.5

/** Whether a government is open or asked for. Then the third member may be about to leave. */
function isChanging(members: readonly Resident[]): boolean {
    return members.some(({ door: { paxos } }) => paxos.isLeaving || paxos.inspect().open !== null)
}

/** A citizen whose link to the leader is to be cut, while a third member reaches both. */
function drawCitizen(world: World, members: readonly Resident[], dice: Dice): Resident | null {
    const { leader } = world
    const { government } = world.realm.chronicle
    const others = members.filter((one) => one !== leader && world.isCitizen(one))
    const isFit = leader !== null && government !== null && others.length >= 2
    if (!isFit || !dice.chance(SHARE) || isChanging(members)) {
        return null
    }
    const citizen = dice.pick(others)
    // Without this citizen, the leader must still reach a majority.
    const reached = [leader, ...others].filter((one) => one !== citizen).map(({ id }) => id)
    return hasQuorum(government, new Set(reached)) ? citizen : null
}

/**
 * In some trials, cuts the link between the leader of a healed republic and one citizen, both ways
 * and for long, and has the citizen publish: L6. The leader may exile the citizen, which is silent
 * for the leader. Then the trial demands nothing more of the citizen.
 */
export function sever(world: World, members: readonly Resident[], dice: Dice): void {
    const citizen = drawCitizen(world, members, dice)
    const leader = world.leader?.host
    if (citizen === null || leader === undefined) {
        return
    }
    const { timeline, tally, weather, options: { ping, timeout } } = world
    const bear: NetworkCondition['bear'] = (from, to, _isReply, fate) => {
        fate.isLost ||= (from === leader && to === citizen.host) ||
            (from === citizen.host && to === leader)
        return false
    }
    const condition: NetworkCondition = { kind: 'partition', bear }
    weather.conditions.add(condition)
    world.say(() => `*** the link between ${leader} and ${citizen.host} is cut for long`)
    tally.reach('a citizen loses the link to the leader alone')
    for (const _ of [1, 2, 3]) {
        citizen.publish(`relayed ${citizen.number}`)
        const limit = timeline.now + RELAY_TIMEOUTS * timeout
        while (isWaiting(citizen)) {
            if (!citizen.isAlive || !world.isCitizen(citizen)) {
                // The leader has exiled a citizen that was silent for `patience`.
                weather.conditions.delete(condition)
                return
            }
            demand(timeline.now < limit, 'L6', () =>
                `${citizen.id} does not reach the leader and cannot publish`)
            timeline.runUntil(timeline.now + ping / 2)
        }
        if (citizen.relay.through !== null) {
            tally.reach('a relay passes a batch on')
        }
        timeline.runUntil(timeline.now + 2 * timeout)
    }
    weather.conditions.delete(condition)
}

function isWaiting({ door }: Resident): boolean {
    const { waiting, pending } = door.islander.health()
    return waiting + pending !== 0
}
