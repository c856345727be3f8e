import type { Callers } from './callers.js'
import { isCore, presentOn } from './checks/judge.js'
import { healedBy, whatIsMissing } from './checks/whole.js'
import type { Core } from './heal.js'
import type { Resident } from './resident.js'
import { demand } from './violation.js'
import type { World } from './world.js'

/** Within how many timeouts all is settled, what waits for a retry too. */
const EPILOGUE_TIMEOUTS = 10

/**
 * Within how many timeouts, all logs being equal and all publishes settled, a republic is whole
 * again. The bound is added to the bound of L1 (`CONVERGENCE_TIMEOUTS`, counted from the healing).
 * Absent voters may keep their seats for the option `patience` longer.
 */
export const WHOLE_TIMEOUTS = 15

/** A `patience` above so many timeouts is not waited for: absent voters may keep their seats. */
const PATIENCE_TIMEOUTS = 8

/** How long a republic that is whole is watched for what it does when nothing happens. */
const IDLE_TIMEOUTS = 4

/** The last part of a trial: the republic has converged, and nothing new is published. */
export class Epilogue {
    readonly #world: World
    readonly #core: Core
    readonly #callers: Callers | null
    readonly #state: () => string

    /** @param state Describes the core, for the messages of violations. */
    constructor(world: World, core: Core, callers: Callers | null, state: () => string) {
        this.#world = world
        this.#core = core
        this.#callers = callers
        this.#state = state
    }

    /**
     * Everything that waits settles (L2), the republic becomes whole (L5), and then nothing happens
     * any more (L3).
     *
     * @returns Whether the republic came to rest; `false` if the core was lost before.
     */
    run(): boolean {
        const { world, tally } = { world: this.#world, tally: this.#world.tally }
        if (!this.#core.isWhole) {
            tally.reach('a core is healed alone')
        }
        for (const one of this.#members) {
            one.publish(`last ${one.number}`)
        }
        const { timeout } = world.options
        const settled = this.#until(EPILOGUE_TIMEOUTS * timeout, () => this.#isSettled(), () =>
            demand(false, 'L2', () =>
                `What was published in a settled republic does not settle: ${this.#state()}`))
        const isWhole = settled && this.#becomesWhole()
        if (isWhole) {
            this.#idle()
        }
        return isWhole
    }

    get #members(): Resident[] {
        return this.#world.living.filter(({ host }) => this.#core.hosts.has(host))
    }

    /** Lets time pass until something holds; `false` where the core is lost before. */
    #until(limitMs: number, holds: () => boolean, fail: () => void): boolean {
        const { tally, timeline, realm, options: { ping } } = this.#world
        const limit = timeline.now + limitMs
        while (!holds()) {
            const present = presentOn(this.#world, this.#core.hosts)
            if (!isCore(realm.chronicle.government, present)) {
                // Who died at the healing may just have been offered the seats that are missing.
                tally.unavailable++
                tally.reach('a core is lost')
                return false
            }
            if (timeline.now >= limit) {
                fail()
            }
            timeline.runUntil(timeline.now + ping / 2)
        }
        return true
    }

    #isSettled(): boolean {
        const { chronicle } = this.#world.realm
        return this.#members.every((one) => {
            const { waiting, pending } = one.door.islander.health()
            return waiting + pending === 0 && (this.#callers?.waitedMs(one) ?? null) === null &&
                one.memory.position === chronicle.entries.length - 1
        })
    }

    /** Waits until every free seat is taken and no government is open. */
    #becomesWhole(): boolean {
        const { timeline, options: { timeout, patience = timeout } } = this.#world
        const patienceMs = patience > PATIENCE_TIMEOUTS * timeout ? null : patience
        const since = timeline.now
        let complaint: string | null = null
        return this.#until(WHOLE_TIMEOUTS * timeout + (patienceMs ?? 0), () => {
            const isPatienceOver = patienceMs !== null
            const healed = healedBy(this.#world, this.#members, isPatienceOver)
            complaint = healed === null ? null : whatIsMissing(healed)
            return complaint === null
        }, () => {
            const sinceMs = timeline.now - since
            demand(false, 'L5', () =>
                `Not whole ${sinceMs} ms after all had settled: ${complaint}: ${this.#state()}`)
        })
    }

    #idle(): void {
        const world = this.#world
        const { tally, timeline, traffic, options: { ping, timeout } } = world
        const { elections } = tally
        const { calls } = traffic
        const leavers = this.#members.filter(({ door }) => door.paxos.isLeaving).length
        timeline.runUntil(timeline.now + IDLE_TIMEOUTS * timeout)
        // A member that promised a higher ballot in the bad times may first be written to now, and
        // who has to wait until it may leave cedes where it leads.
        demand(tally.elections - elections <= 1 + leavers, 'L3', () =>
            `A settled republic has changed its government: ${this.#state()}`)
        const callsMax = 4 * (world.living.length + 2) * (IDLE_TIMEOUTS * timeout / ping) + 50
        const count = traffic.calls - calls
        demand(count <= callsMax, 'L3', () =>
            `A settled republic makes ${count} calls, ${callsMax} would do: ${this.#state()}`)
    }
}
