import { IDS } from './founding.js'
import { Numbers } from './numbers.js'
import type { Members } from './society.js'
import { type Budget, State } from './state.js'
import { tellMove } from './tale.js'
import { demand, Violation } from './violation.js'
import { Visited } from './visited.js'

/** How far an exploration has come. */
export interface Progress {
    readonly states: number
    readonly transitions: number
    /** How many moves lead to the farthest state at the least. */
    readonly depth: number
    /** Every state that can be reached was. */
    readonly isClosed: boolean
    /** How many situations of one member there are, and how often one was worked out. */
    readonly lives: number
    readonly outcomes: number
}

/** What the engine has done wrong, and the shortest way there, a line a move. */
export interface Finding {
    readonly message: string
    readonly trail: readonly string[]
}

/**
 * Goes through all that can happen to a republic within a budget, nearest first, so that whatever
 * is found is found on a shortest way.
 *
 * 1. A state is gone on from once, in whatever order its moves were made.
 * 2. In every state, of any two logs, those of the dead too, one is the beginning of the other.
 */
export class Explorer {
    finding: Finding | null = null
    depth = 0
    transitions = 0
    readonly #society: Members
    readonly #budget: Budget
    readonly #visited = new Visited()
    /** By state: the state it was reached from, and how. */
    readonly #parents = new Numbers()
    readonly #moves = new Numbers()
    /** The states that are next to be gone on from: a length, the number, the cells. */
    #frontier = new Numbers()
    #at = 0
    /** The states behind those. */
    #beyond = new Numbers()
    readonly #state: State
    readonly #next: State

    constructor(society: Members, budget: Budget) {
        this.#society = society
        this.#budget = budget
        this.#state = new State(society)
        this.#next = new State(society)
        this.#next.begin()
        this.#meet(-1, -1)
    }

    /** How many states were found. */
    get states(): number {
        return this.#visited.size
    }

    /** Whether there is nothing left to go on from. */
    get isClosed(): boolean {
        return this.#at === this.#frontier.length && this.#beyond.length === 0
    }

    /** Whether there is nothing more to be found out. */
    get isDone(): boolean {
        return this.finding !== null || this.isClosed
    }

    progress(): Progress {
        const { states, transitions, depth, isClosed } = this
        const { lives, outcomes } = this.#society
        return { states, transitions, depth, isClosed, lives: lives.length, outcomes }
    }

    /** Goes on from so many states, unless something is found or there is nothing left. */
    expand(count: number): void {
        const moves: number[] = []
        for (let expanded = 0; expanded < count && this.finding === null; expanded++) {
            if (this.#at === this.#frontier.length) {
                if (this.#beyond.length === 0) {
                    return
                }
                const done = this.#frontier
                this.#frontier = this.#beyond
                this.#beyond = done
                this.#beyond.clear()
                this.#at = 0
                this.depth++
            }
            const length = this.#frontier.at(this.#at)
            const number = this.#frontier.at(this.#at + 1)
            this.#frontier.read(this.#at + 2, length, this.#state.cells)
            this.#state.length = length
            this.#at += length + 2
            moves.length = 0
            this.#state.moves(this.#budget, moves)
            for (const move of moves) {
                this.#try(number, move)
            }
        }
    }

    #try(number: number, move: number): void {
        if (this.finding !== null) {
            return
        }
        try {
            this.transitions++
            this.#next.follow(this.#state, move)
            this.#meet(number, move)
        } catch (error) {
            if (!(error instanceof Violation)) {
                throw error
            }
            this.finding = { message: error.message, trail: this.#trail(number, move) }
        }
    }

    #meet(parent: number, move: number): void {
        const { cells, length } = this.#next
        if (!this.#visited.add(cells, length)) {
            return
        }
        this.#parents.push(parent)
        this.#moves.push(move)
        this.#beyond.push(length)
        this.#beyond.push(this.#parents.length - 1)
        this.#beyond.append(cells, length)
        this.#compareLogs()
    }

    #compareLogs(): void {
        const { annals } = this.#society
        for (let one = 0; one < IDS.length; one++) {
            for (let other = 0; other < one; other++) {
                const [log, another] = [this.#next.logOf(one), this.#next.logOf(other)]
                demand(log === another || annals.agree(log, another), 'one log', () =>
                    `${IDS[one]} has ${annals.tell(log)}, ` +
                    `${IDS[other]} has ${annals.tell(another)}`)
            }
        }
    }

    #trail(number: number, last: number): readonly string[] {
        const moves = [last]
        for (let at = number; this.#parents.at(at) !== -1; at = this.#parents.at(at)) {
            moves.push(this.#moves.at(at))
        }
        return moves.reverse().map((move) => tellMove(this.#society, move))
    }
}
