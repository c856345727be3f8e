/** The seats that a parliament of so many naturalized members grows to by default. */
export function seatsOf(members: number): number {
    return Math.min(5, members - 1 + (members % 2))
}
