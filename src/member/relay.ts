import { GAP } from '../base/publish-identity.js'
import type { BatchReply, Receipts } from '../publisher/islander-types.js'
import type { Government } from '../paxos/messages/messages.js'
import type { EnqueueBody } from './inputs.js'
import { type CallOutcome, isRefusalOfValue } from '../transport/refusals.js'

/** While a relay is in use, every 16th dispatch also goes to the leader directly. */
const PROBE_EVERY = 16

/** The outcome of one call of `enqueue`. */
export interface EnqueueAnswer {
    /** The receipts; `null` if the called member has not taken the batch, or has not answered. */
    readonly promises: Receipts | null
    /** `gap`, or the status of a refusal of which a value may be the reason; else `null`. */
    readonly refused: string | null
    /** Whether the called member has answered, perhaps without receipts. */
    readonly isAnswered: boolean
}

/**
 * Reads the end of a call of `enqueue`.
 *
 * @param holdsValue Whether the batch holds a value. If a batch without values is refused, the link
 * is the cause, and another member may reach the leader.
 */
export function readAnswer(
    reply: BatchReply | null,
    concluded: CallOutcome,
    holdsValue: boolean
): EnqueueAnswer {
    if (reply === GAP) {
        return { promises: null, refused: GAP, isAnswered: true }
    }
    const promises = reply
    const { refused = null, isAnswered = false } = concluded
    const isOfValue = refused !== null && holdsValue && isRefusalOfValue(refused)
    return {
        promises,
        refused: isOfValue ? refused : null,
        isAnswered: promises !== null || isOfValue || isAnswered
    }
}

/** The end of a dispatch, for the Islander. */
export interface Dispatched {
    readonly promises: Receipts | null
    /** `gap`, or the status of a refusal of which a value may be the reason. */
    readonly refused?: string
}

/** The end of a dispatch whose answer comes from this member itself. */
export function dispatchedHere(answer: BatchReply | null): Dispatched {
    return answer === GAP ? { promises: null, refused: GAP } : { promises: answer }
}

/** The part of a member that decides whether the member forwards a batch. */
interface Forwarder {
    readonly id: string
    readonly founding: string
    readonly government: Pick<Government, 'majority'>
    readonly isLeading: boolean
}

/** Whether a member forwards a batch to the leader. A batch is forwarded once. */
export function isForwarded(
    { founding, entries, hops = 0 }: EnqueueBody, member: Forwarder
): boolean {
    const leader = member.government.majority[0] ?? member.id
    const isOurs = (founding ?? member.founding) === member.founding
    return isOurs && !member.isLeading && leader !== member.id && hops === 0 &&
        entries.every(({ id }) => id !== leader)
}

/** The members of one dispatch, the leader or a citizen that forwards, and the answers so far. */
export interface ForwardingRoute {
    /** The members to call, all at once. */
    readonly members: readonly string[]
    /**
     * Records the answer of one of the members.
     *
     * @returns The end of the dispatch, once: the first receipts, or `null` as `promises` after the
     * last answer.
     */
    onAnswer(member: string, answer: EnqueueAnswer): Dispatched | null
}

/**
 * Chooses the members to which a publisher sends its batches. Usually this is the leader alone. If
 * the link to the leader is broken, another citizen forwards the batch.
 *
 * 1. After a failure, a dispatch goes to the leader and to one citizen at the same time. The
 *    leader takes each cookie once, so a dispatch that arrives on both ways is in the log once.
 * 2. If a citizen brings an answer and the leader does not answer, the citizen becomes the
 *    *relay*, and the next dispatches go to the relay alone. An answer of the leader, or another
 *    leader, ends the use of the relay. One dispatch of 16 tries both ways.
 * 3. An exiled citizen stops being the relay.
 * 4. The citizen that called this member last is tried first, then each other citizen in turn.
 */
export class Relay {
    #through: string | null = null
    #leader: string | null = null
    #heard: string | null = null
    #nextTried = 0
    #relayed = 0

    /** The citizen that forwards the batches; `null` if the leader is called directly. */
    get through(): string | null {
        return this.#through
    }

    /** Records that a member has called this member. */
    onCallFrom(id: string): void {
        this.#heard = id
    }

    /**
     * Chooses the members for one dispatch.
     *
     * @param id This member.
     * @param failures The number of dispatches that have failed in a row.
     */
    chooseMembers(government: Government, id: string, failures: number): ForwardingRoute {
        const leader = government.majority[0] ?? id
        if (leader !== this.#leader) {
            this.#leader = leader
            this.#through = null
        }
        const members = this.#members(government, id, leader, failures)
        return this.#routeOf(members, leader)
    }

    #members(government: Government, id: string, leader: string, failures: number): string[] {
        if (failures === 0 && this.#through === null) {
            return [leader]
        }
        const others = [...government.majority, ...government.minority, ...government.constituents]
            .filter((citizen) => citizen !== id && citizen !== leader)
        const through = others.find((citizen) => citizen === this.#through)
        if (failures === 0 && through !== undefined) {
            this.#relayed++
            return this.#relayed % PROBE_EVERY === 0 ? [leader, through] : [through]
        }
        this.#through = null
        if (this.#nextTried === 0 && others.includes(this.#heard ?? '')) {
            this.#nextTried = others.indexOf(this.#heard ?? '')
        }
        const other = others[this.#nextTried % others.length]
        this.#nextTried++
        return other === undefined ? [leader] : [leader, other]
    }

    #routeOf(members: readonly string[], leader: string): ForwardingRoute {
        let missing = members.length
        let isOver = false
        let isLeaderThere = false
        let refused: string | null = null
        const take: ForwardingRoute['onAnswer'] = (member, answer) => {
            missing--
            refused ??= answer.refused
            const { promises } = answer
            const isOnWay = promises !== null || answer.refused === GAP
            if (member === leader && answer.isAnswered) {
                isLeaderThere = true
                this.#useWay(leader, null)
            } else if (isOnWay && member !== leader && !isLeaderThere) {
                this.#useWay(leader, member)
            }
            if (isOver || (promises === null && missing !== 0)) {
                return null
            }
            isOver = true
            return promises === null && refused !== null ? { promises, refused } : { promises }
        }
        return { members, onAnswer: take }
    }

    /** Records on which way the leader has taken a dispatch. */
    #useWay(leader: string, through: string | null): void {
        if (leader === this.#leader) {
            this.#through = through
            this.#nextTried = 0
        }
    }
}
