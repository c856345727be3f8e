import { draw } from './draw.js'
import { attempt } from './outcome.js'

/** Runs every so-manieth seed in a process of its own, and tells what came of each. */
async function work(first: number, last: number, step: number): Promise<void> {
    let isStopped = false
    // Ctrl-C reaches every process of a terminal; the one that began this one decides.
    process.on('SIGINT', () => {})
    process.once('message', () => {
        isStopped = true
    })
    process.once('disconnect', () => {
        isStopped = true
    })
    for (let seed = first; seed <= last && !isStopped; seed += step) {
        const outcome = attempt(draw(seed))
        await new Promise((resolve) => {
            process.send?.(outcome, resolve)
        })
        // Whatever has come meanwhile is heard now.
        await new Promise((resolve) => {
            setImmediate(resolve)
        })
    }
    if (process.connected) {
        process.disconnect()
    }
}

const [first, last, step] = process.argv.slice(2).map(Number)
await work(first ?? 1, last ?? 0, step ?? 1)
