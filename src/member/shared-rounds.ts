import type { Monotonic } from '../base/monotonic.js'

/** Takes the result of a round; `null` if the round has failed. */
export type RoundEnd = (mark: Monotonic | null) => void

/** Starts a round. Returns whether the round can no longer succeed, for `check`. */
type StartRound = (ended: RoundEnd) => () => boolean

/**
 * Rounds of questions that callers share. A caller must not take the result of a round that had
 * begun before the call; so callers that come during a round share the next round.
 */
export class SharedRounds {
    readonly #start: StartRound
    /** The callers of the round under way; `null` between rounds. */
    #asking: readonly RoundEnd[] | null = null
    /** The callers of the next round. */
    #waiting: RoundEnd[] = []
    #rounds = 0
    #isVoid: () => boolean = () => false

    constructor(start: StartRound) {
        this.#start = start
    }

    /** Takes part in the next round. `ended` is called once. */
    ask(ended: RoundEnd): void {
        this.#waiting.push(ended)
        if (this.#asking === null) {
            this.#begin()
        }
    }

    /** Ends the round under way with `null` if the round can no longer succeed. */
    check(): void {
        if (this.#asking !== null && this.#isVoid()) {
            this.#end(this.#rounds, null)
        }
    }

    /** Ends the round under way and the next round with `null`. */
    close(): void {
        const callers = [...(this.#asking ?? []), ...this.#waiting]
        this.#asking = null
        this.#waiting = []
        for (const ended of callers) {
            ended(null)
        }
    }

    #begin(): void {
        this.#asking = this.#waiting
        this.#waiting = []
        const round = ++this.#rounds
        const isVoid = this.#start((mark) => this.#end(round, mark))
        if (round === this.#rounds) {
            this.#isVoid = isVoid
        }
    }

    #end(round: number, mark: Monotonic | null): void {
        const callers = this.#asking
        if (round !== this.#rounds || callers === null) {
            return
        }
        this.#asking = null
        if (this.#waiting.length !== 0) {
            this.#begin()
        }
        for (const ended of callers) {
            ended(mark)
        }
    }
}
