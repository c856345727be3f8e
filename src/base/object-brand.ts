/** Gives back what it is given, so that a class that extends it adds its fields to that. */
class Bearer {
    constructor(bearer: object) {
        // biome-ignore lint/correctness/noConstructorReturn: it is what this class is for.
        return bearer
    }
}

/** Marks objects in a way that nobody else can forge, and that neither JSON nor a walk shows. */
export interface Brand {
    /** Marks an object; once is enough. */
    mark(bearer: object): void
    /** Whether an object bears the mark. */
    bears(value: object): boolean
}

/**
 * Makes a stamp of its own kind. A private field costs less than an entry in a WeakSet, to set, to
 * ask for and to collect.
 */
export function makeBrand(): Brand {
    class Mark extends Bearer {
        readonly #isMarked: boolean = true

        static mark(bearer: object): void {
            if (!Mark.bears(bearer)) {
                new Mark(bearer)
            }
        }

        static bears(value: object): boolean {
            return #isMarked in value
        }
    }
    return Mark
}

/** Numbers that objects bear, as unseen and as unforgeable as a stamp. */
export interface NumberTag {
    /** Gives an object its number, once. */
    put(bearer: object, number: number): void
    /** The number that an object bears; `undefined` where it bears none. */
    of(value: object): number | undefined
}

/** Makes a label of its own kind. */
export function makeNumberTag(): NumberTag {
    return class Labelled extends Bearer {
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

/** Runs out of a log of this process: frozen, sound, each link continuing the one before it. */
export const soundRuns: Brand = makeBrand()
