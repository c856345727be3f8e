import type { Colleagues } from './colleague.js'
import { Dice } from '../../src/testing/dice.js'
import { burst, flood, foreign, replay } from './faults/loads.js'
import {
    delay, drop, duplicate, flap, halfOpen, hold, loseReply, reorder, slowLink
} from '../../src/testing/faults/messages.js'
import {
    amnesia, churn, crash, crashMidSend, majorityLost, massacre, newcomer, pause, secondFounding,
    twin
} from './faults/processes.js'
import {
    bitFlip, blackout, blackoutMidSend, cutMidSend, failedFlush, misdirected, powerLoss, slowDisk,
    staleSector, tornWrite
} from './faults/power.js'
import {
    bridge, chain, constrained, isolate, matrix, oneWay, partition, star, swizzle
} from '../../src/testing/faults/shapes.js'
import { move } from './faults/moves.js'
import { cede, exile, leave } from './faults/offices.js'
import type { NetworkSite, NetworkStrike } from '../../src/testing/faults/site.js'
import type { NetworkFaultKind } from '../../src/testing/weather.js'
import { type Site, type Strike, type Undo, votersOf } from './faults/site.js'
import { drift, earlyTimers, freeze, jump, jumpBack, lateTimers, skew } from './faults/times.js'
import type { Fault, FaultKind } from './plan.js'
import type { World } from './world.js'

const NETWORK_STRIKES: Readonly<Record<NetworkFaultKind, NetworkStrike>> = {
    drop, loseReply, duplicate, delay, hold, reorder, slowLink, flap, halfOpen,
    partition, isolate, oneWay, star, constrained, chain, bridge, matrix, swizzle
}

/** The kinds of faults that only these engines have. */
type OwnFaultKind = Exclude<FaultKind, NetworkFaultKind>

const STRIKES: Readonly<Record<OwnFaultKind, Strike>> = {
    crash, crashMidSend, amnesia, newcomer, massacre, majorityLost, pause, twin, secondFounding,
    skew, drift, jump, jumpBack, freeze, lateTimers, earlyTimers,
    burst, flood, churn, replay, foreign,
    cede, leave, exile,
    powerLoss, blackout, tornWrite, failedFlush, slowDisk, bitFlip, misdirected, staleSector,
    cutMidSend, blackoutMidSend,
    move
}

/** Lets the faults of a plan strike, each in its time, until all is mended. */
export class Nemesis {
    readonly #world: World
    readonly #colleagues: Colleagues
    readonly #undos = new Set<Undo>()
    #isOver = false

    constructor(world: World, colleagues: Colleagues) {
        this.#world = world
        this.#colleagues = colleagues
    }

    /** Puts the faults on the timeline. */
    plot(faults: readonly Fault[]): void {
        for (const fault of faults) {
            this.#world.timeline.after(fault.atMs, () => {
                if (!this.#isOver) {
                    this.strike(fault)
                }
            })
        }
    }

    /** Lets one fault strike. */
    strike(fault: Fault): void {
        const world = this.#world
        const { tally, timeline, options } = world
        const { kind, forMs, seed } = fault
        world.say(() => `*** ${kind} for ${forMs.toFixed(0)}, force ${fault.force.toFixed(2)}`)
        tally.fault(kind)
        const dice = new Dice(seed, kind)
        const { timeout } = options
        const site: Site = {
            world, colleagues: this.#colleagues, fault, dice, timeout, voters: () => votersOf(world)
        }
        const undo = this.#begin(site)
        if (undo === null) {
            return
        }
        this.#undos.add(undo)
        timeline.after(forMs, () => this.#end(undo, kind))
    }

    #begin(site: Site): Undo | null {
        const { kind } = site.fault
        return kind in NETWORK_STRIKES
            ? NETWORK_STRIKES[kind as NetworkFaultKind](site as NetworkSite)
            : STRIKES[kind as OwnFaultKind](site)
    }

    #end(undo: Undo, kind: FaultKind): void {
        if (this.#undos.delete(undo)) {
            this.#world.say(() => `*** end of ${kind}`)
            undo()
        }
    }

    /** Mends everything that can be mended, and lets nothing more strike. */
    end(): void {
        this.#isOver = true
        for (const undo of this.#undos) {
            this.#undos.delete(undo)
            undo()
        }
        this.#world.weather.reconnect()
        for (const resident of this.#world.living) {
            resident.lateMs = 0
            resident.earlyMs = 0
            resident.clockwork.run(this.#world.timeline.now, 1)
            resident.sendsLeft = null
            resident.disk?.mend()
            if (resident.isPaused) {
                resident.wake()
            }
        }
        for (const resident of this.#world.network.hosts) {
            // Who stood still when its flush failed may have learnt of that only now.
            if (resident !== null) {
                this.#colleagues.comeBack(resident)
            }
        }
    }
}
