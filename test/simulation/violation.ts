/** By its name in the understanding of reliability. */
export type Property =
    | 'S1' | 'S2' | 'S3' | 'S4' | 'S5' | 'S6' | 'S7' | 'S8' | 'S9' | 'S10' | 'S11' | 'S12' | 'S13'
    | 'S14' | 'L1' | 'L2' | 'L3' | 'L4' | 'L5' | 'L6' | 'L7'

/** A property does not hold. */
export class Violation extends Error {
    override readonly name = 'Violation'
    readonly property: Property
    /** The functions of the engine that the checker blames; empty if it blames no single one. */
    readonly blamed: readonly string[]

    constructor(property: Property, message: string, blamed: readonly string[] = []) {
        super(`${property}: ${message}`)
        this.property = property
        this.blamed = blamed
    }
}

/**
 * Fails unless the condition holds; the words are made only then. What is looked at after each
 * event asks for the condition itself and calls `fail`: there, even making a function costs.
 */
export function demand(
    holds: boolean,
    property: Property,
    words: () => string,
    blamed: readonly string[] = []
): void {
    if (!holds) {
        fail(property, words(), blamed)
    }
}

/** Fails. */
export function fail(
    property: Property,
    words: string,
    blamed: readonly string[] = []
): never {
    throw new Violation(property, words, blamed)
}
