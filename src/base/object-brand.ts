/**
 * Returns the given object from the constructor. A subclass adds its private fields to the object.
 */
class GivenObject {
    constructor(bearer: object) {
        // biome-ignore lint/correctness/noConstructorReturn: subclasses extend the object.
        return bearer
    }
}

/**
 * Marks objects. Other code cannot forge a mark, and neither JSON nor an enumeration shows a mark.
 */
export interface Brand {
    /** Marks an object. Marking an object again has no effect. */
    mark(bearer: object): void
    /** Whether an object has the mark. */
    isMarked(value: object): boolean
}

/**
 * Makes a new brand. A private field costs less to set, to read and to collect than an entry of a
 * WeakSet.
 */
export function makeBrand(): Brand {
    class Mark extends GivenObject {
        readonly #isMarked: boolean = true

        static mark(bearer: object): void {
            if (!Mark.isMarked(bearer)) {
                new Mark(bearer)
            }
        }

        static isMarked(value: object): boolean {
            return #isMarked in value
        }
    }
    return Mark
}

/** Attaches numbers to objects. Neither JSON nor an enumeration shows the number. */
export interface NumberTag {
    /** Attaches a number to an object. An object takes one number of each tag. */
    put(bearer: object, number: number): void
    /** The number of an object; `undefined` if the object has none. */
    of(value: object): number | undefined
}

/** Makes a new number tag. */
export function makeNumberTag(): NumberTag {
    return class Labelled extends GivenObject {
        readonly #number: number

        constructor(bearer: object, number: number) {
            super(bearer)
            this.#number = number
        }

        static put(bearer: object, number: number): void {
            new Labelled(bearer, number)
        }

        static of(value: object): number | undefined {
            return #number in value ? (value as Labelled).#number : undefined
        }
    }
}

/**
 * Marks runs of entries that a log of this process returned: frozen, checked, and without a gap in
 * `previous`.
 */
export const soundRuns: Brand = makeBrand()
