import type { Dice } from '../simulation/dice.js'
import type { Slowness } from './slow.js'

/** The journals of a life: none, in memory, on the disk of this machine, or some of each. */
export type Keeping = 'none' | 'memory' | 'file' | 'some'

/** Everything about a life that is drawn before it begins. */
export interface Fortune extends Slowness {
    readonly population: number
    readonly parliamentSize: number
    readonly keeping: Keeping
    /** `null` stands for the default. */
    readonly history: number | null
    readonly source: 'any' | 'leader'
    /** By how many bytes a journal grows before the next snapshot. */
    readonly snapshotEvery: number
    readonly chunkSize: number
    /** How long a call, or an answer out of band, is under way, in milliseconds. */
    readonly delayMs: number
    /** Which share of the questions out of band is lost. */
    readonly loss: number
    /** How many values are published a second. */
    readonly rate: number
    /** How often each of these happens, as weights. */
    readonly kills: number
    readonly offices: number
    readonly cuts: number
    readonly bursts: number
}

/** Draws a life. */
export function drawFortune(dice: Dice): Fortune {
    return {
        population: dice.pick([3, 3, 4, 5]),
        parliamentSize: dice.pick([3, 3, 5]),
        keeping: dice.pick(['none', 'none', 'memory', 'memory', 'some', 'file']),
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
        offices: dice.pick([0, 1, 3]),
        cuts: dice.pick([0, 0, 2]),
        bursts: dice.pick([0, 1])
    }
}
