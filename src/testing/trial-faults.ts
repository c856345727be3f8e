import { Dice } from './dice.js'
import {
    delay, drop, duplicate, flap, halfOpen, loseReply, reorder, slowLink
} from './faults/messages.js'
import { chain, isolate, oneWay, partition, star } from './faults/shapes.js'
import {
    type FaultyWorld, type NetworkSite, type NetworkStrike, type Undo, victim
} from './faults/site.js'
import type { PlannedFault, TrialFaultKind, TrialNetworkFault } from './plan.js'
import type { TrialRepublic, TrialMember } from './trial-republic.js'
import type { VirtualTime } from './virtual-time.js'
import type { Weather } from './weather.js'

/** The parts of a run that faults affect. */
export interface FaultParts {
    readonly time: VirtualTime
    readonly weather: Weather
    readonly republic: TrialRepublic
    /** The end of the time with faults, on the timeline. */
    readonly endsAt: number
    /** Lets all clients call the workload without pauses. */
    setHaste(isHasty: boolean): void
    /** Counts a fault that has struck. */
    struck(kind: TrialFaultKind): void
    log(text: string): void
}

/** The place of a fault, with its dice. */
interface Site {
    readonly parts: FaultParts
    readonly fault: PlannedFault
    readonly dice: Dice
}

/** Starts a fault; `null` if the fault cannot strike now. */
type Strike = (site: Site) => Undo | null

const TIMEOUT_MS = 1000
const PING_MS = 250

/** The largest number of members that faults add. */
const NEWCOMERS_MAX = 2

const NETWORK: Readonly<Record<TrialNetworkFault, NetworkStrike>> = {
    drop, loseReply, duplicate, delay, reorder, slowLink, flap, halfOpen,
    partition, isolate, oneWay, star, chain
}

const NOTHING: Undo = () => {}

/** The republic as the faults of the network see it. */
function worldOf({ time, weather, republic, endsAt }: FaultParts): FaultyWorld<TrialMember> {
    const { living, leader } = republic
    const options = { ping: PING_MS }
    return { timeline: time.timeline, weather, living, leader, options, healsAt: endsAt }
}

function chosen({ parts, dice }: Site): TrialMember | null {
    return victim({ world: parts.republic, dice })
}

/** Restarts the member after a while, and at the end of all faults. */
function comingBack({ parts, dice }: Site, members: readonly TrialMember[]): Undo {
    const { republic, time } = parts
    const undos = members.map((member) => {
        const { lives } = member
        const comeBack = (): void => {
            if (member.running === null && member.lives === lives) {
                republic.start(member)
            }
        }
        time.timeline.after(dice.exponential(2 * TIMEOUT_MS), comeBack)
        return comeBack
    })
    return () => {
        for (const undo of undos) {
            undo()
        }
    }
}

/** Whether a member may end: with a journal at any time. */
function mayEnd({ republic, weather }: FaultParts, { disk }: TrialMember): boolean {
    return disk !== null || republic.maySpare(weather.conditions.size === 0)
}

/** Ends a process, like `kill -9`. */
const crash: Strike = (site) => {
    const member = chosen(site)
    if (member === null || !mayEnd(site.parts, member)) {
        return null
    }
    site.parts.republic.kill(member)
    return comingBack(site, [member])
}

/** Ends a process, and loses its disk. */
const amnesia: Strike = (site) => {
    const { republic, weather } = site.parts
    const member = chosen(site)
    if (member === null || !republic.maySpare(weather.conditions.size === 0)) {
        return null
    }
    republic.kill(member)
    member.disk?.erase()
    return comingBack(site, [member])
}

const powerLoss: Strike = (site) => {
    const member = chosen(site)
    if (member === null || member.disk === null) {
        return null
    }
    site.parts.republic.kill(member)
    member.disk.losePower()
    return comingBack(site, [member])
}

/** Cuts the power of all members. */
const blackout: Strike = (site) => {
    const { republic } = site.parts
    const members = republic.living
    for (const member of members) {
        republic.kill(member)
        member.disk?.losePower()
    }
    return comingBack(site, members)
}

const slowDisk: Strike = (site) => {
    const disk = chosen(site)?.disk ?? null
    if (disk === null) {
        return null
    }
    disk.slowMs = site.dice.between(20, 400)
    return () => {
        disk.slowMs = 0
    }
}

/** Adds a member with a new id. */
const newcomer: Strike = ({ parts: { republic } }) => {
    const { members } = republic
    if (republic.leader === null || members.length >= republic.size + NEWCOMERS_MAX) {
        return null
    }
    republic.start(republic.add())
    return NOTHING
}

const cede: Strike = ({ parts: { republic }, dice }) => {
    const { leader } = republic
    const { colleague } = leader?.running ?? {}
    const others = (colleague?.kibitzer.paxos.government.naturalized ?? [])
        .filter((id) => id !== leader?.id)
    if (colleague === undefined || others.length === 0) {
        return null
    }
    colleague.cede(dice.pick(others)).catch(() => {})
    return NOTHING
}

/** Lets a member leave if at least three members stay. */
const leave: Strike = (site) => {
    const { parts: { republic, log } } = site
    const member = chosen(site)
    const staying = republic.living.filter(({ isLeaving, running }) =>
        !isLeaving && running?.isStarted === true)
    if (member === null || member.isLeaving || staying.length <= 3) {
        return null
    }
    member.isLeaving = true
    log(`${member.id} leaves`)
    member.running?.colleague.leave().catch(() => {
        member.isLeaving = false
    })
    return NOTHING
}

/** Sets the wall clock that the application of a member sees. */
const clock: Strike = (site) => {
    const member = chosen(site)
    if (member === null) {
        return null
    }
    member.skewMs = Math.round((site.dice.next() - 0.5) * 4 * 86_400_000)
    return NOTHING
}

function slow(name: 'applyMs' | 'snapshotMs' | 'restoreMs', mostMs: number): Strike {
    return (site) => {
        const member = chosen(site)
        if (member === null) {
            return null
        }
        member.slowness[name] = site.dice.between(1, mostMs)
        return () => {
            member.slowness[name] = 0
        }
    }
}

const burst: Strike = ({ parts }) => {
    parts.setHaste(true)
    return () => parts.setHaste(false)
}

const OTHERS: Readonly<Record<Exclude<TrialFaultKind, TrialNetworkFault>, Strike>> = {
    crash, amnesia, powerLoss, blackout, slowDisk, newcomer, cede, leave, clock, burst,
    slowApply: slow('applyMs', 60), slowSnapshot: slow('snapshotMs', 300),
    slowRestore: slow('restoreMs', 300)
}

function isOfNetwork(kind: TrialFaultKind): kind is TrialNetworkFault {
    return kind in NETWORK
}

/** Lets the faults of a plan strike, each in its time, until all are healed. */
export class TrialFaults {
    readonly #parts: FaultParts
    readonly #undos = new Set<Undo>()
    #isOver = false

    constructor(parts: FaultParts) {
        this.#parts = parts
    }

    /** Puts the faults on the timeline. */
    schedule(faults: readonly PlannedFault[]): void {
        for (const fault of faults) {
            this.#parts.time.timeline.after(fault.atMs, () => {
                if (!this.#isOver) {
                    this.#strike(fault)
                }
            })
        }
    }

    #strike(fault: PlannedFault): void {
        const parts = this.#parts
        const { kind, forMs } = fault
        const dice = new Dice(fault.seed, kind)
        const undo = this.#begin(fault, dice)
        if (undo === null) {
            return
        }
        parts.log(`fault ${fault.index}: ${kind} for ${forMs.toFixed(0)} ms`)
        parts.struck(kind)
        this.#undos.add(undo)
        parts.time.timeline.after(forMs, () => {
            if (this.#undos.delete(undo)) {
                undo()
            }
        })
    }

    #begin(fault: PlannedFault, dice: Dice): Undo | null {
        const parts = this.#parts
        const { kind, forMs, force } = fault
        if (!isOfNetwork(kind)) {
            return OTHERS[kind]({ parts, fault, dice })
        }
        const world = worldOf(parts)
        const site: NetworkSite = {
            world, fault: { kind, forMs, force }, dice, timeout: TIMEOUT_MS,
            voters: () => parts.republic.voters()
        }
        return world.living.length === 0 ? null : NETWORK[kind](site)
    }

    /** Heals everything: ends all faults, and restarts all members. */
    end(): void {
        this.#isOver = true
        for (const undo of this.#undos) {
            undo()
        }
        this.#undos.clear()
        const { weather, republic } = this.#parts
        weather.conditions.clear()
        weather.reconnect()
        for (const member of republic.members) {
            if (member.running === null && !member.isLeaving) {
                republic.start(member)
            }
        }
    }
}
