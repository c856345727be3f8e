import type { Government } from '../../../src/paxos/messages/messages.js'

/*
 * What the checkers take for the law. It is said here once more, from the protocol and not from
 * the engine, so that an engine with another law is not judged by its own.
 */

/** A parliament's two parts. */
export type Seats = Pick<Government, 'majority' | 'minority'>

/** Those who vote. */
export function parliament({ majority, minority }: Seats): readonly string[] {
    return majority.concat(minority)
}

/** Those who vote and those who learn. */
export function citizens(government: Seats & Pick<Government, 'constituents'>): readonly string[] {
    return parliament(government).concat(government.constituents)
}

/** The fewest of so many voters who are more than those that are left. */
export function quorum(voters: number): number {
    let fewest = 0
    while (fewest <= voters - fewest) {
        fewest++
    }
    return fewest
}

/** How many seats of a parliament are those of its majority. */
export function majoritySeats(seats: Seats): number {
    return quorum(parliament(seats).length)
}

/** Whether somebody votes in the one parliament who does not vote in the other. */
export function changesParliament(before: Seats, after: Seats): boolean {
    const [old, next] = [new Set(parliament(before)), new Set(parliament(after))]
    return old.size !== next.size || [...old].some((id) => !next.has(id))
}
