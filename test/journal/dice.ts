/** Numbers from 0 up to a bound, that one excluded, the same for the same seed. */
export type Dice = (bound: number) => number

/** A generator of 32 bits (Marsaglia's xorshift): enough to mix faults, and short. */
export function dice(seed: number): Dice {
    let x = (seed * 2654435761 + 1) >>> 0
    return (bound) => {
        x ^= x << 13
        x >>>= 0
        x ^= x >>> 17
        x ^= x << 5
        x >>>= 0
        return x % bound
    }
}
