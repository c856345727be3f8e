import { RepeatingJson } from '../base/repeating-json.js'
import type { KibitzError } from '../base/errors.js'
import { Monotonic } from '../base/monotonic.js'
import type { Played } from '../member/inputs.js'
import { Checkpoints } from './checkpoints.js'
import { EntryIndex } from './entry-index.js'
import type { JournalEnd } from './journal-records.js'
import type { LongWork } from './long-work.js'
import {
    applyInput, beginMember, instantOf, isDamage, isUnusable, readInput, type RecordedInput,
    type Recording, rejectPlace, sizeOfInput
} from './recording.js'
import type { Effects, ReplayedMember } from './replayed-member.js'

/** A member on the way through a recording. */
export interface Cursor {
    readonly member: ReplayedMember
    /** The number of the last applied input. */
    number: number
}

/** The next input, or the error that its reading throws. */
export interface InputAhead {
    readonly played: Played | null
    readonly error: unknown
}

/** The input. @throws the error of its reading. */
export function playedOf({ played, error }: InputAhead): Played {
    if (played === null) {
        throw error
    }
    return played
}

/**
 * A recording with checkpoints. The first member that passes an input for the first time leaves the
 * checkpoints and the index of entries for all later ones.
 */
export class Timeline {
    readonly #recording: Recording
    /** The inputs after the ones of the recording. */
    readonly #further: RecordedInput[] = []
    /** Whether an input that cannot be used ends the recording. If not, a pass throws. */
    readonly untilDamage: boolean
    readonly #checkpoints: Checkpoints
    readonly #json = new RepeatingJson()
    readonly #entries = new EntryIndex()
    /** The last committed entry before the first input; `0/0` without one. */
    readonly committed: Monotonic
    /** The most advanced member. Only this class moves the member. */
    #front: Cursor
    #last: number
    #damage: KibitzError | null
    /** The number of the last input that the checkpoints and the index cover. */
    #covered: number

    constructor(recording: Recording, checkpointsMax: number, untilDamage: boolean) {
        this.#recording = recording
        this.untilDamage = untilDamage
        this.#last = recording.first + recording.inputs.length - 1
        this.#damage = recording.damage ?? null
        this.#checkpoints = new Checkpoints(checkpointsMax)
        const member = beginMember(recording)
        this.committed = member.inspect().committed
        this.#covered = this.first - 1
        this.#front = { member, number: this.#covered }
        this.#checkpoints.begin(this.#covered, member.state())
    }

    /** The number of the first input. */
    get first(): number {
        return this.#recording.first
    }

    /** The number of the last input. */
    get last(): number {
        return this.#last
    }

    /** Why the recording ends early, as far as is known; `null` without damage. */
    get damage(): KibitzError | null {
        return this.#damage
    }

    /** Ends the recording before an input that cannot be used. */
    endBefore(number: number, damage: KibitzError): void {
        this.#last = number - 1
        this.#damage = damage
    }

    /** The place in the journal at which further inputs follow; `null` without a sound journal. */
    get end(): JournalEnd | null {
        return this.#damage === null ? this.#recording.end ?? null : null
    }

    /** Adds the inputs that follow on the last one. The recording must be without damage. */
    extend(inputs: readonly RecordedInput[]): void {
        if (this.#damage !== null) {
            throw new RangeError('nothing follows on the damage of a recording')
        }
        for (const input of inputs) {
            this.#further.push(input)
        }
        this.#last += inputs.length
    }

    /** The instant of the state before the first input; `null` if the recording has no state. */
    get snapshotAt(): number | null {
        return this.#recording.start?.paxos.time.clock ?? null
    }

    /** A member before the first input. */
    begin(): Cursor {
        return this.copy(this.first - 1)
    }

    #inputAt(number: number): RecordedInput {
        const { inputs } = this.#recording
        const index = number - this.first
        const input = inputs[index] ?? this.#further[index - inputs.length]
        if (input === undefined) {
            throw new RangeError(`there is no input ${number}`)
        }
        return input
    }

    /** The next input. @throws KibitzError `journal-damaged`, `journal-version`. */
    read({ member, number }: Cursor): Played {
        const next = number + 1
        const played = readInput(next, this.#inputAt(next), member, this.#json)
        rejectPlace(next, played, this.#recording)
        return played
    }

    /** Reads the next input through a number before the input is due; `null` beyond the number. */
    readAhead(cursor: Cursor, end: number): InputAhead | null {
        if (cursor.number >= end) {
            return null
        }
        try {
            return { played: this.read(cursor), error: null }
        } catch (error) {
            return { played: null, error }
        }
    }

    /** Applies the next input, and returns the effects. @throws KibitzError `journal-damaged`. */
    apply(cursor: Cursor, played: Played): Effects {
        const next = cursor.number + 1
        const effects = applyInput(next, () => cursor.member.apply(played))
        this.#passed(cursor, effects.entries)
        return effects
    }

    /** Applies the next input. */
    #advance(cursor: Cursor): readonly { readonly promise: Monotonic }[] {
        const played = this.read(cursor)
        const entries = applyInput(cursor.number + 1, () => cursor.member.advance(played))
        this.#passed(cursor, entries)
        return entries
    }

    #passed(cursor: Cursor, entries: readonly { readonly promise: Monotonic }[]): void {
        cursor.number++
        const { number, member } = cursor
        if (number === this.#covered + 1) {
            this.#covered = number
            this.#entries.note(number, entries)
            const size = sizeOfInput(this.#inputAt(number))
            this.#checkpoints.note(number, size, entries.length, () => member.state())
        }
    }

    /**
     * Covers the inputs through a number with checkpoints.
     *
     * @throws KibitzError `aborted`, `journal-damaged`, `journal-version`.
     */
    async reach(number: number, work: LongWork): Promise<void> {
        const from = this.#covered
        while (this.#covered < number) {
            this.#moveFront()
            if (work.isDue) {
                work.report(this.#covered - from, number - from, 'inputs')
                await work.pause()
            }
        }
        if (from < number) {
            work.report(number - from, number - from, 'inputs')
        }
    }

    /**
     * Covers all inputs with checkpoints. An input that cannot be used ends the pass, and the step
     * to the input throws the error again. With `untilDamage`, damage also ends the recording.
     *
     * @throws KibitzError `aborted`.
     */
    async passAll(work: LongWork): Promise<void> {
        try {
            await this.reach(this.last, work)
        } catch (error) {
            if (!isUnusable(error)) {
                throw error
            }
            if (this.untilDamage && isDamage(error)) {
                this.endBefore(this.#covered + 1, error)
            }
        }
    }

    /** Moves the most advanced member by one input. */
    #moveFront(): readonly { readonly promise: Monotonic }[] {
        try {
            if (this.#front.number < this.#covered) {
                // Another member has passed further inputs.
                this.#front = this.copy(this.#covered)
            }
            return this.#advance(this.#front)
        } catch (error) {
            // A failed input may have changed a part of the member.
            this.#front = this.copy(this.#covered)
            throw error
        }
    }

    /** A member after a covered input. Takes a few milliseconds. */
    copy(number: number): Cursor {
        const cursor: Cursor = this.#checkpoints.restoreBefore(number)
        while (cursor.number < number) {
            this.#advance(cursor)
        }
        return cursor
    }

    /** The instant of an input, without a check of the rest. */
    instantOf(number: number): number {
        return instantOf(number, this.#inputAt(number))
    }

    /**
     * The number of the last input at or before an instant; `first - 1` if there is none. Instants
     * of a recording never decrease.
     */
    numberAt(instant: number): number {
        let low = this.first - 1
        let high = this.last
        while (low < high) {
            const middle = Math.ceil((low + high) / 2)
            if (this.instantOf(middle) <= instant) {
                low = middle
            } else {
                high = middle - 1
            }
        }
        return low
    }

    /**
     * The number of the input that adds an entry to the log; `null` if there is none. Covers inputs
     * until the entry is there.
     */
    async numberOf(promise: Monotonic, work: LongWork): Promise<number | null> {
        const from = this.#covered
        while (this.#covered < this.last && isBefore(this.#entries.last, promise)) {
            this.#moveFront()
            if (work.isDue) {
                work.report(this.#covered - from, this.last - from, 'inputs')
                await work.pause()
            }
        }
        const range = this.#entries.rangeOf(promise)
        if (range === null) {
            return null
        }
        const cursor = this.copy(range.from - 1)
        while (cursor.number < Math.min(range.to, this.#covered)) {
            if (this.#advance(cursor).some((entry) => entry.promise === promise)) {
                return cursor.number
            }
            if (work.isDue) {
                await work.pause()
            }
        }
        return null
    }
}

function isBefore(last: Monotonic | null, promise: Monotonic): boolean {
    return last === null || Monotonic.compare(last, promise) < 0
}
