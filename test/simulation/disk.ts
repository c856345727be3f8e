import type { IslanderState } from '../../src/publisher/islander-types.js'
import type { Flushing } from '../../src/member/flushing.js'
import type { Monotonic } from '../../src/base/monotonic.js'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import type { PaxosState } from '../../src/paxos/state.js'
import { QuietInputs } from '../../src/member/quiet-inputs.js'
import type { Dice } from '../../src/testing/dice.js'
import { type Damage, Image, recordsIn } from './image.js'
import type { Durable } from './plan.js'
import type { Resident } from './resident.js'
import { textOf } from './tape.js'
import type { Surroundings } from './surroundings.js'
import type { VirtualTimeline } from '../../src/testing/virtual-timeline.js'
import { demand } from './violation.js'
import { Ajar, Watched } from './watched-gate.js'

/** How many of the last batches are looked at where bytes are damaged. */
const BATCHES = 64

/** What stands for all that was recorded up to some record. */
export interface Kept {
    readonly through: number
    readonly when: number
    readonly promise: Monotonic
    readonly forgotten: readonly LogEntry[]
    readonly paxos: PaxosState
    readonly islander: IslanderState
}

/**
 * The disk of one host, with the journal of one member: what is appended is safe once it is
 * flushed, and that takes a while of virtual time.
 */
export class Disk {
    /** By how much longer every flush takes. */
    slowMs = 0
    /** The next flush fails. */
    isFailing = false
    /** It says of every flush that all is safe, and nothing is. */
    isLying = false
    /** What is to happen in place of the next flush, when all sectors are on their way. */
    tearing: ((writing: Resident, through: number) => void) | null = null
    /** Whether the process plays the answers of the disk: then messages leave early. */
    readonly votes: boolean
    /** No journal begins with what is left on it. */
    isRotten = false
    kept: Kept | null = null
    readonly #timeline: VirtualTimeline
    readonly #dice: Dice
    readonly #durable: Durable
    #records: string[] = []
    /** The number of the record before the first that is left. */
    #dropped = 0
    #stable = 0
    /** The last records of the batches that were written. */
    #batches: number[] = []
    /** How often it has lost its power. */
    #losses = 0

    constructor(
        timeline: VirtualTimeline, dice: Dice, durable: Durable, votes: boolean = false
    ) {
        this.votes = votes
        this.#timeline = timeline
        this.#dice = dice
        this.#durable = durable
    }

    /** The records that are left, behind what was kept. */
    get records(): readonly string[] {
        return this.#records
    }

    /** The number of the last record. */
    get last(): number {
        return this.#dropped + this.#records.length
    }

    /** How many records no flush has made safe. */
    get unflushed(): number {
        return this.last - this.#stable
    }

    /** It is fast, and does not fail. */
    mend(): void {
        this.slowMs = 0
        this.isFailing = false
        this.tearing = null
    }

    /** Lets a state stand for what is recorded up to it. */
    keep(kept: Kept): void {
        this.kept = kept
        this.#stable = Math.max(this.#stable, kept.through)
        this.#records = this.#records.slice(kept.through - this.#dropped)
        this.#dropped = kept.through
    }

    /** All is lost that was not flushed, but for the first so many records of that. */
    lose(count: number): void {
        this.#losses++
        this.#settle(this.#stable + count)
        this.#records.length = this.#stable - this.#dropped
    }

    /** How much of the batch under way is there where the power is lost; its sectors are drawn. */
    tear(through: number, dice: Dice): number {
        const image = this.#image()
        const before = recordsIn(image)
        const count = through - this.#stable
        image.write(this.#slice(this.#stable, through))
        image.tear(dice)
        const found = recordsIn(image)
        const isKept = before !== null && found === before + count
        demand(isKept || found === before, 'S11', () =>
            `Of ${count} records behind ${before} a torn write leaves ${found}`)
        return isKept ? count : 0
    }

    /** Something befalls what is safe. */
    rot(kind: Damage, dice: Dice): void {
        const image = this.#image()
        if (image.damage(kind, dice)) {
            const found = recordsIn(image)
            demand(found === null, 'S11', () => `After a ${kind} a journal finds ${found} records`)
            this.isRotten = true
        }
    }

    #slice(after: number, through: number): readonly string[] {
        return this.#records.slice(after - this.#dropped, through - this.#dropped)
    }

    /** The last batches, in bytes. */
    #image(): Image {
        // On every second state of the disk, a batch is written in place of zeros.
        const image = new Image(this.#stable % 2 === 0)
        const ends = this.#batches.filter((end) => end > this.#dropped).slice(-BATCHES - 1)
        const rest = this.#stable - this.#dropped > 0 && ends.length === 1 ? [this.#dropped] : []
        const bounds = [...rest, ...ends]
        for (const [index, end] of bounds.entries()) {
            const after = bounds[index - 1]
            if (after !== undefined) {
                image.write(this.#slice(after, end))
            }
        }
        return image
    }

    #settle(through: number): void {
        if (through > this.#stable) {
            this.#stable = through
            this.#batches.push(through)
        }
    }

    /** The gate of a process that writes to it. */
    gateOf(process: Resident, surroundings: Surroundings): Watched {
        const journal = {
            append: (bytes: Uint8Array) => {
                if (!process.isAlive) {
                    // Its power was cut within a step, which ends here all the same.
                    return this.last + 1
                }
                this.#records.push(textOf(bytes))
                return this.last
            },
            flush: () => Promise.reject(new Error('Nobody waits for promises here.'))
        }
        const flushing: Flushing = {
            afterTurn: (run) => this.#timeline.after(0, () => process.resume(run)),
            flush: (flushed, failed) => this.#flush(gate, process, surroundings, flushed, failed)
        }
        const fail = (): void => surroundings.failed(process)
        const dice = this.#dice
        const quiet = new QuietInputs({
            ms: dice.pick([100, 2000, 30_000]), inputs: dice.pick([2, 16, 1024]), size: 65_536
        })
        const Gate = this.#durable.isAjar ? Ajar : Watched
        const gate: Watched = new Gate(journal, fail, flushing, undefined, quiet)
        return gate
    }

    #flush(
        gate: Watched,
        process: Resident,
        surroundings: Surroundings,
        flushed: (through: number) => void,
        failed: (cause: unknown) => void
    ): void {
        const through = this.last
        const losses = this.#losses
        this.#timeline.after(this.#delayMs(), () => {
            surroundings.flushing(process)
            if (losses !== this.#losses) {
                return
            }
            if (this.tearing !== null && process.isAlive) {
                const { tearing } = this
                this.tearing = null
                tearing(process, through)
                return
            }
            if (this.isFailing) {
                this.isFailing = false
                this.#tell(gate, process, surroundings, () => {
                    failed(new Error('EIO: i/o error, fsync'))
                    this.lose(this.#dice.below(this.unflushed + 1))
                })
                return
            }
            this.#settle(this.isLying ? 0 : through)
            surroundings.flushing(process)
            this.#tell(gate, process, surroundings, () => flushed(through))
        })
    }

    #tell(gate: Watched, process: Resident, surroundings: Surroundings, run: () => void): void {
        process.resume(() => {
            gate.release(run)
            gate.rejectBroken()
            if (process.isAlive) {
                surroundings.observed(process)
            }
        })
    }

    #delayMs(): number {
        const dice = this.#dice
        const usualMs = dice.between(0.1, this.#durable.flushMs)
        return this.slowMs + (dice.chance(0.02) ? dice.between(usualMs, 20) : usualMs)
    }
}
