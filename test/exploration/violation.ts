/** The engine has done what it must not do. */
export class Violation extends Error {
    override readonly name = 'Violation'
}

/** Demands a property of the engine, by name. */
export function demand(
    isMet: boolean, property: string, told: () => string
): asserts isMet {
    if (!isMet) {
        throw new Violation(`${property}: ${told()}`)
    }
}
