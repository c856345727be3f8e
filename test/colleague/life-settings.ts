import type { Dice } from '../../src/testing/dice.js'
import type { CallDurations } from './slow-ledger.js'

/** The journals of a life: none, in memory, in files, or a mixture. */
export type JournalKind = 'none' | 'memory' | 'file' | 'some'

/** The random settings of a life. */
export interface LifeSettings extends CallDurations {
    readonly population: number
    readonly parliamentSize: number
    readonly parliamentFloor: number
    readonly journals: JournalKind
    /** `null` stands for the default. */
    readonly history: number | null
    readonly source: 'any' | 'leader'
    /** The option `snapshotEvery`, in bytes. */
    readonly snapshotEvery: number
    readonly chunkSize: number
    /** The time of a call on its way, in milliseconds. */
    readonly delayMs: number
    /** The share of out-of-band questions that are lost. */
    readonly loss: number
    /** Number of published values per second. */
    readonly rate: number
    /** The weights of the faults. */
    readonly kills: number
    readonly departures: number
    readonly cuts: number
    readonly bursts: number
}

/**
 * Draws the settings of a life.
 *
 * @param floors Draws the floor. The floor changes no other draw.
 */
export function drawLifeSettings(dice: Dice, floors: Dice): LifeSettings {
    return {
        population: dice.pick([3, 3, 4, 5]),
        parliamentSize: dice.pick([3, 3, 5]),
        parliamentFloor: floors.pick([1, 1, 3]),
        journals: dice.pick(['none', 'none', 'memory', 'memory', 'some', 'file']),
        history: dice.pick([null, null, 100, 1000]),
        source: dice.pick(['any', 'leader']),
        snapshotEvery: dice.pick([4096, 65_536, 2 ** 26]),
        chunkSize: dice.pick([512, 4096, 65_536]),
        applyMs: dice.pick([0, 0, 2, 5, 20]),
        snapshotMs: dice.pick([0, 0, 5, 40]),
        restoreMs: dice.pick([0, 0, 5, 40]),
        delayMs: dice.pick([2, 2, 10]),
        loss: dice.pick([0, 0, 0.02]),
        rate: dice.pick([5, 20, 80, 200]),
        kills: dice.pick([1, 3]),
        departures: dice.pick([0, 1, 3]),
        cuts: dice.pick([0, 0, 2]),
        bursts: dice.pick([0, 1])
    }
}
