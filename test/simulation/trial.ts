import type { GovernmentBody, LogEntry } from '../../src/paxos/messages/messages.js'
import { nullGovernment } from '../../src/paxos/membership/government.js'
import { FIRST_VERSION, republicVersion } from '../../src/paxos/membership/versions.js'
import { isCore, isNameTaken, isOutOfReach, presentOn } from './checks/judge.js'
import { Colleagues } from './colleague.js'
import { isConverged } from './convergence.js'
import { Dice } from '../../src/testing/dice.js'
import { endure, EXILE_TIMEOUTS } from './endurance.js'
import { Epilogue } from './epilogue.js'
import { form } from './formation.js'
import { cutOff, type Core, rescue } from './heal.js'
import { inside } from './inside.js'
import { Nemesis } from './nemesis.js'
import type { Plan } from './plan.js'
import type { Resident } from './resident.js'
import { sever } from './severance.js'
import type { Address } from './surroundings.js'
import { Tally } from './tally.js'
import { demand } from './violation.js'
import { Workload } from './workload.js'
import { type Listener, World } from './world.js'

/** Within how many timeouts, a core being there, a new publish is in the log: L2. */
export const RECOVERY_TIMEOUTS = 5

/** Within how many timeouts, a core being there, all logs are equal and all publishes settled. */
export const CONVERGENCE_TIMEOUTS = 30

/** A publisher whose batches have fewer entries may need a round trip for each entry. */
const SMALL_BATCH = 32

/** How long a republic without a core is watched. */
const WATCH_TIMEOUTS = 10

/** Whether an exiled process has moved, lives at its address in the log, and wants to stay. */
function isMoved(
    { door: { paxos }, host }: Resident,
    { promise, properties }: NonNullable<GovernmentBody['exile']>
): boolean {
    const { citizenship, departure } = inside(paxos)
    const hasMoved = citizenship.recordOf(promise)?.moved !== undefined
    const isThere = (properties as Address).host === host
    return paxos.immigrated === promise && hasMoved && isThere && !departure.leaves
}

/** One trial: form, faults, heal, settle. Ends well, or throws. */
export class Trial {
    readonly tally = new Tally()
    readonly world: World
    readonly colleagues: Colleagues
    readonly nemesis: Nemesis
    readonly workload: Workload
    readonly #plan: Plan
    /** When the faults began; `null` before. */
    faultsAt: number | null = null
    /** When the first new publish after the healing was in the log. */
    #recoveredAt: number | null = null
    #isHealed = false
    #core: Core | null = null
    /** How long it takes to write what waited when all was mended: what is new comes behind it. */
    #owedMs = 0
    /** How long somebody has waited for its name, or for its exile. */
    #takenMs = 0
    /** The governments since. */
    readonly #patient = new Set<string>()

    constructor(plan: Plan, listener: Listener | null = null) {
        this.#plan = plan
        this.world = new World(plan, this.tally, listener)
        this.colleagues = new Colleagues(this.world, new Dice(plan.seed, 'colleagues'))
        this.nemesis = new Nemesis(this.world, this.colleagues)
        this.workload = new Workload(this.world, new Dice(plan.seed, 'workload'))
        const { callers } = this.workload
        this.world.onStep = (resident) => {
            this.colleagues.tend(resident)
            callers?.step(resident)
        }
        this.world.onSpawn = (resident) => this.workload.tend(resident)
        this.world.onEntry = (_by, { body }) => {
            this.#checkExile(body)
            const isMark = 'cookie' in body && String(body.body).startsWith('healed')
            if (this.#isHealed && isMark) {
                this.#recoveredAt ??= this.world.timeline.now
            }
        }
    }

    /** Once all is mended, no moved member is exiled that lives at its address in the log: L5. */
    #checkExile(body: LogEntry['body']): void {
        const exile = 'majority' in body ? body.exile : null
        const { guidance, healsAt, timeline, living } = this.world
        const isLate = timeline.now > healsAt + EXILE_TIMEOUTS * this.#timeout
        if (exile === null || !isLate || this.#core === null || !guidance.isWatching) {
            return
        }
        const present = this.#members(this.#core)
        const moved = living.find((one) => present.includes(one) && isMoved(one, exile))
        demand(moved === undefined || isOutOfReach(moved, present), 'L5', () =>
            `${exile.id} has moved, is there, and is exiled: ${moved?.host}`)
    }

    get #timeout(): number {
        return this.#plan.options.timeout
    }

    /** Runs it all. */
    run(): Tally {
        const { tally, world } = this
        const { timeline } = world
        tally.trials++
        try {
            this.form()
            world.healsAt = timeline.now + this.#plan.faultsMs
            timeline.runUntil(world.healsAt)
            this.#settle(this.#heal())
            this.#depart()
            for (const recording of world.observer.recordings.values()) {
                recording.check()
            }
        } finally {
            tally.virtualMs += timeline.now
            tally.events += timeline.events
        }
        return tally
    }

    /** Founds the republic, and lets the faults begin. */
    form(): void {
        const { world, colleagues } = this
        form(world, colleagues, this.#plan)
        this.faultsAt = world.timeline.now
        this.nemesis.plot(this.#plan.faults)
    }

    #heal(): Core {
        const { world, nemesis } = this
        nemesis.end()
        for (const one of world.living) {
            const original = world.citizen(one.id) ??
                world.living.find(({ id, isAlive }) => isAlive && id === one.id)
            if (world.isElsewhere(one)) {
                // A member passes on who asks for admission, and elsewhere another founding may be.
                this.colleagues.restart(one, false)
            } else if (one.isAlive && original !== one) {
                // Nobody may bear a name that somebody else bears; an operator mends that.
                world.kill(one)
            }
        }
        this.colleagues.completeUpgrade()
        world.say(() => '*** all is mended')
        const core = this.#plan.healing === 'core'
            ? cutOff(world, new Dice(this.#plan.seed, 'heal'))
            : { hosts: new Set(world.network.hosts.keys()), isWhole: true }
        this.#isHealed = true
        this.#core = core
        world.guidance.isWatching = true
        this.#owedMs = this.#owe(core)
        for (const one of this.#members(core)) {
            one.publish(`healed ${one.number}`)
        }
        return core
    }

    #members({ hosts }: Core): Resident[] {
        return this.world.living.filter(({ host }) => hosts.has(host))
    }

    /**
     * Floods may come faster than one entry a round trip can carry them off, and who was cut off
     * meanwhile has to read all of that before its vote counts. And who leads no more may be
     * praised, until it arrives, by all that left before. In version 1 of the republic, a publisher
     * with small batches may publish small batches for good (`publisher/batch-backoff.ts`).
     */
    #owe(core: Core): number {
        const { entries, government } = this.world.realm.chronicle
        const isFirstVersion = republicVersion(government ?? {}) === FIRST_VERSION
        let [owed, lacked, slow] = [0, 0, 0]
        for (const { door, memory } of this.#members(core)) {
            const { waiting, pending } = door.islander.health()
            owed += waiting + pending
            if (isFirstVersion && door.islander.state().backoff.limit < SMALL_BATCH) {
                slow = Math.max(slow, waiting + pending)
                // Such a publisher may be slower than the workload, and would never settle.
                this.workload.end()
            }
            lacked = Math.max(lacked, entries.length - memory.position)
        }
        const { capacity, durable, healing } = this.#plan
        const readMs = (owed + 3 * lacked) / (3 * capacity) * this.#timeout
        const isPraised = durable !== null || healing === 'core'
        return readMs + slow * this.#timeout / 2 +
            (isPraised ? this.world.weather.underWayMs : 0)
    }

    #settle(core: Core): void {
        const { world } = this
        const { ping } = this.#plan.options
        const healedAt = world.timeline.now
        let coreSince: number | null = null
        while (!isConverged(world, this.#members(core))) {
            const { now } = world.timeline
            const present = presentOn(world, core.hosts)
            const isThere = isCore(world.realm.chronicle.government, present)
            coreSince = isThere ? (coreSince ?? now) : null
            if (coreSince === null && now - healedAt > WATCH_TIMEOUTS * this.#timeout) {
                demand(!core.isWhole || !world.isIntact || this.#plan.durable === null, 'L1', () =>
                    `All have come back, and cannot go on: ${this.#state(core)}`)
                this.#giveUp()
                return
            }
            rescue(world, this.colleagues, core)
            this.#demandProgress(core, coreSince)
            world.timeline.runUntil(now + ping / 2)
        }
        this.#note(healedAt)
        const { callers } = this.workload
        const state = (): string => this.#state(core)
        if (callers !== null && !endure(world, core, callers, state)) {
            this.#giveUp()
            return
        }
        this.workload.end()
        const isIdle = new Epilogue(world, core, callers, state).run()
        if (isIdle && core.isWhole) {
            // A link breaks once more: a member without a word of the leader may canvass.
            world.guidance.isWatching = false
            sever(world, this.#members(core), new Dice(this.#plan.seed, 'sever'))
        }
    }

    /** The core is lost: nobody can demand anything of the republic any more. */
    #giveUp(): void {
        this.tally.unavailable++
        this.tally.reach('a core is lost')
    }

    #demandProgress(core: Core, coreSince: number | null): void {
        const { world } = this
        const sinceMs = coreSince === null ? 0 : world.timeline.now - coreSince - this.#owedMs
        if (this.#recoveredAt === null) {
            demand(sinceMs <= RECOVERY_TIMEOUTS * this.#timeout, 'L2', () =>
                `Nothing new is in the log ${sinceMs} ms after it could be: ${this.#state(core)}`)
        }
        if (sinceMs > CONVERGENCE_TIMEOUTS / 2 * this.#timeout && this.workload.callers === null) {
            this.workload.end()
        }
        const members = this.#members(core)
        this.#patient.add(world.realm.chronicle.government?.promise ?? '0/0')
        if (isNameTaken(world, members) || members.some((one) => isOutOfReach(one, members))) {
            // Each government may have somebody else ask, who sees for itself who is silent.
            const patientMs = this.#patient.size * (this.#plan.durable?.patienceMs ?? 0)
            this.#takenMs = Math.max(0, Math.min(sinceMs, patientMs))
        }
        demand(sinceMs <= CONVERGENCE_TIMEOUTS * this.#timeout + this.#takenMs, 'L1', () =>
            `The republic has not settled ${sinceMs} ms after the healing: ${this.#state(core)}`)
    }

    #state(core: Core): string {
        const { government, tip } = this.world.realm.chronicle
        const members = this.#members(core).map(({ number, door }) => {
            const { role, committed, head, promised } = door.paxos.inspect()
            const { waiting, pending } = door.islander.health()
            return `${number} ${door.paxos.id} ${role} ${committed} ${head} ${promised} ` +
                `${waiting}+${pending}`
        })
        const { majority, minority, constituents } = government ?? nullGovernment(null)
        return `${tip} ${majority} | ${minority} | ${constituents}; ${members.join('; ')}`
    }

    #note(healedAt: number): void {
        const { world, tally } = this
        const { seed } = this.#plan
        const inTimeouts = (instant: number): number => (instant - healedAt) / this.#timeout
        const recovery = inTimeouts(this.#recoveredAt ?? world.timeline.now)
        const convergence = inTimeouts(world.timeline.now)
        tally.recoveries.push(recovery)
        tally.convergences.push(convergence)
        tally.slowestRecovery = { timeouts: recovery, seed }
        tally.slowestConvergence = { timeouts: convergence, seed }
    }

    /** Everybody is closed, wherever it stands, and nothing of it is left: L4. */
    #depart(): void {
        this.workload.end()
        this.colleagues.end()
        for (const { application } of this.world.living) {
            application.finish()
        }
        this.world.close()
    }
}
