import { IDS } from './founding.js'
import { ENDED, KEYS, type Members, type Outcome, STEP, type StepKind } from './society.js'

/** How much of what may happen. */
export interface Budget {
    /** The publisher of each publish: `ab` is one by a and one by b, `bb` is two by b. */
    readonly publishers: string
    readonly crashes: number
    readonly losses: number
    readonly duplicates: number
    /** How many appointments are kept, in any order. */
    readonly firings: number
    /** The members that ask to leave, once each: `bc`. */
    readonly leavers: string
    /** How many processes end and return with what their disks hold. */
    readonly restarts: number
}

/** What may happen to a republic. */
export const MOVE = {
    deliver: 0, lose: 1, duplicate: 2, crash: 3, keep: 4, publish: 5, leave: 6, flush: 7, restart: 8
} as const
/** How many kinds of moves a number has room for. */
export const KINDS = 16

/** Where the words of a state are. */
const SPENT = IDS.length
const RESTARTS = SPENT + 1
const FLIGHTS = RESTARTS + 1

/** How the budgets lie in one word: where each begins, by kind. Four bits each. */
const LIMIT = 15
const SHIFT = { crash: 0, lose: 4, duplicate: 8, keep: 12, publish: 16, leave: 28 } as const

/** More messages under way than any state has. */
const CELLS_MAX = 4096

/**
 * One republic as a list of numbers: a life for each member, or what is left of it; what of the
 * budget is spent; and what is under way, sorted. Reads one state, writes the next ones.
 */
export class State {
    readonly cells = new Int32Array(CELLS_MAX)
    length = 0
    readonly #society: Members

    constructor(society: Members) {
        this.#society = society
    }

    /** The republic as it was founded. */
    begin(): void {
        this.cells.set([...this.#society.founders, 0, 0])
        this.length = FLIGHTS
    }

    #cell(index: number): number {
        return this.cells[index] ?? 0
    }

    isAlive(member: number): boolean {
        return member !== ENDED && this.#cell(member) >= 0
    }

    /** The log of a member, dead or alive. */
    logOf(member: number): number {
        const life = this.#cell(member)
        return life >= 0 ? this.#society.logOf(life) : -1 - life
    }

    #spent(shift: number): number {
        return (this.#cell(SPENT) >> shift) & LIMIT
    }

    /** Lists what may happen next, as numbers. */
    moves(budget: Budget, into: number[]): void {
        const mayLose = this.#spent(SHIFT.lose) < budget.losses
        const mayDuplicate = this.#spent(SHIFT.duplicate) < budget.duplicates
        for (let at = FLIGHTS; at < this.length; at++) {
            const flight = this.#cell(at)
            if (flight !== this.#cell(at - 1) || at === FLIGHTS) {
                into.push(MOVE.deliver + KINDS * flight)
                if (mayLose) {
                    into.push(MOVE.lose + KINDS * flight)
                }
                // An answer counts once: whether it comes twice makes no difference.
                if (mayDuplicate && this.#society.flightOf(flight).answer === null) {
                    into.push(MOVE.duplicate + KINDS * flight)
                }
            }
        }
        for (const [member, id] of IDS.entries()) {
            if (this.isAlive(member)) {
                this.#ownMoves(budget, member, id, into)
            }
        }
    }

    #ownMoves(budget: Budget, member: number, id: string, into: number[]): void {
        if (this.#society.isWaiting(this.#cell(member))) {
            into.push(MOVE.flush + KINDS * member)
        }
        if (this.#cell(RESTARTS) < budget.restarts) {
            into.push(MOVE.restart + KINDS * member)
        }
        if (this.#spent(SHIFT.crash) < budget.crashes) {
            into.push(MOVE.crash + KINDS * member)
        }
        if (this.#spent(SHIFT.publish + 4 * member) < budget.publishers.split(id).length - 1) {
            into.push(MOVE.publish + KINDS * member)
        }
        const { paxos } = this.#society.lifeOf(this.#cell(member))
        const mayAsk = this.#spent(SHIFT.leave) < budget.leavers.length
        if (mayAsk && budget.leavers.includes(id) && !paxos.isLeaving && !paxos.exiled) {
            into.push(MOVE.leave + KINDS * member)
        }
        if (this.#spent(SHIFT.keep) < budget.firings) {
            const { appointments } = this.#society.lifeOf(this.#cell(member))
            for (const [key, name] of KEYS.entries()) {
                if (appointments.has(name)) {
                    into.push(MOVE.keep + KINDS * (member + 4 * key))
                }
            }
        }
    }

    /** Becomes what another state is once something has happened. */
    follow(before: State, move: number): void {
        this.length = before.length
        for (let index = 0; index < before.length; index++) {
            this.cells[index] = before.#cell(index)
        }
        const what = Math.floor(move / KINDS)
        switch (move % KINDS) {
            case MOVE.deliver:
                this.#deliver(what)
                return
            case MOVE.lose:
                this.#spend(SHIFT.lose)
                this.#remove(what)
                this.#fail(what)
                return
            case MOVE.duplicate:
                this.#spend(SHIFT.duplicate)
                this.#add(what)
                return
            case MOVE.crash:
                this.#spend(SHIFT.crash)
                this.#crash(what)
                return
            case MOVE.keep:
                this.#spend(SHIFT.keep)
                this.#step(what % 4, STEP.keep, Math.floor(what / 4))
                return
            case MOVE.flush:
                this.#step(what, STEP.flush, 0)
                return
            case MOVE.restart:
                this.cells[RESTARTS] = this.#cell(RESTARTS) + 1
                this.#restart(what)
                return
            case MOVE.leave:
                this.#spend(SHIFT.leave)
                this.#step(what, STEP.leave, 0)
                return
            default:
                this.#spend(SHIFT.publish + 4 * what)
                this.#step(what, STEP.publish, 0)
        }
    }

    #spend(shift: number): void {
        this.cells[SPENT] = this.#cell(SPENT) + 2 ** shift
    }

    #step(member: number, kind: StepKind, what: number): void {
        const outcome: Outcome = this.#society.step(this.#cell(member), kind, what)
        this.cells[member] = outcome.life
        this.#forget(member)
        for (const flight of outcome.flights) {
            if (this.#isAwaited(flight)) {
                this.#add(flight)
            }
        }
    }

    #deliver(flight: number): void {
        this.#remove(flight)
        const { to } = this.#society.flightOf(flight)
        if (this.isAlive(to)) {
            this.#step(to, STEP.deliver, flight)
        } else {
            // A call to a crashed member ends without an answer.
            this.#fail(flight)
        }
    }

    /** A call comes to nothing, or its answer does; the caller is told so. */
    #fail(flight: number): void {
        const { from, to, answer } = this.#society.flightOf(flight)
        const caller = answer === null ? from : to
        if (this.isAlive(caller)) {
            this.#step(caller, STEP.fail, flight)
        }
    }

    /** A process ends, and returns: its answers are lost, and its calls get none. */
    #restart(member: number): void {
        for (let at = FLIGHTS; at < this.length;) {
            const flight = this.#cell(at)
            const { from, to, answer } = this.#society.flightOf(flight)
            if (answer !== null && to === member) {
                this.#remove(flight)
            } else if (answer === null && from === member) {
                this.#remove(flight)
                this.#add(this.#society.abandoned(flight))
                at = FLIGHTS
            } else {
                at++
            }
        }
        this.#step(member, STEP.restart, 0)
    }

    #crash(member: number): void {
        this.cells[member] = -1 - this.logOf(member)
        this.#forget(member)
    }

    /** Whether a message has an effect: an answer to no open call has none. */
    #isAwaited(flight: number): boolean {
        const { to, answer } = this.#society.flightOf(flight)
        const life = this.#cell(to)
        return answer === null || (life >= 0 && this.#society.awaits(life, flight))
    }

    /** Takes away the answers that a member no longer awaits. */
    #forget(member: number): void {
        let kept = FLIGHTS
        for (let at = FLIGHTS; at < this.length; at++) {
            const flight = this.#cell(at)
            if (this.#society.flightOf(flight).to !== member || this.#isAwaited(flight)) {
                this.cells[kept++] = flight
            }
        }
        this.length = kept
    }

    #add(flight: number): void {
        let at = this.length++
        for (; at > FLIGHTS && this.#cell(at - 1) > flight; at--) {
            this.cells[at] = this.#cell(at - 1)
        }
        this.cells[at] = flight
    }

    #remove(flight: number): void {
        const at = this.cells.indexOf(flight, FLIGHTS)
        this.cells.copyWithin(at, at + 1, this.length)
        this.length--
    }
}
