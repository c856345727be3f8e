import type { Dice } from '../dice.js'
import type { VirtualTimeline } from '../virtual-timeline.js'
import type { NetworkCondition, Fate, NetworkFaultKind, Weather } from '../weather.js'

/** A machine with a running process. */
export interface Host {
    /** The number of the machine. */
    readonly host: number
}

/** The part of a simulated republic that a fault of the network affects. */
export interface FaultyWorld<Resident extends Host = Host> {
    readonly timeline: VirtualTimeline
    readonly weather: Weather
    /** The running processes. */
    readonly living: readonly Resident[]
    /** The running leader; `null` without a leader. */
    readonly leader: Resident | null
    readonly options: { readonly ping: number }
    /** The instant at which all faults end. */
    readonly healsAt: number
}

/** The place of a fault of the network, with the dice of the fault. */
export interface NetworkSite<Resident extends Host = Host> {
    readonly world: FaultyWorld<Resident>
    readonly fault: {
        readonly kind: NetworkFaultKind
        readonly forMs: number
        /** The strength, in [0, 1). */
        readonly force: number
    }
    readonly dice: Dice
    /** The option `timeout`, in milliseconds. */
    readonly timeout: number
    /** The hosts of the running voters, the leader first. */
    voters(): readonly number[]
}

/** Ends a fault. */
export type Undo = () => void

/** Starts a fault of the network; `null` if the fault has no end or cannot strike. */
export type NetworkStrike = (site: NetworkSite) => Undo | null

/** A running process: in a third of the cases the leader. */
export function victim<Resident extends Host>(
    { world, dice }: {
        readonly world: Pick<FaultyWorld<Resident>, 'leader' | 'living'>
        readonly dice: Dice
    }
): Resident | null {
    const { leader, living } = world
    if (leader !== null && dice.chance(0.35)) {
        return leader
    }
    return living.length === 0 ? null : dice.pick(living)
}

/** The hosts of the running processes. */
export function livingHosts({ world }: Pick<NetworkSite, 'world'>): number[] {
    return world.living.map(({ host }) => host)
}

/** Applies a condition to every message until the fault ends. */
export function under(
    { world, fault }: Pick<NetworkSite, 'world' | 'fault'>, bear: NetworkCondition['bear']
): Undo {
    const { conditions } = world.weather
    const condition = { kind: fault.kind, bear }
    conditions.add(condition)
    return () => conditions.delete(condition)
}

/** Cuts every direction for which the function returns `true`. */
export function cut(site: NetworkSite, isCut: (from: number, to: number) => boolean): Undo {
    const isSilent = site.dice.chance(0.7)
    return under(site, (from, to, _isReply, fate: Fate) => {
        if (!isCut(from, to)) {
            return false
        }
        fate.isLost = true
        fate.isSilent ||= isSilent
        return true
    })
}
