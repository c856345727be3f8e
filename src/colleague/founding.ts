import type { DrawHex } from '../base/random-hex.js'
import type { Republic } from '../paxos/messages/messages.js'
import type { FoundingTerms, StartAnswer, StartQuestion } from './start-messages.js'

/** The part of the engine that an answer depends on. */
export interface FoundingMembership {
    readonly id: string
    /** The republic of the member; `null` if the member is not a citizen. */
    readonly republic: Republic | null
}

/** The word of the member to join one republic only. */
interface Promised {
    /** The founder that holds the word. */
    readonly id: string
    readonly process: string
    readonly republic: Republic
    readonly at: number
}

/** Terms of a member that has not called `start`. */
const NO_TERMS: FoundingTerms = Object.freeze({ founders: null, expect: null })

function isEqual(left: readonly string[] | null, right: readonly string[] | null): boolean {
    return left?.length === right?.length && left?.every((id, at) => id === right?.[at]) !== false
}

/** Whether two members start on the same terms. */
export function agrees(left: FoundingTerms, right: FoundingTerms): boolean {
    return left.expect === right.expect && isEqual(left.founders, right.founders)
}

/**
 * Keeps this process from founding, or joining, a second republic of its island.
 *
 * 1. A member without a republic gives its word to one founder at a time: from then on the member
 *    joins only the republic of that founder. A founder founds after each of the others has given
 *    its word.
 * 2. With named founders only the first founder may ask for the word. The word ends when another
 *    process of that founder asks, or when the founder names another republic.
 * 3. With a number of members the member with the smallest id asks. The word ends `wordMs` after
 *    it was given, and a founder uses no word that is older than half of that time.
 * 4. A member that belongs to a republic, or has met a member of a republic, gives no word.
 */
export class Founding {
    /** Identifies this process. */
    readonly process: string
    readonly #now: () => number
    readonly #wordMs: number
    #terms: FoundingTerms | null = null
    #met: Republic | null = null
    #promised: Promised | null = null
    #isProposing = false

    /**
     * @param wordMs How long a word lasts if no founders are named, in milliseconds.
     * @param draw Draws the name of this process.
     */
    constructor(now: () => number, wordMs: number, draw: DrawHex) {
        this.process = draw(8)
        this.#now = now
        this.#wordMs = wordMs
    }

    /** The terms of the member. */
    get terms(): FoundingTerms {
        return this.#terms ?? NO_TERMS
    }

    /** The republic that the member has promised to join; `null` if it is free. */
    get promised(): Promised | null {
        const promised = this.#promised
        const isOver = promised !== null && this.terms.expect !== null
            && this.#now() - promised.at > this.#wordMs
        return isOver ? null : promised
    }

    /** The member waits for a republic on these terms. */
    begin(terms: FoundingTerms): void {
        this.#terms = terms
    }

    /** A member of a republic has answered: the member founds no other republic any more. */
    meet(republic: Republic): void {
        this.#met = republic
    }

    /** Whether the member may ask the founders for their word: the member knows no republic. */
    propose(): boolean {
        this.#isProposing = this.#met === null && this.promised === null
        return this.#isProposing
    }

    /** The member has not received the word of every other founder. */
    withdraw(): void {
        this.#isProposing = false
    }

    /** Ends the word if the founder says by an answer that its former process is gone. */
    release({ id, process, islandId }: StartAnswer): void {
        const promised = this.#promised
        const isOther = islandId !== null && islandId !== promised?.republic
        if (promised?.id === id && (promised.process !== process || isOther)) {
            this.#promised = null
        }
    }

    /** Answers a starting member, and gives the word of the member if the question asks for it. */
    answer(question: StartQuestion, { id, republic }: FoundingMembership): StartAnswer {
        const islandId = republic ?? this.#met
        return Object.freeze({
            id,
            process: this.process,
            ...this.terms,
            islandId,
            isMember: republic !== null,
            isStarting: this.#terms !== null,
            isPromised: islandId === null && this.#promise(question, id)
        })
    }

    #promise(question: StartQuestion, id: string): boolean {
        const { republic, process } = question
        if (republic === null || this.#terms === null || !agrees(this.#terms, question)) {
            return false
        }
        const { founders } = this.#terms
        const isFree = founders === null
            ? this.#mayFollow(question, id)
            : question.id === founders[0] && question.id !== id
        if (isFree) {
            this.#promised = { id: question.id, process, republic, at: this.#now() }
        }
        return isFree
    }

    /** Whether the member may give its word to a member that no list of founders names. */
    #mayFollow(question: StartQuestion, id: string): boolean {
        const { promised } = this
        return question.id < id && !this.#isProposing
            && (promised === null || promised.id === question.id)
    }
}
