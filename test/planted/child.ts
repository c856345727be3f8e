import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { draw } from '../simulation/draw.js'
import type { attempt } from '../simulation/outcome.js'

/** What a child says of each seed that it has tried. */
export interface Tried {
    readonly seed: number
    /** How much time has passed in the trial, in milliseconds. */
    readonly virtualMs: number
    /** What was violated; `null` where nothing was. */
    readonly violation: string | null
}

/** Lets what was said leave, and the end of the parent be noticed. */
function breathe(): Promise<void> {
    return new Promise((resolve) => {
        setImmediate(resolve)
    })
}

/** Tries seeds in a copied tree, one after another, until something is violated. */
async function main([directory = '', first = '', last = '']: readonly string[]): Promise<void> {
    const at = (file: string): string =>
        pathToFileURL(join(directory, 'test', 'simulation', file)).href
    const plans = await import(at('draw.js')) as { readonly draw: typeof draw }
    const outcomes = await import(at('outcome.js')) as { readonly attempt: typeof attempt }
    let violation: string | null = null
    for (let seed = Number(first); seed <= Number(last) && violation === null; seed++) {
        const { tally, failure } = outcomes.attempt(plans.draw(seed))
        violation = failure?.message ?? null
        const tried: Tried = { seed, virtualMs: tally.virtualMs, violation }
        process.send?.(tried)
        await breathe()
    }
    process.disconnect()
}

process.once('disconnect', () => process.exit())
// Ctrl-C reaches every process of a terminal; the parent ends this one when it has been told.
process.on('SIGINT', () => {})
await main(process.argv.slice(2))
