import { ruleOf } from '../../src/member/sending-rules.js'
import { claimsRest } from '../../src/paxos/claims.js'
import { inside } from '../simulation/inside.js'
import type { Life } from './life.js'
import {
    type Flight, type Members, type Outcome, type Society, STEP, type StepKind
} from './society.js'
import { demand } from './violation.js'

/** A member with a disk. */
interface Situation {
    /** The life of the process. */
    readonly life: number
    /** The life that a restart continues: the disk holds the records up to there. */
    readonly stored: number
    /** Whether the disk lacks a record that changed a claim of the member. */
    readonly isClaimLost: boolean
    /** Whether the disk holds the record since which the member sends early. */
    readonly isBegun: boolean
    /** The longest log that the member has shown. */
    readonly shown: number
    /** The messages that leave when the disk has answered. */
    readonly held: readonly number[]
}

/**
 * Members with disks, by number: each situation is a life, the life on the disk, and the messages
 * that wait. The disk stores all records and answers in one step, and a restart loses all that the
 * disk lacks. The rules of `src/member/sending-rules.ts` decide which messages wait.
 *
 * 1. A log that a member has shown agrees with every later log of the member.
 */
export class Disks implements Members {
    readonly founders: readonly number[]
    readonly #society: Society
    readonly #situations: Situation[] = []
    readonly #numbers = new Map<string, number>()
    readonly #outcomes = new Map<string, Outcome>()

    constructor(society: Society) {
        this.#society = society
        this.founders = society.founders.map((life) => this.#number({
            life, stored: life, isClaimLost: false, isBegun: true, shown: society.logOf(life),
            held: []
        }))
    }

    get annals(): Society['annals'] {
        return this.#society.annals
    }

    get lives(): { readonly length: number } {
        return this.#situations
    }

    get outcomes(): number {
        return this.#outcomes.size
    }

    lifeOf(member: number): Life {
        return this.#society.lifeOf(this.#situation(member).life)
    }

    logOf(member: number): number {
        return this.#situation(member).shown
    }

    flightOf(flight: number): Flight {
        return this.#society.flightOf(flight)
    }

    abandoned(flight: number): number {
        return this.#society.abandoned(flight)
    }

    awaits(member: number, flight: number): boolean {
        return this.#society.awaits(this.#situation(member).life, flight)
    }

    /** Whether an effect, or the engine, waits for the disk of a member. */
    isWaiting(member: number): boolean {
        const { held, isBegun, isClaimLost } = this.#situation(member)
        return held.length !== 0 || !isBegun || isClaimLost ||
            this.lifeOf(member).paxos.disk.awaited !== null
    }

    step(member: number, kind: StepKind, what: number): Outcome {
        const key = `${member} ${kind} ${what}`
        let outcome = this.#outcomes.get(key)
        if (outcome === undefined) {
            outcome = this.#find(this.#situation(member), kind, what)
            this.#outcomes.set(key, outcome)
        }
        return outcome
    }

    #find(before: Situation, kind: StepKind, what: number): Outcome {
        switch (kind) {
            case STEP.flush:
                return this.#flush(before)
            case STEP.restart:
                return this.#restart(before)
            default:
                return this.#play(before, kind, what)
        }
    }

    #flush(before: Situation): Outcome {
        const stored: Situation = {
            ...before, stored: before.life, isClaimLost: false, isBegun: true, held: []
        }
        const { awaited } = this.#society.lifeOf(before.life).paxos.disk
        const after = awaited === null
            ? { life: this.#settle(stored), flights: [] }
            : this.#play(stored, STEP.stable, 0)
        return { life: after.life, flights: [...before.held, ...after.flights] }
    }

    /** A new process continues from the disk, which holds the record of the restart. */
    #restart({ stored, shown }: Situation): Outcome {
        const { life, flights } = this.#society.step(stored, STEP.restart, 0)
        const after = {
            life, stored: life, isClaimLost: false, isBegun: true, shown, held: []
        }
        return { life: this.#settle(after), flights }
    }

    #play(before: Situation, kind: StepKind, what: number): Outcome {
        const { life, flights } = this.#society.step(before.life, kind, what)
        const [was, is] = [this.#society.lifeOf(before.life), this.#society.lifeOf(life)]
        const isSame = isEarly(was) === isEarly(is) &&
            was.paxos.disk.ballot === is.paxos.disk.ballot
        const after: Situation = {
            ...before, life, isBegun: before.isBegun && isSame,
            isClaimLost: before.isClaimLost || !claimsRest(was.paxos.claims, is.paxos.claims)
        }
        const leaving = flights.filter((flight) => this.#mayLeave(after, flight))
        const held = flights.filter((flight) => !leaving.includes(flight))
        const number = this.#settle({ ...after, held: [...before.held, ...held].sort() })
        return { life: number, flights: leaving }
    }

    /** Whether a message leaves before the disk answers. */
    #mayLeave(situation: Situation, flight: number): boolean {
        const { life, isClaimLost, isBegun } = situation
        const { call, answer } = this.#society.flightOf(flight)
        const rule = answer !== null || !isEarly(this.#society.lifeOf(life))
            ? 'all' : ruleOf(call.method, call.body)
        if (rule === 'all') {
            return !isClaimLost
        }
        const { ballot } = this.#society.lifeOf(life).paxos.disk
        return isBegun && (rule === 'begin' || ballot !== null || this.#holdsMarks(situation))
    }

    /** Whether the disk holds the entries that the member knows to be committed. */
    #holdsMarks({ life, stored }: Situation): boolean {
        const { committed } = inside(this.#society.lifeOf(life).paxos)
        return inside(this.#society.lifeOf(stored).paxos).log.positionOf(committed) !== -1
    }

    /** The number of a situation, after the member has shown its entries. */
    #settle(situation: Situation): number {
        const { annals } = this.#society
        const { life, shown } = situation
        const log = this.#society.logOf(life)
        if (!this.#holdsMarks(situation)) {
            return this.#number(situation)
        }
        demand(annals.agree(log, shown), 'one log', () =>
            `${this.#society.lifeOf(life).id} has shown ${annals.tell(shown)}, and now shows ${
                annals.tell(log)}`)
        const isLonger = annals.depthOf(log) > annals.depthOf(shown)
        return this.#number({ ...situation, shown: isLonger ? log : shown })
    }

    #number(situation: Situation): number {
        const key = Object.values(situation).join()
        const known = this.#numbers.get(key)
        if (known !== undefined) {
            return known
        }
        this.#situations.push(situation)
        this.#numbers.set(key, this.#situations.length - 1)
        return this.#situations.length - 1
    }

    #situation(member: number): Situation {
        const known = this.#situations[member]
        demand(known !== undefined, 'is a situation', () => `there is no situation ${member}`)
        return known
    }
}

/** Whether messages of a member may leave before the disk holds their records. */
function isEarly({ paxos, islander }: Life): boolean {
    return paxos.disk.isEarly && islander.sendsIdentities
}
