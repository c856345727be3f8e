import type { LogEntry } from '../../src/paxos/messages/messages.js'
import {
    FIRST_VERSION, HIGHEST_VERSION, republicVersion
} from '../../src/paxos/membership/versions.js'
import { Dice } from '../../src/testing/dice.js'
import { hasMoves, type Plan } from './plan.js'
import type { Resident } from './resident.js'
import type { Tally } from './tally.js'
import { demand } from './violation.js'

/** Draws the highest protocol version of each life of a member. */
export class Versions {
    /** Every later life begins with the highest version: the upgrade ends. */
    isComplete = false
    #republic = FIRST_VERSION
    readonly #earlier: number | null
    readonly #dice: Dice

    constructor(plan: Pick<Plan, 'seed' | 'earlier' | 'faults'>) {
        const { seed, earlier } = plan
        // Members move from version 2 on.
        this.#earlier = hasMoves(plan) ? 0 : earlier
        this.#dice = new Dice(seed, 'versions')
    }

    /** Whether any member takes part in a later version. */
    get areDrawn(): boolean {
        return this.#earlier !== null
    }

    /**
     * The highest version of a life.
     *
     * @param least The version that the member's disk names: an earlier package refuses the disk.
     */
    draw(least: number = FIRST_VERSION): number {
        const isEarlier = this.#earlier === null || this.#dice.chance(this.#earlier)
        const mayBe = this.#earlier === null || (!this.isComplete && least === FIRST_VERSION)
        return isEarlier && mayBe ? FIRST_VERSION : HIGHEST_VERSION
    }

    /** Counts the governments that raise the version of the republic. */
    note({ promise, body }: LogEntry, tally: Tally): void {
        const version = 'majority' in body ? republicVersion(body) : this.#republic
        if (version > this.#republic && promise !== '1/0') {
            tally.reach('the version of a republic is raised')
        }
        this.#republic = version
    }

    /** No member stores an entry of a version above its own highest version: S14. */
    check({ id, door }: Resident): void {
        const { versions: { reached }, options: { highestVersion } } = door.paxos
        demand(reached <= highestVersion, 'S14', () =>
            `${id} takes part in version ${highestVersion} and holds version ${reached}`)
        demand(reached <= door.versions.current, 'S14', () =>
            `${id} holds version ${reached}, and its journal names ${door.versions.current}`)
    }
}
