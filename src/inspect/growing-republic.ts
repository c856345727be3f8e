import { KibitzError } from '../base/errors.js'
import { JournalGrowth } from '../replay/journal-growth.js'
import { REPLAY_DEFAULTS } from '../replay/options.js'
import { timelineOf } from '../replay/replayer.js'
import type { Timeline } from '../replay/timeline.js'
import { RecordedRepublic, replayersOf } from './recorded-republic.js'

/** A journal that was read, and the reading of its further inputs. */
interface Growing {
    readonly folder: string
    readonly timeline: Timeline
    /** `null` if the journal is damaged. */
    readonly growth: JournalGrowth | null
}

/**
 * The journals of running members, joined. After a change, only the new inputs are read and
 * replayed, and the republic equals the republic of a new reading.
 */
export class GrowingRepublic {
    readonly republic: RecordedRepublic
    readonly #journals: readonly Growing[]
    #canGrow = true

    private constructor(republic: RecordedRepublic, journals: readonly Growing[]) {
        this.republic = republic
        this.#journals = journals
    }

    /** Reads journals as a whole. @throws KibitzError as `RecordedRepublic.open`. */
    static async open(folders: readonly string[], isRedacted: boolean): Promise<GrowingRepublic> {
        const replayers = await replayersOf(folders)
        const republic = new RecordedRepublic(replayers, isRedacted, true)
        const journals = replayers.map((replayer, index): Growing => {
            const folder = folders[index] ?? ''
            const timeline = timelineOf(replayer)
            const { end } = timeline
            const growth = end === null
                ? null
                : new JournalGrowth(folder, end, REPLAY_DEFAULTS.sizeMax)
            return { folder, timeline, growth }
        })
        await republic.read({})
        return new GrowingRepublic(republic, journals)
    }

    /**
     * Reads the new inputs of changed journals. Returns their number; `null` if the journals must
     * be read as a whole. Then this republic stays as it is, perhaps with a part of the new inputs.
     *
     * @throws Disk errors as they are.
     */
    async grow(changed: ReadonlySet<string>): Promise<number | null> {
        if (!this.#canGrow) {
            return null
        }
        // After an error on the way, inputs may be missing.
        this.#canGrow = false
        const count = await this.#readChanged(changed)
        this.#canGrow = count !== null && (count === 0 || await this.#replay())
        return this.#canGrow ? count : null
    }

    async #readChanged(changed: ReadonlySet<string>): Promise<number | null> {
        let count = 0
        for (const { folder, timeline, growth } of this.#journals) {
            if (!changed.has(folder)) {
                continue
            }
            const inputs = await growth?.read() ?? null
            if (inputs === null || timeline.damage !== null) {
                return null
            }
            timeline.extend(inputs)
            count += inputs.length
        }
        return count
    }

    /** Replays the new inputs. Returns whether the republic equals the one of a new reading. */
    async #replay(): Promise<boolean> {
        try {
            return await this.republic.grow()
        } catch (error) {
            if (error instanceof KibitzError) {
                return false
            }
            throw error
        }
    }
}
