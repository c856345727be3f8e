import { Monotonic } from '../../../src/base/monotonic.js'
import type { Government } from '../../../src/paxos/messages/messages.js'
import type { Ballot, Entry } from '../../../src/paxos/messages/messages.js'
import { describeRun } from '../describe.js'
import { ADOPTION } from '../keepers.js'
import { demand } from '../violation.js'
import { parliament, quorum } from './law.js'

/** What an acceptor has accepted and does not know to be committed. */
export interface Accepted {
    readonly ballot: Ballot
    readonly entries: readonly Entry[]
}

/** Who goes on under a ballot of its own, and with what. */
export interface Election {
    readonly ballot: Ballot
    /** The last entry that it knows to be committed. */
    readonly committed: Monotonic
    readonly government: Government
    /** What it has accepted under its ballot: what it adopted, and its own government. */
    readonly entries: readonly Entry[]
}

const NOTHING: Accepted = { ballot: '0/0/0', entries: [] }

function isPrefix(entries: readonly Entry[], whole: readonly Entry[]): boolean {
    return entries.length <= whole.length && entries.every((entry, index) => {
        const other = whole[index]
        return entry === other || JSON.stringify(entry) === JSON.stringify(other)
    })
}

/** What a voter held when it promised. */
interface Promised extends Accepted {
    readonly id: string
    readonly immigrated: Monotonic
}

/** The government at the end of a suffix, if another parliament must confirm the government. */
function opened({ entries }: Accepted, voters: readonly string[]): Entry | null {
    const last = entries.at(-1)
    if (last === undefined || !('majority' in last.body)) {
        return null
    }
    const next = parliament(last.body)
    const isSame = next.length === voters.length && next.every((id) => voters.includes(id))
    return isSame ? null : last
}

/** Whether one who had accepted something can have no part in a choice that an adoption undoes. */
function agrees(accepted: Accepted, adopted: Accepted): boolean {
    const order = Monotonic.compare(accepted.ballot, adopted.ballot)
    return accepted.entries.length === 0 || order < 0 ||
        (order === 0 && isPrefix(accepted.entries, adopted.entries))
}

/** What a voter showed with its promise. */
function tell({ id, ballot, entries }: Promised): string {
    const shown = entries.length === 0 ? 'nothing' : `${describeRun(entries)} of ${ballot}`
    return `${id} promised and showed ${shown}`
}

/**
 * That every election is safe, whatever comes of it: S1 at its root, while nothing is lost yet.
 *
 * A candidate may go on with what one had accepted, or with nothing, where a quorum has promised
 * its ballot of whom each had accepted a part of the same, or something of a lower ballot, or
 * nothing. (Lamport, The Part-Time Parliament, B3.) What acceptors held is looked up in them; what
 * they have said of it does not count.
 *
 * A candidate may leave out an open government that no leader can have committed: if the owner of
 * the ballot promised, and no lower ballot had the government; or if so many voters of the
 * government promised without the government that the others are no majority of its parliament; or
 * if the government needs, under this ballot, the consent of a voter that promised without it.
 */
export class Elections {
    /** By ballot and incarnation: what it held when it promised. */
    readonly #promises = new Map<Ballot, Map<Monotonic, Accepted>>()
    /** By the text of a government: the lowest ballot under which a voter was seen to hold it. */
    readonly #lowest = new Map<string, Ballot>()

    /** An acceptor has promised a ballot. */
    promise(ballot: Ballot, immigrated: Monotonic, accepted: Accepted): void {
        const promises = this.#promises.get(ballot) ?? new Map<Monotonic, Accepted>()
        this.#promises.set(ballot, promises.set(immigrated, accepted))
        const last = accepted.entries.at(-1)
        if (last !== undefined && 'majority' in last.body) {
            const text = JSON.stringify(last)
            const lowest = this.#lowest.get(text) ?? accepted.ballot
            const isLower = Monotonic.compare(accepted.ballot, lowest) < 0
            this.#lowest.set(text, isLower ? accepted.ballot : lowest)
        }
    }

    /** A candidate goes on. */
    elect({ ballot, committed, government, entries }: Election): void {
        const voters = parliament(government)
        if (voters.length === 1) {
            // It promises and goes on in one step, and nobody else has a say.
            return
        }
        const promised = voters.flatMap((id) => {
            const immigrated = government.immigrated.promise[id] ?? '0/0'
            const accepted = this.#promises.get(ballot)?.get(immigrated)
            return accepted === undefined ? [] : { id, immigrated, ...accepted }
        }).map((accepted): Promised => ({
            ...accepted,
            entries: accepted.entries.filter((entry) =>
                Monotonic.compare(entry.promise, committed) > 0)
        }))
        this.#promises.delete(ballot)
        const isSafe = this.#isAdopted(promised, entries, voters) ||
            promised.some((accepted) => {
                const last = opened(accepted, voters)
                if (last === null || !this.#mayWithdraw(last, accepted.ballot, promised)) {
                    return false
                }
                // The election of that ballot had shown that no other entry was decided below it.
                const rest = { ballot: accepted.ballot, entries: accepted.entries.slice(0, -1) }
                const others = without(promised, last, accepted.ballot)
                return this.#isAdopted(others, entries, voters, rest)
            })
        const candidate = government.immigrated.id[ballot.split('/').slice(1).join('/')] ?? '?'
        demand(isSafe, 'S1', () => `${candidate} is elected under ${ballot} and goes on with ` +
            `${describeRun(entries)} behind ${committed}; a candidate has to adopt the suffix of ` +
            `the highest ballot that the promises of a quorum show; the voters are ${voters}; ` +
            (promised.map(tell).join('; ') || 'no voter promised'), ADOPTION)
    }

    #isAdopted(
        promised: readonly Accepted[], entries: readonly Entry[], voters: readonly string[],
        rest: Accepted = NOTHING
    ): boolean {
        // A ballot says something of the entries that it brought, and nothing where there are none.
        const adoptable = [...promised.filter((accepted) => accepted.entries.length !== 0), rest]
        return adoptable.some((adopted) => {
            // Its own government may follow what it has adopted.
            const isAdopted = isPrefix(adopted.entries, entries) &&
                entries.length - adopted.entries.length <= 1
            return isAdopted && promised.filter((accepted) =>
                agrees(accepted, adopted)).length >= quorum(voters.length)
        })
    }

    #mayWithdraw(last: Entry, ballot: Ballot, promised: readonly Promised[]): boolean {
        const text = JSON.stringify(last)
        const isDraft = this.#lowest.get(text) === ballot &&
            promised.some(({ immigrated }) => ballot.endsWith(`/${immigrated}`))
        const voters = 'majority' in last.body ? parliament(last.body) : []
        const free = promised.filter(({ id, entries }) =>
            voters.includes(id) && !entries.some((entry) => JSON.stringify(entry) === text))
        return isDraft || voters.length - free.length < quorum(voters.length) ||
            hasNotConsented(last, ballot, promised)
    }
}

/** Whether a member promised whose consent a government needs, and has not accepted it. */
function hasNotConsented(last: Entry, ballot: Ballot, promised: readonly Promised[]): boolean {
    const exile = 'majority' in last.body ? last.body.exile : null
    const text = JSON.stringify(last)
    return exile?.consent === ballot && promised.some(({ immigrated, entries }) => {
        return immigrated === exile.promise && entries.every((entry) => {
            return JSON.stringify(entry) !== text
        })
    })
}

/** The promises as if no voter had accepted a government under a ballot. */
function without(
    promised: readonly Promised[], last: Entry, ballot: Ballot
): readonly Promised[] {
    const text = JSON.stringify(last)
    return promised.map((accepted) => {
        const isSame = JSON.stringify(accepted.entries.at(-1)) === text
        const isMeant = accepted.ballot === ballot && isSame
        return isMeant ? { ...accepted, entries: accepted.entries.slice(0, -1) } : accepted
    })
}
