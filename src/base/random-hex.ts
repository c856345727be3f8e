import { randomBytes } from 'node:crypto'

/** Draws so many random bytes, as hexadecimal digits. */
export type DrawHex = (bytes: number) => string

/** The user's random numbers; others if the user's function throws or leaves [0, 1). */
export function checkedRandom(random: () => number): () => number {
    return () => {
        try {
            const drawn: unknown = random()
            return typeof drawn === 'number' && drawn >= 0 && drawn < 1 ? drawn : Math.random()
        } catch {
            return Math.random()
        }
    }
}

/** Draws from the user's random numbers; without these, from the generator of the system. */
export function hexSource(random: (() => number) | undefined): DrawHex {
    if (random === undefined) {
        return (bytes) => randomBytes(bytes).toString('hex')
    }
    const draw = checkedRandom(random)
    return (bytes) =>
        Buffer.from(Array.from({ length: bytes }, () => Math.floor(draw() * 256))).toString('hex')
}
