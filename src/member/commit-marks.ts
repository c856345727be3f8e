import { Monotonic } from '../base/monotonic.js'
import { parliament } from '../paxos/membership/government.js'
import { quorum } from '../paxos/membership/quorum.js'
import { republicVersion } from '../paxos/membership/versions.js'
import type { Paxos } from '../paxos/paxos.js'
import type { QuestionAnswer, QuestionBody, QuestionMethod } from './questions.js'
import { type RoundEnd, SharedRounds } from './shared-rounds.js'

/** Sends a question to a member. The answer is `null` if there is none. */
export type SendQuestion = (
    member: string, method: QuestionMethod, body: QuestionBody,
    answered: (answer: QuestionAnswer | null) => void
) => void

/** The parts of the engine from which a question is answered. A question changes nothing. */
type Engine = Pick<
    Paxos,
    'exiled' | 'founding' | 'government' | 'id' | 'immigrated' | 'isLeading' | 'logEnd' |
        'republic' | 'successor'
>

/** The first version of a republic whose members answer questions. */
const FIRST_ASKING_VERSION = 2

/**
 * Linearizable reads without an entry, a record or a clock (Raft thesis, section 6.4). A member
 * asks the leader for a *mark*, and reads its state when its log has reached the mark.
 *
 * 1. The mark is the end of the leader's log at the question. Every entry that was committed before
 *    is at most there: the leader has written the entry, or has adopted the entry at its election.
 * 2. After the question, a majority of the parliament answers that it has promised no ballot above
 *    the leader's ballot. So no other leader was elected before the question: its election would
 *    share a voter with this majority.
 * 3. Questions change no state, so no question is recorded, and no answer waits for a disk. A
 *    promise that is not on disk yet makes an answer more careful, not less.
 * 4. A leader that hands over answers no question.
 * 5. Callers that ask during a round share the next round.
 */
export class CommitMarks {
    readonly #paxos: Engine
    readonly #send: SendQuestion
    readonly #rounds: SharedRounds

    constructor(paxos: Engine, send: SendQuestion) {
        this.#paxos = paxos
        this.#send = send
        this.#rounds = new SharedRounds((ended) => this.#start(ended))
    }

    /**
     * Asks for a mark: every entry that any member knew to be committed before the call is at most
     * there. Yields `null` if no leader has answered.
     */
    ask(ended: RoundEnd): void {
        if (this.#isCitizen) {
            this.#rounds.ask(ended)
        } else {
            ended(null)
        }
    }

    /** Ends a round that can no longer succeed. Call after each input. */
    check(): void {
        this.#rounds.check()
    }

    /** Ends all rounds. */
    close(): void {
        this.#rounds.close()
    }

    /** Answers a question of another member; `null` if this member cannot answer. */
    answer(
        method: QuestionMethod, body: QuestionBody,
        answered: (answer: QuestionAnswer | null) => void
    ): void {
        const { immigrated, founding, republic, isLeading } = this.#paxos
        const isForUs = this.#isCitizen && body.to === immigrated &&
            body.founding === founding && body.republic === republic
        if (isForUs && method === 'promised') {
            answered({ promised: this.#paxos.logEnd.promised })
        } else if (isForUs && isLeading) {
            this.#rounds.ask((mark) => answered(mark === null ? null : { mark }))
        } else {
            answered(null)
        }
    }

    get #isCitizen(): boolean {
        const { exiled, immigrated, government } = this.#paxos
        return !exiled && immigrated !== '0/0' &&
            republicVersion(government) >= FIRST_ASKING_VERSION
    }

    #start(ended: RoundEnd): () => boolean {
        return this.#paxos.isLeading ? this.#confirm(ended) : this.#askLeader(ended)
    }

    #askLeader(ended: RoundEnd): () => boolean {
        const leader = this.#leader()
        if (leader === this.#paxos.id) {
            ended(null)
        } else {
            this.#ask(leader, 'mark', (answer) => ended(answer?.mark ?? null))
        }
        return () => this.#leader() !== leader || !this.#isCitizen
    }

    #leader(): string {
        return this.#paxos.government.majority[0] ?? this.#paxos.id
    }

    /** Confirms that this member leads, and yields the end of its log as of now. */
    #confirm(ended: RoundEnd): () => boolean {
        const { government, logEnd: { head, promised: ballot }, id } = this.#paxos
        const isVoid = (): boolean => {
            const { isLeading, logEnd, successor, exiled } = this.#paxos
            return !isLeading || exiled || successor !== null || logEnd.promised !== ballot
        }
        const voters = parliament(government)
        const others = voters.filter((voter) => voter !== id)
        let missing = quorum(voters.length) - (voters.length - others.length)
        let open = others.length
        const conclude = (): void => {
            if (missing <= 0) {
                ended(isVoid() ? null : head)
            } else if (open < missing) {
                ended(null)
            }
        }
        for (const voter of others) {
            this.#ask(voter, 'promised', (answer) => {
                const promised = answer?.promised
                open--
                if (promised !== undefined && Monotonic.compare(promised, ballot) <= 0) {
                    missing--
                }
                conclude()
            })
        }
        conclude()
        return isVoid
    }

    #ask(
        member: string, method: QuestionMethod, answered: (answer: QuestionAnswer | null) => void
    ): void {
        const { republic, founding, id, government } = this.#paxos
        const to = government.immigrated.promise[member] ?? '0/0'
        const body = Object.freeze({ republic: republic ?? '', founding, id, to })
        let isAnswered = false
        this.#send(member, method, body, (answer) => {
            if (!isAnswered) {
                isAnswered = true
                answered(answer)
            }
        })
    }
}
