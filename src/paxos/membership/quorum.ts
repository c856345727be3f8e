/** Up to this length, `ranked` sorts by insertion. */
const FEW = 16

/** The size of a majority of `size` members. */
export function quorum(size: number): number {
    return Math.floor(size / 2) + 1
}

/** The last position that a majority of the voters holds. */
export function heldByMajority(voters: readonly string[], held: (id: string) => number): number {
    return ranked(voters.map(held))[quorum(voters.length) - 1] ?? -1
}

/**
 * Sorts numbers in place, the highest first. Votes are counted with each message, and for few
 * numbers `Array.sort` with a comparison function takes many times as long as an insertion.
 */
export function ranked(numbers: number[]): readonly number[] {
    if (numbers.length > FEW) {
        return numbers.sort((left, right) => right - left)
    }
    for (let at = 1; at < numbers.length; at++) {
        const number = numbers[at] ?? 0
        let place = at
        for (; place > 0 && (numbers[place - 1] ?? 0) < number; place--) {
            numbers[place] = numbers[place - 1] ?? 0
        }
        numbers[place] = number
    }
    return numbers
}
