import { ReplayedMember, type ReplayedState } from './replayed-member.js'

/** The state of a member after an input. */
interface Checkpoint {
    readonly number: number
    readonly state: ReplayedState
    /** About the memory of the entries that the state holds, in bytes. */
    readonly held: number
    /** The size of the inputs since the checkpoint before, in bytes. */
    readonly gap: number
}

/**
 * The cost of the inputs between two checkpoints, at first: 256 small inputs, or 1 MiB of large
 * ones. The replay of these takes a few milliseconds.
 */
const STRIDE = 256

/** The bytes of an input that cost as much as the input itself. */
const COSTLY_BYTES = 4096

/** The weight of a checkpoint without entries, in bytes. */
const BARE_WEIGHT = 16 * 1024

/** The weight of a reference to an entry, in bytes. */
const REFERENCE_WEIGHT = 8

/** The number of entries that a state refers to. */
function referencesOf({ paxos, islander }: ReplayedState): number {
    const queue = paxos.writer?.queue.length ?? 0
    return paxos.log.entries.length + queue + islander.pending.length
}

/** About the memory of a checkpoint alone: the checkpoint before holds the other entries. */
function weigh({ state, held, gap }: Checkpoint): number {
    return BARE_WEIGHT + REFERENCE_WEIGHT * referencesOf(state) + Math.min(held, gap)
}

/** Drops every second checkpoint, and keeps the first one. */
function thin(all: readonly Checkpoint[]): Checkpoint[] {
    return all.filter((_, index) => index % 2 === 0).map((kept, index) => {
        const dropped = index === 0 ? undefined : all[2 * index - 1]
        return dropped === undefined ? kept : { ...kept, gap: kept.gap + dropped.gap }
    })
}

/**
 * States of a member along its recording. Checkpoints share the entries of the log, because entries
 * never change.
 *
 * 1. The estimated memory stays below a limit: beyond the limit, every second checkpoint is
 *    dropped, and the distance of later checkpoints doubles.
 * 2. The first checkpoint, the state before the first input, stays.
 */
export class Checkpoints {
    readonly #limit: number
    #all: Checkpoint[] = []
    #weight = 0
    #stride = STRIDE
    /** The cost of the inputs since the last checkpoint. */
    #cost = 0
    /** The size of the inputs since the last checkpoint, in bytes. */
    #gap = 0
    /** The size of all inputs, and the number of all their entries. */
    #size = 0
    #entries = 0

    /** @param limit The memory of all checkpoints, in bytes. */
    constructor(limit: number) {
        this.#limit = limit
    }

    /** The number of checkpoints. */
    get count(): number {
        return this.#all.length
    }

    /** Adds the state before the first input. */
    begin(number: number, state: ReplayedState): void {
        this.#push(number, state)
    }

    /** Notes the next input, and adds a checkpoint if one is due. */
    note(number: number, size: number, entries: number, state: () => ReplayedState): void {
        this.#cost += 1 + size / COSTLY_BYTES
        this.#gap += size
        this.#size += size
        this.#entries += entries
        if (this.#cost >= this.#stride) {
            this.#push(number, state())
        }
    }

    #push(number: number, state: ReplayedState): void {
        const mean = this.#size / Math.max(1, this.#entries)
        const checkpoint = { number, state, held: mean * referencesOf(state), gap: this.#gap }
        this.#all.push(checkpoint)
        this.#weight += weigh(checkpoint)
        this.#cost = 0
        this.#gap = 0
        while (this.#weight > this.#limit && this.#all.length > 1) {
            this.#all = thin(this.#all)
            this.#weight = this.#all.reduce((sum, each) => sum + weigh(each), 0)
            this.#stride *= 2
        }
    }

    /** The number of the last checkpoint at or before an input. */
    numberBefore(number: number): number {
        return this.#before(number).number
    }

    /** A member in the state of the last checkpoint at or before an input. */
    restoreBefore(number: number): { readonly number: number; readonly member: ReplayedMember } {
        const { number: at, state } = this.#before(number)
        return { number: at, member: ReplayedMember.restore(state) }
    }

    #before(number: number): Checkpoint {
        let low = 0
        let high = this.#all.length - 1
        while (low < high) {
            const middle = Math.ceil((low + high) / 2)
            if ((this.#all[middle]?.number ?? 0) <= number) {
                low = middle
            } else {
                high = middle - 1
            }
        }
        const found = this.#all[low]
        if (found === undefined) {
            throw new RangeError('there is no checkpoint')
        }
        return found
    }
}
