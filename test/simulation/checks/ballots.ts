import { Monotonic } from '../../../src/base/monotonic.js'
import type { Government } from '../../../src/paxos/messages/messages.js'
import type { Ballot } from '../../../src/paxos/messages/messages.js'
import type { Standing } from '../inside.js'
import { COMMIT } from '../keepers.js'
import { fail } from '../violation.js'
import { parliament, quorum } from './law.js'

/** Who bears a ballot: the part of it behind its count. */
export function ownerOf(ballot: Ballot): Monotonic {
    return ballot.slice(ballot.indexOf('/') + 1)
}

/** The highest promise that an incarnation held under each ballot. */
type Holding = Map<Ballot, Monotonic>

const NOTHING: Holding = new Map()

/**
 * Who wrote under which ballot, and who accepted what: S6, one writer a ballot, and that whatever
 * is delivered was chosen by a quorum of every parliament that has to choose it: S1 and S7 at
 * their root, long before two logs differ.
 */
export class Ballots {
    readonly #writers = new Map<Ballot, number>()
    readonly #held = new Map<Monotonic, Holding>()
    /** The ballots of each incarnation under which somebody holds something, in their order. */
    readonly #owned = new Map<Monotonic, Ballot[]>()
    /** Who votes under a government. */
    readonly #voters = new WeakMap<Government, readonly Monotonic[]>()

    /** A process offers a ballot, or writes under it. */
    use(ballot: Ballot, immigrated: Monotonic, process: number): void {
        const isOwn = ballot.endsWith(immigrated) &&
            ballot.length === ballot.indexOf('/') + 1 + immigrated.length
        if (!isOwn && ballot !== '1/1/0') {
            fail('S6', `${immigrated} uses ${ballot}, which is not its own`)
        }
        const writer = this.#writers.get(ballot)
        if (writer === undefined) {
            this.#writers.set(ballot, process)
        } else if (writer !== process) {
            fail('S6', `Two processes, ${writer} and ${process}, use ${ballot}`)
        }
    }

    /** An acceptor has moved from one standing to another. */
    stand(immigrated: Monotonic, before: Standing, after: Standing): void {
        const { promised, accepted, head } = after
        const isRising = Monotonic.compare(promised, before.promised) >= 0 &&
            Monotonic.compare(accepted, before.accepted) >= 0 &&
            Monotonic.compare(promised, accepted) >= 0
        if (!isRising) {
            fail('S6', `${immigrated} goes from ${JSON.stringify(before)} to ` +
                JSON.stringify(after))
        }
        let held = this.#held.get(immigrated)
        if (held === undefined) {
            held = new Map()
            this.#held.set(immigrated, held)
        }
        const highest = held.get(accepted)
        if (Monotonic.compare(head, highest ?? '0/0') > 0) {
            held.set(accepted, head)
            if (highest === undefined) {
                this.#own(accepted)
            }
        }
    }

    #own(ballot: Ballot): void {
        const owner = ownerOf(ballot)
        const owned = this.#owned.get(owner)
        if (owned === undefined) {
            this.#owned.set(owner, [ballot])
        } else if (!owned.includes(ballot)) {
            owned.push(ballot)
        }
    }

    /**
     * Somebody is the first to deliver an entry: a quorum holds it, under a ballot of its own, or
     * under the one under which it has accepted, or, where it has only learnt, under any.
     */
    choose(
        by: Monotonic,
        accepted: Ballot,
        promise: Monotonic,
        parliaments: readonly Government[]
    ): void {
        const owned = [accepted, ...this.#owned.get(by) ?? []]
        for (let index = owned.length - 1; index >= 0; index--) {
            if (this.#isChosen(by, owned[index] ?? '', promise, parliaments)) {
                return
            }
        }
        const ballots = new Set([...this.#held.values()].flatMap((held) => [...held.keys()]))
        if ([...ballots].some((ballot) => this.#isChosen('', ballot, promise, parliaments))) {
            return
        }
        // Alone in its parliament a writer needs nobody to have accepted anything.
        if (!this.#isChosen(by, '', promise, parliaments)) {
            fail('S1', `${by} delivers ${promise}, which no quorum of ` +
                `${parliaments.map((one) => parliament(one).join()).join(' and ')} holds`, COMMIT)
        }
    }

    #isChosen(
        by: Monotonic,
        ballot: Ballot,
        promise: Monotonic,
        parliaments: readonly Government[]
    ): boolean {
        for (const government of parliaments) {
            const voters = this.#votersOf(government)
            let missing = quorum(voters.length)
            for (let index = 0; index < voters.length && missing > 0; index++) {
                const voter = voters[index] ?? ''
                if (voter === by || this.#holds(voter, ballot, promise)) {
                    missing--
                }
            }
            if (missing > 0) {
                return false
            }
        }
        return true
    }

    #holds(voter: Monotonic, ballot: Ballot, promise: Monotonic): boolean {
        const head = (this.#held.get(voter) ?? NOTHING).get(ballot)
        return head !== undefined && Monotonic.compare(head, promise) >= 0
    }

    #votersOf(government: Government): readonly Monotonic[] {
        let voters = this.#voters.get(government)
        if (voters === undefined) {
            const { promise } = government.immigrated
            voters = parliament(government).map((id) => promise[id] ?? '0/0')
            this.#voters.set(government, voters)
        }
        return voters
    }
}
