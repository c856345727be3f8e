import type { Played } from '../member/inputs.js'
import { isDamage } from './recording.js'
import type { Effects, MemberView } from './replayed-member.js'
import { type Cursor, type InputAhead, playedOf, type Timeline } from './timeline.js'

/** One input of a recording, and what the input has led to. */
export interface ReplayedInput extends Effects {
    /** The number of the input. In a journal, the number of the record. */
    readonly number: number
    readonly played: Played
    /** The instant of the next input; `null` at the end of the range. */
    readonly nextAt: number | null
    /** The member after the input. Valid until the next step. */
    readonly member: MemberView
}

/**
 * A pass over a recording by a member of its own. The pass stands behind its last input, and goes
 * on from there if the recording gets further inputs.
 */
export class ReplayPass {
    readonly #timeline: Timeline
    readonly #cursor: Cursor
    #end: number
    /** The next input, read before it is due; `null` at the end. */
    #ahead: InputAhead | null
    #isCut = false

    /** @param begin The number of the first input. Checkpoints must cover the input before. */
    constructor(timeline: Timeline, begin: number, end: number) {
        this.#timeline = timeline
        this.#end = end
        this.#cursor = timeline.copy(begin - 1)
        this.#ahead = timeline.readAhead(this.#cursor, end)
    }

    /** Whether the pass has ended before its end, at an input that cannot be used. */
    get isCut(): boolean {
        return this.#isCut
    }

    /**
     * Applies the next input; `null` at the end. A failed input ends the pass.
     *
     * @throws KibitzError `journal-damaged`, unless the recording then ends before the damage;
     * `journal-version`.
     */
    next(): ReplayedInput | null {
        const ahead = this.#ahead
        if (ahead === null) {
            return null
        }
        this.#ahead = null
        const cursor = this.#cursor
        try {
            const played = playedOf(ahead)
            const effects = this.#timeline.apply(cursor, played)
            this.#ahead = this.#timeline.readAhead(cursor, this.#end)
            const nextAt = this.#ahead?.played?.when ?? null
            const { number, member } = cursor
            return { number, played, ...effects, nextAt, member }
        } catch (error) {
            this.#isCut = true
            if (!this.#timeline.untilDamage || !isDamage(error)) {
                throw error
            }
            this.#timeline.endBefore(cursor.number + 1, error)
            return null
        }
    }

    /** Goes on through the present end of the recording. Does nothing after a failed input. */
    extend(): void {
        if (!this.#isCut && this.#ahead === null) {
            this.#end = this.#timeline.last
            this.#ahead = this.#timeline.readAhead(this.#cursor, this.#end)
        }
    }
}
