import { MarkWaits } from '../../src/member/mark-waits.js'
import { writerOf } from '../../src/paxos/standing.js'
import type { Dice } from '../../src/testing/dice.js'
import { citizens, parliament } from './checks/law.js'
import { inside } from './inside.js'
import type { Saturation } from './plan.js'
import { read } from './questions.js'
import type { Resident } from './resident.js'
import { demand } from './violation.js'
import type { World } from './world.js'

/** Of so many members, one has no publishes of its own: its barriers wait for marks. */
const READERS = 3

/** How many barriers of a member wait at the most. */
const BARRIERS_MAX = 4

/** What the callers of one process wait for. */
interface Calling {
    readonly waits: MarkWaits
    /** The barriers that have not ended, the first one first. */
    readonly barriers: Set<{ readonly since: number }>
    isPublishing: boolean
    /** The end of the log of the leader at the last full round. */
    full: number
}

/** Whether the parliament that a process knows has no second member. */
function isRuledByOne({ door: { paxos } }: Resident): boolean {
    return parliament(paxos.government).length <= 1
}

/**
 * The callers of a saturated republic: each publishes again soon after its publish is settled, so
 * that the leader always has more publishes than a round takes. Every process also asks barriers,
 * wherever the process stands: cut off, without a leader, or exiled.
 */
export class Callers {
    readonly #world: World
    readonly #dice: Dice
    readonly #saturation: Saturation
    readonly #calling = new WeakMap<Resident, Calling>()
    #isOver = false
    #values = 0

    constructor(world: World, dice: Dice, saturation: Saturation) {
        this.#world = world
        this.#dice = dice
        this.#saturation = saturation
    }

    /** Lets the callers of a process call until the process ends, or all is over. */
    tend(resident: Resident): void {
        const calling: Calling = {
            waits: new MarkWaits(resident.door), barriers: new Set(), isPublishing: false, full: 0
        }
        this.#calling.set(resident, calling)
        this.#publishSoon(resident, calling)
        this.#askBarriers(resident, calling)
    }

    /** Follows a step of a process. */
    step(resident: Resident): void {
        const calling = this.#calling.get(resident)
        if (calling === undefined) {
            return
        }
        const { waits } = calling
        const { gate, paxos } = resident.door
        if (waits.size !== 0) {
            waits.check()
            if (paxos.exiled) {
                gate.passEntries(0, () => demand(waits.size === 0, 'L2', () =>
                    `${resident.id} is exiled, and ${waits.size} barriers wait for its log`))
            }
        }
        this.#noteRound(resident, calling)
        this.#publishSoon(resident, calling)
    }

    /** How long the first of the barriers has waited that have not ended; `null` without one. */
    waitedMs(resident: Resident): number | null {
        const [first] = this.#calling.get(resident)?.barriers ?? []
        return first === undefined ? null : this.#world.timeline.now - first.since
    }

    /** Calls no more. */
    end(): void {
        this.#isOver = true
    }

    #noteRound({ door: { paxos } }: Resident, calling: Calling): void {
        if (!paxos.isLeading) {
            return
        }
        const core = inside(paxos)
        const { log, settings: { writing } } = core
        const isFull = log.head - log.committed >= writing.entries
        if (isFull && log.head !== calling.full && (writerOf(core)?.waiting ?? 0) !== 0) {
            calling.full = log.head
            this.#world.tally.reach('a round is full')
        }
    }

    #publishSoon(resident: Resident, calling: Calling): void {
        const isReader = resident.number % READERS === READERS - 1
        if (isReader || calling.isPublishing || this.#isOver || this.#lackedBy(resident) <= 0) {
            return
        }
        calling.isPublishing = true
        const { latencyMs, jitterMs } = this.#world.plan.climate
        this.#world.timeline.after(2 * latencyMs + jitterMs, () => resident.resume(() => {
            calling.isPublishing = false
            const count = Math.min(this.#lackedBy(resident), this.#shareOf(resident))
            if (count > 0 && !this.#isOver && !resident.isClosed) {
                this.#publish(resident, count)
            }
        }))
    }

    /** How many callers have nothing under way. */
    #lackedBy({ door: { islander, paxos } }: Resident): number {
        const { waiting, pending } = islander.health()
        return paxos.exiled ? 0 : this.#saturation.callers - waiting - pending
    }

    /**
     * How many values a process publishes at once at the most. A leader without other voters
     * commits at once, and so needs no rounds. Then all members together publish one round in the
     * time of a round, and no more: a learner gets two rounds in a call.
     */
    #shareOf(resident: Resident): number {
        const { batch, window } = this.#world.options
        const count = citizens(resident.door.paxos.government).length
        return isRuledByOne(resident)
            ? Math.ceil(batch * window / Math.max(READERS, count))
            : Number.POSITIVE_INFINITY
    }

    /** Asks a barrier that is an entry, unless a leader without other voters would commit it. */
    #publishBarrier(resident: Resident): void {
        if (!isRuledByOne(resident)) {
            resident.publish(null)
        }
    }

    #publish(resident: Resident, count: number): void {
        this.#world.tally.publishes += count
        const values = Array.from({ length: count }, () =>
            `value ${resident.number}.${this.#values++}`)
        resident.published.push(...values)
        resident.play('publishAll', values)
    }

    #askBarriers(resident: Resident, calling: Calling): void {
        const delayMs = this.#dice.exponential(this.#saturation.barrierMs)
        this.#world.timeline.after(delayMs, () => {
            if (resident.isAlive && !resident.isClosed && !this.#isOver) {
                resident.resume(() => this.#askBarrier(resident, calling))
                this.#askBarriers(resident, calling)
            }
        })
    }

    /** As `src/member/barriers.ts`, without promises. */
    #askBarrier(resident: Resident, { waits, barriers }: Calling): void {
        const { islander, paxos } = resident.door
        const { waiting, pending } = islander.health()
        const isBusy = waiting + pending + barriers.size > this.#saturation.callers + BARRIERS_MAX
        if (resident.isClosed || paxos.exiled || isBusy || barriers.size >= BARRIERS_MAX) {
            return
        }
        if (waiting + pending !== 0 || !resident.isCitizen) {
            this.#publishBarrier(resident)
            return
        }
        const barrier = { since: this.#world.timeline.now }
        barriers.add(barrier)
        read(this.#world, resident, (mark) => {
            if (mark !== null) {
                waits.add(mark, () => barriers.delete(barrier))
                return
            }
            barriers.delete(barrier)
            if (!resident.isClosed && !paxos.exiled) {
                this.#publishBarrier(resident)
            }
        })
    }
}
