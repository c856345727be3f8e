import { KibitzError } from '../base/errors.js'
import { count, fitting, type OptionTable, readOptions } from '../base/option-table.js'
import { exclusively } from './exclusive.js'
import { install } from './virtual-globals.js'
import { VirtualTime } from './virtual-time.js'
import { VirtualImmediate } from './virtual-timers.js'

/** The options of `virtual`. */
export interface VirtualOptions {
    /** The number of the sequence of `Math.random` and of `node:crypto`, the seed. @default 1 */
    readonly seed?: number
    /** The longest virtual time of the function, in hours of 3,600 seconds. @default 24 */
    readonly hours?: number
}

/** The kind of each option of `virtual`. */
export const VIRTUAL_OPTIONS: OptionTable<VirtualOptions> = {
    seed: count(Number.MAX_SAFE_INTEGER, 0),
    hours: fitting('a number of hours above 0, up to 100000', (value) =>
        typeof value === 'number' && value > 0 && value <= 100_000)
}

/**
 * Runs a function on virtual time: timers, `Date`, `performance.now`, `AbortSignal.timeout` and
 * randomness of the process are virtual until the promise of the function settles. The clock
 * advances to the next timer whenever no promise can settle, so an hour takes no time.
 *
 * Resolves or rejects like the function. Rejects with `timed-out` after `hours`, or if the function
 * waits and no timer is left.
 *
 * @throws KibitzError `invalid-argument`.
 */
export async function virtual<Value>(
    run: () => Value | Promise<Value>, options: VirtualOptions | null = {}
): Promise<Value> {
    const { seed = 1, hours = 24 } = readOptions('virtual', options, VIRTUAL_OPTIONS)
    return await exclusively('virtual', async () => {
        const time = new VirtualTime(seed)
        const restore = install(time)
        try {
            let isSettled = false
            const settle = (): void => {
                isSettled = true
            }
            const running = new Promise<Value>((resolve, reject) => {
                const begin = (): void => {
                    try {
                        resolve(run())
                    } catch (error) {
                        reject(error)
                    }
                }
                time.later(new VirtualImmediate(begin))
            })
            running.then(settle, settle)
            await time.runUntil(hours * 3_600_000, () => isSettled)
            if (!isSettled) {
                throw new KibitzError('timed-out', `The function of virtual has not ended within `
                    + `${hours} virtual hours. Nothing was lost; look for a promise that waits.`)
            }
            return await running
        } finally {
            await time.finish()
            restore()
        }
    })
}
