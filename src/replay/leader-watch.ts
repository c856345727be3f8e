import type { MemberView } from './replayed-member.js'
import type { ReplayedInput } from './replay-pass.js'

/** A period in which a majority obeyed a leader. Instants are by the clock of the leader. */
export interface LeaderPeriod {
    readonly member: string
    readonly from: number
    to: number
    /** The input at which the period begins, and the last input of the period. */
    readonly first: number
    last: number
}

/** The part of a step that the watch sees. */
type WatchedInput = Pick<ReplayedInput, 'number' | 'played' | 'member' | 'outcome'>

/** The number of answers to election calls, of collapses and of unanswered calls to keep. */
const ANSWERS_MAX = 100_000

/** The methods of an election. */
const ELECTION: ReadonlySet<string> = new Set(['canvass', 'prepare', 'cede'])

/** The time after which a silence has consequences, if no recording says the time. */
const TIMEOUT_MS = 1000

/**
 * Watches the steps of the members, and collects the periods in which a leader led: a period ends
 * with the last instant at which a majority obeyed the leader, not with the leader's own opinion.
 */
export class LeaderWatch {
    /** The periods, by member and in order. */
    readonly periods: LeaderPeriod[] = []
    readonly #answers = new Map<string, string>()
    readonly #collapses = new Map<string, number>()
    readonly #unanswered = new Set<string>()
    /** The last period of each member that led at its last noted input. */
    readonly #open = new Map<string, LeaderPeriod>()
    #timeoutMs = 0

    /** The shortest silence that has consequences, in milliseconds. */
    get timeoutMs(): number {
        return this.#timeoutMs || TIMEOUT_MS
    }

    /** The method of the answer to an election call, by the input that received the call. */
    answerAt(member: string, number: number): string | null {
        return this.#answers.get(`${number} ${member}`) ?? null
    }

    /** Whether the input with the outcome of a call holds no answer of the called member. */
    isUnanswered(member: string, number: number, called: string): boolean {
        return this.#unanswered.has(`${number} ${member} ${called}`)
    }

    /**
     * How long a member had been without news of a leader when its timer for a collapse fired, in
     * milliseconds; `null` for other inputs.
     */
    silenceAt(member: string, number: number): number | null {
        return this.#collapses.get(`${number} ${member}`) ?? null
    }

    /** Notes a step. The steps of a member come one after another. */
    note(id: string, { number, played, member, outcome }: WatchedInput): void {
        const { method, body, when } = played
        if (method === 'birth' || method === 'revive') {
            this.#noteTimeout(body.options?.timeout)
            this.#open.delete(id)
        }
        if (method === 'receive' && ELECTION.has(body.method)
            && this.#answers.size < ANSWERS_MAX) {
            const isAnswer = typeof outcome === 'object' && outcome !== null && 'method' in outcome
            this.#answers.set(`${number} ${id}`, isAnswer ? String(outcome.method) : 'no answer')
        }
        if (method === 'event' && body.key === 'collapse' && this.#collapses.size < ANSWERS_MAX) {
            const { leaderSeenMs } = member.contact()
            if (leaderSeenMs !== null) {
                this.#collapses.set(`${number} ${id}`, leaderSeenMs)
            }
        }
        if (method === 'sent') {
            this.#noteUnanswered(id, number, body.responses)
        }
        this.noteStanding(id, number, when, member)
    }

    /** Notes whether a member leads, as of an instant of its clock. */
    noteStanding(id: string, number: number, when: number, member: MemberView): void {
        const { majority, minority } = member.government
        if (majority[0] !== id || member.role !== 'leader') {
            this.#open.delete(id)
            return
        }
        const isAlone = majority.length + minority.length === 1
        const age = isAlone ? 0 : member.contact().leaderSeenMs
        if (age !== null) {
            this.#noteLeader(id, number, when, when - age, isAlone)
        }
    }

    #noteUnanswered(
        id: string, number: number, responses: Readonly<Record<string, unknown>>
    ): void {
        for (const [called, response] of Object.entries(responses)) {
            if (response === null && this.#unanswered.size < ANSWERS_MAX) {
                this.#unanswered.add(`${number} ${id} ${called}`)
            }
        }
    }

    #noteTimeout(timeout: number | undefined): void {
        if (timeout !== undefined) {
            this.#timeoutMs = Math.min(this.#timeoutMs || timeout, timeout)
        }
    }

    #noteLeader(id: string, number: number, when: number, obeyed: number, isAlone: boolean): void {
        const open = this.#open.get(id) ?? null
        if (open !== null && (isAlone || obeyed - open.to <= this.timeoutMs)) {
            if (obeyed > open.to) {
                open.to = obeyed
                open.last = number
            }
            return
        }
        // A leader is obeyed from the election on, and not before.
        const from = open === null ? when : obeyed
        const period = { member: id, from, to: from, first: number, last: number }
        this.#open.set(id, period)
        this.periods.push(period)
    }
}
