import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Dice } from '../journal/dice.js'
import type { Manner } from './republic.js'
import type { Seat } from './seat.js'
import { Shadow } from './shadow.js'

/** What is done to all the disks of a republic. */
export class Outage {
    /** How often a disk lost its power, by what became of what was not synchronized. */
    readonly census: Record<string, number> = {}
    readonly #folder: string
    readonly #shim: string
    readonly #shadows = new Map<string, Shadow>()

    /** @param folder Where the members have their folders, and what was stored of them. */
    constructor(folder: string, shim: string) {
        this.#folder = realpathSync(folder)
        this.#shim = shim
    }

    /** How a republic is made that stands on these disks. */
    get manner(): Manner {
        const folder = join(this.#folder, 'members')
        mkdirSync(folder, { recursive: true })
        return {
            folder,
            env: (id, place) => {
                const shadow = new Shadow(place, join(this.#folder, `shadow-${id}`))
                this.#shadows.set(id, shadow)
                return shadow.environment(this.#shim)
            }
        }
    }

    /** The disk of a member. */
    of(id: string): Shadow {
        const shadow = this.#shadows.get(id)
        if (shadow === undefined) {
            throw new Error(`${id} has no disk.`)
        }
        return shadow
    }

    /** Takes the power from a member whose process is dead; one time in four it does not. */
    strike({ id }: Seat, random: Dice): void {
        const luck = (['lost', 'mixed', 'torn', null] as const)[random(4)] ?? null
        const bytes = luck === null ? 0 : this.of(id).losePower(random, luck)
        const gone = bytes === 0 ? 'nothing' : 'something'
        const kind = luck === null ? 'killed' : `${luck}, ${gone} gone`
        this.census[kind] = (this.census[kind] ?? 0) + 1
    }
}
