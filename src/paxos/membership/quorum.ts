/** So many are put into order one by one. */
const FEW = 16

/**
 * Puts numbers into order, the highest first, in place. What votes are counted by is asked for
 * with each message, and a comparison that is handed over takes many times as long as few numbers.
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
