import { Stage } from './stage.js'

/** How fast virtual time has passed. */
export interface Pace {
    readonly virtualMs: number
    /** What the processor spent on it. */
    readonly tookMs: number
    /** Virtual seconds a second. */
    readonly ratio: number
    readonly events: number
    readonly entries: number
    readonly calls: number
}

/** How much so far. */
function reading({ world, trial }: Stage): Omit<Pace, 'ratio'> {
    const { user, system } = process.cpuUsage()
    return {
        virtualMs: world.timeline.now,
        tookMs: (user + system) / 1000,
        events: world.timeline.events,
        entries: trial.tally.entries,
        calls: world.traffic.calls
    }
}

/**
 * Lets so many virtual seconds pass in a republic of five in which nothing goes wrong, all checks
 * included, and measures how fast they pass.
 *
 * @param publishMs How long each member waits between two publishes, on average.
 */
export function pace(virtualS: number, publishMs = Number.POSITIVE_INFINITY): Pace {
    const stage = new Stage({ publishMs })
    const before = reading(stage)
    stage.pass(virtualS * 1000 / stage.world.options.timeout)
    const after = reading(stage)
    const virtualMs = after.virtualMs - before.virtualMs
    const tookMs = after.tookMs - before.tookMs
    return {
        virtualMs,
        tookMs,
        ratio: virtualMs / tookMs,
        events: after.events - before.events,
        entries: after.entries - before.entries,
        calls: after.calls - before.calls
    }
}
