import type { ReplayedInput } from './replay-pass.js'

/** A period in which a leader waited for an answer of its disk. */
export interface DiskWait {
    /** The input that wrote what the disk had to hold. */
    readonly from: number
    /** The input with the answer of the disk. */
    readonly to: number
    /** In milliseconds, by the clock of the member. */
    readonly durationMs: number
}

/** Shorter waits are the rule with most disks, and are not listed. In milliseconds. */
const DISK_WAIT_MS = 10

/** The number of waits of a member to keep. */
const WAITS_MAX = 100_000

/** The part of a step that the list sees. */
type WatchedInput = Pick<ReplayedInput, 'number' | 'played'> & {
    readonly member: Pick<ReplayedInput['member'], 'awaited'>
}

/**
 * The long waits of a leader for its disk. A recording has no other duration of a synchronization:
 * a follower holds back its answers, and does not record when the answers leave.
 */
export class DiskWaits {
    readonly all: DiskWait[] = []
    /** The number and the instant of the first input that waits; `null` without a wait. */
    #open: readonly [number: number, when: number] | null = null

    /** Notes a step. The steps of a member come one after another. */
    note({ number, played: { method, when }, member }: WatchedInput): void {
        if (method === 'stable') {
            this.#close(number, when)
        }
        this.#open = member.awaited === null ? null : this.#open ?? [number, when]
    }

    #close(to: number, when: number): void {
        const [from, since] = this.#open ?? [to, when]
        const durationMs = when - since
        if (durationMs >= DISK_WAIT_MS && this.all.length < WAITS_MAX) {
            this.all.push({ from, to, durationMs })
        }
        this.#open = null
    }
}
