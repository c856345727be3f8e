import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties, Republic } from '../paxos/messages/messages.js'
import { RetryDelay } from './backoff.js'
import { askContact, CONTACTS_MAX } from './contact-question.js'
import { type Discover, discoverWithin, messageOf } from './discovery.js'
import type { Founding } from './founding.js'
import type { ColleagueSettings } from './options.js'
import type { OutOfBandClient } from './out-of-band-client.js'
import { runStaggeredUntil } from './staggered-tasks.js'
import {
    type StartContact, missingIn, obstacleOf, republicsIn, type Round
} from './start-obstacles.js'
import { type FoundingTerms, readStartAnswer, START, type StartAnswer } from './start-messages.js'

/** How a member without a republic comes to one. */
export type StartDecision =
    | { readonly kind: 'found'; readonly republic: Republic }
    /** The republic is `null` if only a member of an older version answered. */
    | { readonly kind: 'join'; readonly republic: Republic | null }

/** What a start waits for. */
export interface StartProgress {
    /** How many rounds of questions have ended. */
    readonly rounds: number
    /** The reason for the wait, in words; `null` before the first round has ended. */
    readonly obstacle: string | null
    /** The ids of founders, or the addresses, that have not answered, or not as needed. */
    readonly missing: readonly string[]
}

/** Asks the found addresses, round by round, until the member may found or join a republic. */
export class Starting {
    readonly #kibitzer: Pick<Kibitzer, 'id' | 'paxos'>
    readonly #outOfBand: OutOfBandClient
    readonly #settings: ColleagueSettings
    readonly #founding: Founding
    readonly #now: () => number
    #progress: StartProgress | null = null

    constructor(
        kibitzer: Pick<Kibitzer, 'id' | 'paxos'>,
        outOfBand: OutOfBandClient,
        settings: ColleagueSettings,
        founding: Founding,
        now: () => number
    ) {
        this.#kibitzer = kibitzer
        this.#outOfBand = outOfBand
        this.#settings = settings
        this.#founding = founding
        this.#now = now
    }

    /** What the start waits for; `null` while no start waits. */
    get progress(): StartProgress | null {
        return this.#progress
    }

    /** Shows that the founder waits for other founders; 0 if the founder does not wait. */
    waitForFounders(count: number): void {
        const obstacle = `waits for ${count} more founders to join the republic`
        this.#progress = count === 0 ? null : { rounds: 0, obstacle, missing: [] }
    }

    /**
     * Resolves with the way to a republic. Rejects with `refused` if another service, or another
     * run of this service, answers, or with the reason of the signal.
     *
     * @param islandId The run of the service; `null` accepts the run that answers.
     * @param name The name of the republic if the member founds it.
     */
    async decide(
        terms: FoundingTerms,
        islandId: Republic | null,
        discover: Discover,
        name: Republic,
        signal: AbortSignal
    ): Promise<StartDecision> {
        const { ping, timeout, random } = this.#settings
        const backoff = new RetryDelay(ping, 4 * timeout, random)
        this.#progress = { rounds: 0, obstacle: null, missing: [] }
        this.#founding.begin(terms)
        try {
            for (;;) {
                const round = await this.#ask(discover, islandId, signal)
                const decision = this.#join(round)
                    ?? await this.#found(round, islandId, name, signal)
                if (decision !== null) {
                    return decision
                }
                this.#note(round)
                await backoff.wait(signal)
            }
        } finally {
            this.#progress = null
        }
    }

    /**
     * Resolves with a member of a republic of the island, or with `null` if no address answers as
     * a member. Rejects as `decide` does.
     */
    async meet(
        discover: Discover,
        islandId: Republic | null,
        signal: AbortSignal
    ): Promise<StartAnswer | null> {
        const { contacts } = await this.#ask(discover, islandId, signal)
        return contacts.find(({ answer }) => answer?.isMember === true)?.answer ?? null
    }

    /**
     * Resolves with the contacts that answer as members of a republic of the island. Passes over
     * the addresses of other services. Rejects with the reason of the signal.
     */
    async find(
        discover: Discover,
        islandId: Republic | null,
        signal: AbortSignal
    ): Promise<readonly StartContact[]> {
        const ask = (properties: Properties, ended: AbortSignal): Promise<StartContact> =>
            this.#question(properties, islandId, null, ended)
                .catch(() => ({ properties, answer: null, mistake: null, isOlder: false }))
        const { contacts } = await this.#askAll(discover, ask, () => false, signal)
        return contacts.filter(({ answer }) => answer?.isMember === true)
    }

    /** The member joins an answering republic, unless the member has promised another republic. */
    #join(round: Round): StartDecision | null {
        const { contacts } = round
        for (const { answer } of contacts) {
            if (answer !== null) {
                this.#founding.release(answer)
            }
        }
        const [republic, ...others] = republicsIn(round)
        const { promised } = this.#founding
        if (others.length > 0) {
            return null
        }
        if (republic !== undefined) {
            const isFree = promised === null || promised.republic === republic
            this.#founding.meet(republic)
            return isFree ? { kind: 'join', republic } : null
        }
        return contacts.some(({ isOlder }) => isOlder) ? { kind: 'join', republic: null } : null
    }

    /** All founders agree and no address is silent: asks each founder for its word. */
    async #found(
        round: Round,
        islandId: Republic | null,
        name: Republic,
        signal: AbortSignal
    ): Promise<StartDecision | null> {
        if (!this.#isFounder(round) || this.#missing(round).length > 0) {
            return null
        }
        if (!this.#founding.propose()) {
            return null
        }
        const begunAt = this.#now()
        try {
            const others = this.#others(round)
            const answers = await Promise.all(others.map(({ properties }) =>
                this.#question(properties, islandId, name, signal)))
            const isFresh = this.#founding.terms.founders !== null
                || this.#now() - begunAt < this.#settings.outOfBandTimeout
            const areAll = answers.every(({ answer }) => answer?.isPromised === true)
            return areAll && isFresh ? { kind: 'found', republic: name } : null
        } finally {
            this.#founding.withdraw()
        }
    }

    /** The other members that found together with the member. */
    #others({ contacts }: Round): readonly StartContact[] {
        const { founders } = this.#founding.terms
        const others = new Map<string, StartContact>()
        for (const contact of contacts) {
            const { answer } = contact
            const isNamed = answer !== null && founders?.includes(answer.id) !== false
            if (isNamed && answer.process !== this.#founding.process) {
                others.set(answer.id, contact)
            }
        }
        return [...others.values()]
    }

    /** Whether the member is the one that founds. */
    #isFounder(round: Round): boolean {
        const { founders, expect } = this.#founding.terms
        const { id } = this.#kibitzer
        if (founders !== null) {
            return founders[0] === id
        }
        const ids = this.#others(round).flatMap(({ answer }) => answer?.id ?? [])
        return expect !== null && ids.length + 1 >= expect && ids.every((other) => id < other)
    }

    /** Asks the found addresses once, up to the first member of a republic. */
    #ask(
        discover: Discover,
        islandId: Republic | null,
        signal: AbortSignal
    ): Promise<Round> {
        const ask = (properties: Properties, ended: AbortSignal): Promise<StartContact> =>
            this.#question(properties, islandId, null, ended)
        const isEnough = ({ isOlder, answer }: StartContact): boolean =>
            isOlder || answer?.isMember === true
        return this.#askAll(discover, ask, isEnough, signal)
    }

    /** Asks every found address once, up to a contact that is enough. */
    async #askAll(
        discover: Discover,
        ask: (properties: Properties, ended: AbortSignal) => Promise<StartContact>,
        isEnough: (contact: StartContact) => boolean,
        signal: AbortSignal
    ): Promise<Round> {
        const { outOfBandTimeout, ping } = this.#settings
        const contacts: StartContact[] = []
        let found: readonly Properties[]
        try {
            found = await discoverWithin(discover, outOfBandTimeout, signal)
        } catch (error) {
            signal.throwIfAborted()
            return { contacts, failure: `no address was found: ${messageOf(error)}` }
        }
        const stagger = { delayMs: ping, max: CONTACTS_MAX }
        for await (const { result } of runStaggeredUntil(found, ask, stagger, signal)) {
            contacts.push(result)
            if (isEnough(result)) {
                break
            }
        }
        signal.throwIfAborted()
        return { contacts, failure: null }
    }

    /** Asks one address; with a republic, for the word to join only this republic. */
    async #question(
        properties: Properties,
        islandId: Republic | null,
        republic: Republic | null,
        signal: AbortSignal
    ): Promise<StartContact> {
        const { islandName } = this.#settings
        const { terms, process } = this.#founding
        const post = Object.freeze({ id: this.#kibitzer.id, process, ...terms, republic })
        const question = { islandName, islandId, name: START, post }
        const { reply, mistake } = await askContact(this.#outOfBand, properties, question, signal)
        const answer = reply === null ? null : readStartAnswer(reply.result)
        return { properties, answer, mistake, isOlder: reply?.refusal === 'unknown-name' }
    }

    #note(round: Round): void {
        const missing = this.#missing(round)
        const obstacle = obstacleOf(round, missing, this.#founding, this.#others(round).length)
        this.#progress = { rounds: (this.#progress?.rounds ?? 0) + 1, obstacle, missing }
    }

    #missing(round: Round): readonly string[] {
        return missingIn(round, this.#founding, this.#kibitzer.id)
    }
}
