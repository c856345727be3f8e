import type { Government } from '../../../src/paxos/messages/messages.js'
import { FIRST_VERSION, republicVersion } from '../../../src/paxos/membership/versions.js'
import { inside } from '../inside.js'
import type { Resident } from '../resident.js'
import type { World } from '../world.js'
import { openGovernments } from './judge.js'
import { parliament } from './law.js'

/** A member that runs, is connected, and answers. */
export interface Present {
    readonly id: string
    /** How many entries of the log the member has not delivered. */
    readonly lag: number
    /** How many governments the member has accepted and does not know to be committed. */
    readonly open: number
    /** Whether the member has declared that it may hold a seat. */
    readonly isReady: boolean
    /** Whether the member has asked to be exiled. */
    readonly isLeaving: boolean
    /** The highest version of the member. @default 1 */
    readonly highestVersion?: number
}

/** A republic of which nothing is broken any more, as the checker sees the republic. */
export interface Healed {
    readonly government: Pick<
        Government, 'majority' | 'minority' | 'constituents' | 'naturalized' | 'version'
    >
    readonly parliamentSize: number
    readonly parliamentFloor: number
    readonly present: readonly Present[]
    /** Whether the leader has had time to exile every absent member. */
    readonly isPatienceOver: boolean
}

function absentVoters({ government, present }: Healed): readonly string[] {
    return parliament(government).filter((id) => !present.some((one) => one.id === id))
}

/** A newcomer could not feed an absent voter that comes back: until then no newcomer sits. */
function isHeldUp(healed: Healed): boolean {
    return absentVoters(healed).length !== 0 && !healed.isPatienceOver
}

/** The complaint about the seats, or `null`. */
function seatsAmiss(healed: Healed): string | null {
    const { government, parliamentSize, parliamentFloor, present, isPatienceOver } = healed
    const voters = parliament(government)
    const { constituents, naturalized } = government
    const ready = present.filter(({ id, isLeaving }) =>
        !isLeaving && constituents.includes(id) && naturalized.includes(id)).map(({ id }) => id)
    const absent = absentVoters(healed)
    const room = voters.length % 2 === 0 ? 1 : 2
    if (!isHeldUp(healed) && voters.length + room <= parliamentSize && ready.length >= room) {
        return `${ready} may sit, and ${voters.length} of ${parliamentSize} seats are taken`
    }
    if (voters.length % 2 === 0 && voters.length - 1 >= parliamentFloor) {
        return `the parliament ${voters} is even`
    }
    const mayShrink = voters.length - 1 >= parliamentFloor
    if (isPatienceOver && absent.length !== 0 && (mayShrink || ready.length !== 0)) {
        return `${absent} do not answer and keep their seats, and ${ready} may sit`
    }
    return null
}

/** The complaint about a single member, or `null`. */
function memberAmiss(
    { government: { naturalized } }: Healed,
    { id, lag, open, isReady }: Present
): string | null {
    if (lag !== 0) {
        return `${id} lacks ${lag} entries`
    }
    if (open !== 0) {
        return `${id} holds ${open} open governments`
    }
    return isReady && !naturalized.includes(id) ? `${id} is ready and not naturalized` : null
}

/** The complaint about members that asked to leave, or `null`. */
function wishesAmiss(healed: Healed): string | null {
    const { government, parliamentFloor, present } = healed
    const voters = parliament(government)
    for (const { id } of present.filter(({ isLeaving }) => isLeaving)) {
        const others = present.filter((one) => one.id !== id && !one.isLeaving)
        const seated = others.filter((one) => voters.includes(one.id))
        const ready = isHeldUp(healed) ? [] : others.filter((one) =>
            !voters.includes(one.id) && government.naturalized.includes(one.id))
        const isFree = voters.length - 1 >= parliamentFloor && 2 * seated.length > voters.length - 1
        if (!voters.includes(id) || (seated.length !== 0 && (isFree || ready.length !== 0))) {
            return `${id} has asked to leave, can be spared, and is still there`
        }
    }
    return null
}

/** The complaint about the version of the republic, or `null`. */
function versionAmiss({ government, present }: Healed): string | null {
    const highest = present.map(({ highestVersion = FIRST_VERSION }) => highestVersion)
    const isPresent = (id: string): boolean => present.some((one) => one.id === id)
    const all = [...parliament(government), ...government.constituents]
    const common = all.every(isPresent) ? Math.min(...highest) : FIRST_VERSION
    const version = republicVersion(government)
    return common > version
        ? `all take part in version ${common}, and the republic has version ${version}`
        : null
}

/**
 * Looks for what is missing in a republic that has healed: L5.
 *
 * 1. Each ready constituent that answers holds a seat, as long as two seats are free, or a single
 *    seat of an even parliament; not while an absent voter is within its `patience`.
 * 2. A parliament is odd, except at its floor, and no voter that does not answer keeps a seat that
 *    another member could take or that the parliament can do without.
 * 3. Every member is level, holds no open government, and is naturalized if it says it is ready.
 * 4. A member that asked to leave, and that the others can spare, is gone. No ready constituent
 *    takes its seat while an absent voter is within its `patience`.
 * 5. The republic has the highest version that all members take part in, if all are present.
 *
 * @returns The first complaint; `null` where the republic is whole.
 */
export function whatIsMissing(healed: Healed): string | null {
    for (const one of healed.present) {
        const complaint = memberAmiss(healed, one)
        if (complaint !== null) {
            return complaint
        }
    }
    return seatsAmiss(healed) ?? wishesAmiss(healed) ?? versionAmiss(healed)
}

/** A republic as the checker sees it: these members run and are connected. */
export function healedBy(
    world: World,
    members: readonly Resident[],
    isPatienceOver: boolean
): Healed | null {
    const { chronicle } = world.realm
    const { government } = chronicle
    const { parliamentSize, parliamentFloor } = world.options
    const present = members.map((one): Present => ({
        id: one.id,
        lag: chronicle.entries.length - 1 - one.memory.position,
        open: openGovernments(one).length,
        isReady: inside(one.door.paxos).isReady,
        isLeaving: one.door.paxos.isLeaving,
        highestVersion: one.door.paxos.options.highestVersion
    }))
    return government === null
        ? null
        : { government, parliamentSize, parliamentFloor, present, isPatienceOver }
}
