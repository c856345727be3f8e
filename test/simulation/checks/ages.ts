import { Monotonic } from '../../../src/base/monotonic.js'
import { ageOf, decidesAlone } from '../../../src/paxos/replication/age.js'
import type { LogEntry } from '../../../src/paxos/messages/messages.js'
import type { Loss } from '../clockwork.js'
import { inside } from '../inside.js'
import type { Resident } from '../resident.js'
import type { VirtualTimeline } from '../../../src/testing/virtual-timeline.js'
import { fail } from '../violation.js'

/** An entry, and the instant at which a member first delivered the entry. */
interface Appended {
    readonly promise: Monotonic
    readonly at: number
    /** The loss of all clocks together, at this instant. */
    readonly lost: number
}

/** The entries of one founding, in order. */
type Record = Appended[]

/** Sums of fractions of milliseconds are not exact. */
const GRAIN_MS = 0.001

/** The part of a world that the checker reads. */
export interface Scene {
    readonly timeline: Pick<VirtualTimeline, 'now'>
}

/**
 * The age of a member's committed log: S13. If a member knows an age, every entry that any member
 * delivered longer ago is in the committed log, in the true time of the trial.
 *
 * An age is measured by the clocks of the members on the way to the leader. A clock that runs slow
 * or stands still measures too little, and so does a clock that is set back by less than the time
 * since its last reading. The checker adds the time that all clocks together have lost since the
 * entry. A step back that a reading shows is no excuse.
 */
export class Ages {
    readonly loss: Loss = { ms: 0 }
    /** The number of entries that an age has covered, at all members together. */
    covered = 0
    readonly #scene: Scene
    readonly #records = new Map<string, Record>()
    /** The number of entries of the record that the last known age of a process has covered. */
    readonly #covered = new Map<Resident, number>()

    constructor(scene: Scene) {
        this.#scene = scene
    }

    #recordOf({ door }: Resident): Record {
        const { founding } = door.paxos
        const record = this.#records.get(founding) ?? []
        this.#records.set(founding, record)
        return record
    }

    /** A member delivers an entry that no member has delivered before. */
    append(by: Resident, { promise }: LogEntry): void {
        const at = this.#scene.timeline.now
        this.#recordOf(by).push({ promise, at, lost: this.loss.ms })
    }

    /** The age as of now; `null` if unknown. Not every input brings the time to the engine. */
    #ageOf({ clock, door }: Resident): number | null {
        const core = inside(door.paxos)
        const age = ageOf(core)
        const sinceMs = clock.now() - core.time.clock
        return age === null || clock.hasLapsed ? null : age + sinceMs
    }

    /** A process has taken a step. */
    check(resident: Resident): void {
        const core = inside(resident.door.paxos)
        const age = decidesAlone(core) ? 0 : this.#ageOf(resident)
        if (age === null) {
            return
        }
        const record = this.#recordOf(resident)
        const { timeline: { now } } = this.#scene
        let next = this.#covered.get(resident) ?? 0
        for (let entry = record[next]; entry !== undefined; entry = record[++next]) {
            const sinceMs = now - entry.at
            if (sinceMs <= age + this.loss.ms - entry.lost + GRAIN_MS) {
                break
            }
            if (Monotonic.compare(entry.promise, core.committed) > 0) {
                fail('S13', `${resident.id} says that its log is ${age} ms old at most, and ` +
                    `lacks ${entry.promise}, which was delivered ${sinceMs} ms ago`)
            }
            this.covered++
        }
        this.#covered.set(resident, next)
    }
}
