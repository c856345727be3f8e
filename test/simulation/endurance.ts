import { isCore, presentOn } from './checks/judge.js'
import type { Callers } from './callers.js'
import type { Core } from './heal.js'
import type { Resident } from './resident.js'
import type { Address } from './surroundings.js'
import { demand } from './violation.js'
import type { World } from './world.js'

/** How many rounds a level member lacks at the most while every round is full. */
const LAG_ROUNDS = 16

/** How long a republic that has healed is watched under its load. */
const WATCH_TIMEOUTS = 6

/**
 * Within how many timeouts under load a member becomes level again, and a barrier ends. A question
 * without an answer, and the question before it, may hold a barrier up for two calls longer.
 */
const LEVEL_TIMEOUTS = 3

/** An exile that was decided on before all was mended is in the log within so many timeouts. */
export const EXILE_TIMEOUTS = 2

/** How many entries a level member lacks at the most while every round is full. */
export function lagMax({ options: { batch, window } }: Pick<World, 'options'>): number {
    return LAG_ROUNDS * batch * window
}

/** What is known of a member under load. */
interface Watch {
    readonly member: Resident
    /** When the member was level last. */
    levelAt: number
}

/** Whether a member is reached at its address in the log: a member that has moved may be lost. */
function isAtHome({ realm: { chronicle } }: World, { id, host }: Resident): boolean {
    const address = chronicle.government?.properties[id] as Address | undefined
    return address?.host === host
}

/**
 * Whether a member has accepted its exile: the republic has kept a wish to leave that the process
 * does not know after a restart. A member that is behind cannot consent.
 */
function hasConsented({ realm: { chronicle } }: World, { door: { paxos } }: Resident): boolean {
    return chronicle.entries.some((entry) => {
        const exile = entry.method === 'government' ? entry.body.exile : null
        return exile?.promise === paxos.immigrated && exile.consent !== undefined
    })
}

/**
 * The part of a trial in which a republic has healed, nothing breaks, and every round is full: each
 * member stays level, no member is exiled that answers, and each barrier ends: L7.
 *
 * @returns Whether the core is still there.
 */
export function endure(
    world: World, core: Core, callers: Callers, state: () => string
): boolean {
    const { timeline, options: { ping, timeout } } = world
    timeline.runUntil(Math.max(timeline.now, world.healsAt + EXILE_TIMEOUTS * timeout))
    const watches = world.living.filter((one) =>
        core.hosts.has(one.host) && world.isCitizen(one) && !one.door.paxos.isLeaving &&
        isAtHome(world, one)
    ).map((member): Watch => ({ member, levelAt: timeline.now }))
    const end = timeline.now + WATCH_TIMEOUTS * timeout
    while (timeline.now < end) {
        timeline.runUntil(timeline.now + ping / 2)
        if (!isCore(world.realm.chronicle.government, presentOn(world, core.hosts))) {
            return false
        }
        for (const watch of watches) {
            check(world, watch, callers, state)
        }
    }
    return true
}

function check(world: World, watch: Watch, callers: Callers, state: () => string): void {
    const { member } = watch
    const { timeline: { now }, realm, options: { timeout } } = world
    const limitMs = LEVEL_TIMEOUTS * timeout
    const lag = realm.chronicle.entries.length - 1 - member.memory.position
    const { isLeaving } = member.door.paxos
    demand(world.isCitizen(member) || isLeaving || hasConsented(world, member), 'L7', () =>
        `${member.id} answers under load and is exiled, ${lag} entries behind: ${state()}`)
    if (lag <= lagMax(world)) {
        watch.levelAt = now
    }
    demand(now - watch.levelAt <= limitMs, 'L7', () =>
        `${member.id} answers under load and lacks ${lag} entries: ${state()}`)
    const waitedMs = callers.waitedMs(member) ?? 0
    demand(waitedMs <= limitMs + 2 * world.plan.callLimitMs, 'L7', () =>
        `A barrier of ${member.id} has waited for ${waitedMs} ms under load: ${state()}`)
}
