import type { Monotonic } from '../../base/monotonic.js'

/** The wish of a member that the log gives the member other properties. */
export interface MoveWish {
    /** The number of the move: 1 for the first move of an incarnation, and then rising. */
    readonly number: number
    /** The new properties. Opaque to the engine, like all properties. */
    readonly properties: unknown
}

/** The wish of a member, on its way to the leader. */
export interface MoveReport extends MoveWish {
    /** The immigration promise of the member that has moved. */
    readonly immigrated: Monotonic
}

/** The change of the properties of one member by a government. */
export interface Relocation extends MoveReport {
    readonly id: string
}
