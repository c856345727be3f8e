import { aborted, onAbort, type WaitLimits } from '../base/abort-signal.js'
import { quiet } from '../base/callbacks.js'
import { atTurnEnd } from '../base/event-loop-yield.js'
import type { KibitzError } from '../base/errors.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Publication } from '../publisher/pending-publishes.js'
import { callWithin } from './call-within.js'
import type { CommitMarks } from './commit-marks.js'
import { MarkWaits } from './mark-waits.js'
import type { Player } from './player.js'
import { destroyed } from './shutdown.js'
import type { Waits } from './waits.js'

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
    readonly #waits: MarkWaits

    constructor(player: Player, marks: CommitMarks, waits: Waits) {
        this.#player = player
        this.#marks = marks
        this.#waiting = waits
        this.#waits = new MarkWaits(player)
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
            let leave = (): void => {}
            const end = (outcome: KibitzError | null): void => {
                isOver = true
                forget()
                if (outcome === null) {
                    resolve({ promise: this.#player.delivered ?? '0/0' })
                } else {
                    reject(outcome)
                }
            }
            abort = () => {
                isOver = true
                leave()
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
                    leave = this.#waits.add(mark, end)
                }
            }
            // All barriers of a turn share a round. A leader without other voters answers at once,
            // and a caller in a loop would otherwise never leave the turn.
            atTurnEnd(() => this.#marks.ask(answered))
        }))
    }

    /** Called after each input. */
    onInput(): void {
        this.#marks.check()
        this.#waits.check()
    }

    /** Rejects all waits at the end of the member. */
    close(): void {
        this.#marks.close()
        this.#waits.reject(this.#player.gate.failure ?? destroyed())
    }
}
