import { Monotonic } from '../../base/monotonic.js'
import type { Ballot, Entry, Government, Matter } from '../messages/messages.js'
import { unpackAll, type Packed } from '../messages/run-encoding.js'
import { withdraw, type Accepted } from './withdrawal.js'

/** How far a campaign has come. */
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

/** How often one tries again to whom a leader has ceded that is still heard of. */
const CEDED_RETRIES_MAX = 1

/** How often a ballot is offered before the canvass starts over. */
const OFFERS_MAX = 4

/** The ballot after another, for one incarnation: counted up, so that it is above. */
export function nextBallot(highest: Ballot, immigrated: Monotonic): Ballot {
    const count = highest.split('/')[0] ?? '0'
    return `${Monotonic.increment(count, 0)}/${immigrated}`
}

/**
 * The leading half of a collapse: one member's campaign. It canvasses first, so that nobody
 * raises a ballot in vain, then prepares. It only keeps count; whom to ask and what follows is
 * the engine's to say.
 *
 * 1. No ballot is offered before a majority of the parliament has said that it would promise.
 * 2. What is adopted is, of the suffixes that hold anything, that of the highest ballot, the
 *    longest among equals: exactly the entries that some majority may have accepted. (Lamport,
 *    The Part-Time Parliament, B3.) An open government that provably was never committed is left
 *    out, by `withdraw`.
 */
export class Proposer {
    /** The ballot on offer; `null` while canvassing. */
    ballot: Ballot | null = null
    /** How many times this campaign was retried. */
    attempts = 0
    /** The incarnation that leads and has ceded to this member; `null` where nobody has. */
    readonly ceded: Monotonic | null
    #offers = 0
    readonly #granted = new Set<Monotonic>()
    readonly #promises = new Map<Monotonic, Accepted>()

    constructor(ceded: Monotonic | null = null) {
        this.ceded = ceded
    }

    /** Whether this campaign goes on though that incarnation leads. */
    maySucceed(leader: Monotonic): boolean {
        return this.ceded === leader && this.attempts <= CEDED_RETRIES_MAX
    }

    /** What this stage asks. */
    question(): Matter {
        const ceded = this.ceded === null ? {} : { ceded: this.ceded }
        return this.ballot === null
            ? { method: 'canvass', ...ceded }
            : { method: 'prepare', ballot: this.ballot, ...ceded }
    }

    /** Who has not yet said what this stage asks for. */
    unanswered(voters: readonly Monotonic[]): readonly Monotonic[] {
        const answered = this.ballot === null ? this.#granted : this.#promises
        return voters.filter((voter) => !answered.has(voter))
    }

    /** Counts one who would promise; true once they are a majority. */
    grant(voter: Monotonic, quorum: number): boolean {
        this.#granted.add(voter)
        return this.ballot === null && this.#granted.size >= quorum
    }

    /** Begins to prepare, with the proposer's own promise. */
    offer(ballot: Ballot, voter: Monotonic, accepted: Accepted): void {
        this.ballot = ballot
        this.#offers = 0
        this.#promises.clear()
        this.#promises.set(voter, accepted)
    }

    /** Counts a promise; true once they are a majority. */
    promise(voter: Monotonic, accepted: Accepted, quorum: number): boolean {
        this.#promises.set(voter, accepted)
        return this.hasMajority(quorum)
    }

    /** Whether a majority has promised the ballot on offer. */
    hasMajority(quorum: number): boolean {
        return this.ballot !== null && this.#promises.size >= quorum
    }

    /** Goes back to canvassing: the ballot was refused, or the log has grown. */
    restart(): void {
        this.ballot = null
        this.#granted.clear()
        this.#promises.clear()
    }

    /** Notes that time is up for this try; an offer that got nowhere is withdrawn. */
    retry(): void {
        this.attempts++
        this.#offers++
        if (this.ballot === null || this.#offers >= OFFERS_MAX) {
            this.restart()
        }
    }

    /** Who has promised. */
    promised(): readonly Monotonic[] {
        return [...this.#promises.keys()]
    }

    /**
     * What must be adopted, by invariant 2.
     *
     * @param government The government in force.
     */
    adopted(government: Government): readonly Entry[] {
        let best: Accepted = { ballot: '0/0/0', entries: [], draft: null }
        for (const accepted of this.#promises.values()) {
            if (accepted.entries.length === 0) {
                // The ballot of what has been committed since says nothing of what comes next: a
                // leader goes on under a greater parliament with the ballot that it had.
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

    /** All that the rest of this campaign depends on. */
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

    /** Goes on from where another one was. */
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
