import { Monotonic } from '../../../src/monotonic.js'
import { type Government, parliament, quorum } from '../../../src/paxos/government.js'
import type { Ballot } from '../../../src/paxos/message.js'
import { demand } from '../violation.js'

/** Who bears a ballot: the part of it behind its count. */
export function ownerOf(ballot: Ballot): Monotonic {
    return ballot.slice(ballot.indexOf('/') + 1)
}

/** Where an acceptor stands. */
export interface Standing {
    readonly promised: Ballot
    readonly accepted: Ballot
    readonly head: Monotonic
}

/**
 * Who wrote under which ballot, and who accepted what: S6, one writer a ballot, and that whatever
 * is delivered was chosen by a quorum of every parliament that has to choose it: S1 and S7 at
 * their root, long before two logs differ.
 */
export class Ballots {
    readonly #writers = new Map<Ballot, number>()
    /** The highest promise that an incarnation held under a ballot. */
    readonly #held = new Map<Monotonic, Map<Ballot, Monotonic>>()
    readonly #owned = new Map<Monotonic, Set<Ballot>>()

    /** A process offers a ballot, or writes under it. */
    use(ballot: Ballot, immigrated: Monotonic, process: number): void {
        demand(ownerOf(ballot) === immigrated || ballot === '1/1/0', 'S6', () =>
            `${immigrated} uses ${ballot}, which is not its own`)
        const writer = this.#writers.get(ballot) ?? process
        demand(writer === process, 'S6', () =>
            `Two processes, ${writer} and ${process}, use ${ballot}`)
        this.#writers.set(ballot, writer)
    }

    /** An acceptor has moved from one standing to another. */
    stand(immigrated: Monotonic, before: Standing, after: Standing): void {
        const isRising = Monotonic.compare(after.promised, before.promised) >= 0 &&
            Monotonic.compare(after.accepted, before.accepted) >= 0 &&
            Monotonic.compare(after.promised, after.accepted) >= 0
        demand(isRising, 'S6', () =>
            `${immigrated} goes from ${JSON.stringify(before)} to ${JSON.stringify(after)}`)
        let held = this.#held.get(immigrated)
        if (held === undefined) {
            held = new Map()
            this.#held.set(immigrated, held)
        }
        const { accepted, head } = after
        if (Monotonic.compare(head, held.get(accepted) ?? '0/0') > 0) {
            held.set(accepted, head)
            const owner = ownerOf(accepted)
            const owned = this.#owned.get(owner) ?? new Set()
            this.#owned.set(owner, owned.add(accepted))
        }
    }

    /** Somebody is the first to deliver an entry: it is the writer, and a quorum holds it. */
    choose(by: Monotonic, promise: Monotonic, parliaments: readonly Government[]): void {
        const ballots = [...(this.#owned.get(by) ?? []), '']
        const holds = (ballot: Ballot, immigrated: Monotonic): boolean => {
            const head = this.#held.get(immigrated)?.get(ballot)
            return immigrated === by ||
                (head !== undefined && Monotonic.compare(head, promise) >= 0)
        }
        const isChosen = ballots.some((ballot) => parliaments.every((government) => {
            const voters = parliament(government)
            const count = voters.filter((id) =>
                holds(ballot, government.immigrated.promise[id] ?? '0/0')).length
            return count >= quorum(voters.length)
        }))
        demand(isChosen, 'S1', () =>
            `${by} delivers ${promise}, which no quorum of ` +
            `${parliaments.map((government) => parliament(government).join()).join(' and ')} holds`)
    }
}
