import { aborted, onAbort, type WaitLimits } from '../base/abort-signal.js'
import { quiet } from '../base/callbacks.js'
import { atTurnEnd } from '../base/event-loop-yield.js'
import type { KibitzError } from '../base/errors.js'
import { Monotonic } from '../base/monotonic.js'
import type { Publication } from '../publisher/pending-publishes.js'
import { callWithin } from './call-within.js'
import type { CommitMarks } from './commit-marks.js'
import type { Player } from './player.js'
import { destroyed } from './shutdown.js'
import type { Waits } from './waits.js'

/** A barrier that waits until the log has reached its mark. */
interface Wait {
    readonly mark: Monotonic
    /** Settles the barrier. */
    readonly end: (outcome: KibitzError | null) => void
}

/**
 * The barriers of a member. A barrier asks the leader for a mark, and resolves when the log of the
 * member has reached the mark; this costs no entry and no record. If publishes of the member wait,
 * or if no leader answers, the barrier is an entry without a body, behind all earlier publishes.
 */
export class Barriers {
    readonly #player: Player
    readonly #marks: CommitMarks
    /** The waiting calls of the member. */
    readonly #waiting: Waits
    readonly #waits = new Set<Wait>()

    constructor(player: Player, marks: CommitMarks, waits: Waits) {
        this.#player = player
        this.#marks = marks
        this.#waiting = waits
    }

    /** Resolves with the last entry of the log, once the log has reached the mark. */
    pass(limits: WaitLimits): Promise<Publication> {
        const { islander, publications, publisher } = this.#player
        const { waiting, pending } = islander.health()
        const isOwed = waiting + pending + publications.size !== 0
        if (isOwed || limits.signal?.aborted === true || !this.#player.isOpen) {
            return publisher.publishOne(null, limits)
        }
        return callWithin(this.#waiting, 'barrier', limits, (signal) => this.#ask(signal))
    }

    #ask(signal: AbortSignal | undefined): Promise<Publication> {
        let abort = (): void => {}
        // A signal that takes no listener throws here, before the barrier begins.
        const forget = signal === undefined ? () => {} : onAbort(signal, () => abort())
        return quiet(new Promise((resolve, reject) => {
            let isOver = false
            const wait = (mark: Monotonic): Wait => ({
                mark,
                end: (outcome) => {
                    isOver = true
                    forget()
                    if (outcome === null) {
                        resolve({ promise: this.#player.delivered ?? '0/0' })
                    } else {
                        reject(outcome)
                    }
                }
            })
            let entered: Wait | null = null
            abort = () => {
                isOver = true
                if (entered !== null) {
                    this.#waits.delete(entered)
                }
                if (signal !== undefined) {
                    reject(aborted('The barrier', signal))
                }
            }
            const answered = (mark: Monotonic | null): void => {
                if (isOver) {
                    return
                }
                if (mark === null || !this.#player.isOpen) {
                    forget()
                    this.#player.publisher.publishBarrier(signal).then(resolve, reject)
                } else {
                    entered = wait(mark)
                    this.#enter(entered)
                }
            }
            // All barriers of a turn share a round. A leader without other voters answers at once,
            // and a caller in a loop would otherwise never leave the turn.
            atTurnEnd(() => this.#marks.ask(answered))
        }))
    }

    #enter(wait: Wait): void {
        this.#waits.add(wait)
        this.#settle()
        if (this.#waits.has(wait)) {
            this.onInput()
        }
    }

    /** Called after each input. */
    onInput(): void {
        this.#marks.check()
        if (this.#waits.size !== 0) {
            this.#settle()
            this.#player.gate.passEntries(0, () => this.#settle())
        }
    }

    #settle(): void {
        const delivered = this.#player.delivered ?? '0/0'
        for (const wait of [...this.#waits]) {
            if (Monotonic.compare(delivered, wait.mark) >= 0) {
                this.#waits.delete(wait)
                wait.end(null)
            }
        }
    }

    /** Rejects all waits at the end of the member. */
    close(): void {
        const error = this.#player.gate.failure ?? destroyed()
        this.#marks.close()
        for (const { end } of this.#waits) {
            end(error)
        }
        this.#waits.clear()
    }
}
