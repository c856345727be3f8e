import { Monotonic } from '../../base/monotonic.js'
import type { Ballot, Entry, Government, Matter } from '../messages/messages.js'
import { unpackAll, type Packed } from '../messages/run-encoding.js'
import { withdraw, type Accepted } from './withdrawal.js'

/** The written form of a campaign. */
export interface ProposerState {
    readonly ceded: Monotonic | null
    readonly ballot: Ballot | null
    readonly attempts: number
    readonly offers: number
    readonly granted: readonly Monotonic[]
    readonly promises: readonly (readonly [
        Monotonic,
        { readonly ballot: Ballot; readonly entries: Packed; readonly draft: Monotonic | null }
    ])[]
}

/** How often a ceded-to member tries again while the ceding leader is still heard of. */
const CEDED_RETRIES_MAX = 1

/** After so many tries under one ballot the candidate withdraws the ballot and canvasses again. */
const OFFERS_MAX = 4

/** The next ballot of an incarnation: its count is one above the count of the highest ballot. */
export function nextBallot(highest: Ballot, immigrated: Monotonic): Ballot {
    const count = highest.split('/')[0] ?? '0'
    return `${Monotonic.increment(count, 0)}/${immigrated}`
}

/**
 * One member's campaign. The proposer canvasses before it prepares, so that a candidate without a
 * chance raises no ballot. The proposer only counts answers; `election.ts` sends the questions and
 * acts on the counts.
 *
 * 1. The proposer offers no ballot before a majority of the parliament would promise one.
 * 2. Among the promised suffixes with entries, the proposer adopts the suffix of the highest
 *    ballot, the longest among equals: exactly the entries that a majority may have accepted.
 *    (Lamport, The Part-Time Parliament, B3.) `withdraw` removes an open government if the promises
 *    prove that no leader ever commits the government.
 */
export class Proposer {
    /** The offered ballot; `null` during the canvass. */
    ballot: Ballot | null = null
    /** The number of tries of the campaign after the first. */
    attempts = 0
    /** The incarnation of the leader that has ceded to the member; `null` without such a leader. */
    readonly ceded: Monotonic | null
    #offers = 0
    readonly #granted = new Set<Monotonic>()
    readonly #promises = new Map<Monotonic, Accepted>()

    constructor(ceded: Monotonic | null = null) {
        this.ceded = ceded
    }

    /** Whether the campaign goes on while the given incarnation leads. */
    maySucceed(leader: Monotonic): boolean {
        return this.ceded === leader && this.attempts <= CEDED_RETRIES_MAX
    }

    /** The request of the current stage: `canvass`, or `prepare` with the offered ballot. */
    question(): Matter {
        const ceded = this.ceded === null ? {} : { ceded: this.ceded }
        return this.ballot === null
            ? { method: 'canvass', ...ceded }
            : { method: 'prepare', ballot: this.ballot, ...ceded }
    }

    /** The voters without an answer to the current question. */
    unanswered(voters: readonly Monotonic[]): readonly Monotonic[] {
        const answered = this.ballot === null ? this.#granted : this.#promises
        return voters.filter((voter) => !answered.has(voter))
    }

    /** Counts a voter that would promise. Returns whether the count has reached a majority. */
    countGrant(voter: Monotonic, quorum: number): boolean {
        this.#granted.add(voter)
        return this.ballot === null && this.#granted.size >= quorum
    }

    /** Offers a ballot, and counts the candidate's own promise. */
    offerBallot(ballot: Ballot, voter: Monotonic, accepted: Accepted): void {
        this.ballot = ballot
        this.#offers = 0
        this.#promises.clear()
        this.#promises.set(voter, accepted)
    }

    /** Counts a promise. Returns whether the count has reached a majority. */
    countPromise(voter: Monotonic, accepted: Accepted, quorum: number): boolean {
        this.#promises.set(voter, accepted)
        return this.hasMajority(quorum)
    }

    /** Whether a majority has promised the offered ballot. */
    hasMajority(quorum: number): boolean {
        return this.ballot !== null && this.#promises.size >= quorum
    }

    /** Goes back to the canvass: a voter has refused the ballot, or the log has grown. */
    restart(): void {
        this.ballot = null
        this.#granted.clear()
        this.#promises.clear()
    }

    /**
     * Counts a failed try. During a canvass, or after the last try under a ballot, the canvass
     * starts again.
     */
    countTry(): void {
        this.attempts++
        this.#offers++
        if (this.ballot === null || this.#offers >= OFFERS_MAX) {
            this.restart()
        }
    }

    /** The voters that have promised, the candidate included. */
    promised(): readonly Monotonic[] {
        return [...this.#promises.keys()]
    }

    /** The voters that have promised, or would promise. */
    willing(): readonly Monotonic[] {
        return [...new Set([...this.#promises.keys(), ...this.#granted])]
    }

    /**
     * The suffix to adopt, by invariant 2.
     *
     * @param government The government in force.
     */
    suffixToAdopt(government: Government): readonly Entry[] {
        let best: Accepted = { ballot: '0/0/0', entries: [], draft: null }
        for (const accepted of this.#promises.values()) {
            if (accepted.entries.length === 0) {
                // An empty suffix has no weight, whatever its ballot: after a larger parliament is
                // committed, the leader goes on with its old ballot.
                continue
            }
            const order = Monotonic.compare(accepted.ballot, best.ballot)
            if (order > 0 || (order === 0 && accepted.entries.length > best.entries.length)) {
                best = accepted
            }
        }
        const promises = [...this.#promises].map(([voter, accepted]) => {
            return [government.immigrated.id[voter] ?? '', accepted] as const
        })
        return withdraw(government, promises, best)
    }

    /** The written form. */
    state(): ProposerState {
        return {
            ceded: this.ceded,
            ballot: this.ballot,
            attempts: this.attempts,
            offers: this.#offers,
            granted: [...this.#granted],
            promises: [...this.#promises].map(([voter, accepted]) => {
                return [voter, { ...accepted, entries: [...accepted.entries] }]
            })
        }
    }

    /** Restores a written form. */
    static restore(state: ProposerState): Proposer {
        const { ceded, ballot, attempts, offers, granted, promises } = state
        const proposer = new Proposer(ceded)
        Object.assign(proposer, { ballot, attempts })
        proposer.#offers = offers
        for (const voter of granted) {
            proposer.#granted.add(voter)
        }
        for (const [voter, accepted] of promises) {
            const entries = unpackAll(accepted.entries)
            proposer.#promises.set(voter, { ...accepted, entries })
        }
        return proposer
    }
}
