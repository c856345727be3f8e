import { Session } from 'node:inspector/promises'
import { readAll, Republic, type Setting } from './republic.js'

/** A node of what the sampling of a heap tells. */
interface Sampled {
    readonly selfSize: number
    readonly children: readonly Sampled[]
}

/** How many entries are published before it counts, and while it does. */
const WARMTH = 50_000
const COUNTED = 100_000

const CALLERS = 64

/** Entries that a member keeps for later readers are kept on purpose: here, few of them. */
const HISTORY = 1000

/** How many bytes lie between two samples, in the mean. */
const INTERVAL = 8192

function sum({ selfSize, children }: Sampled): number {
    return children.reduce((size, child) => size + sum(child), selfSize)
}

/**
 * How many bytes an entry takes that are still there when the young generation is collected, by
 * which it has long been forgotten: what one dead object keeps that was once found old.
 */
export async function retain(setting: Setting): Promise<number> {
    const { members, wire, at = 0, size, reads = false } = setting
    using republic = await Republic.settle(members, wire, { history: HISTORY })
    const readers = reads ? republic.members.map(readAll) : []
    await republic.press(at, size, { callers: CALLERS, calls: WARMTH })
    const session = new Session()
    session.connect()
    await session.post('HeapProfiler.startSampling', {
        samplingInterval: INTERVAL,
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: false
    })
    await republic.press(at, size, { callers: CALLERS, calls: COUNTED })
    const { profile } = await session.post('HeapProfiler.stopSampling')
    session.disconnect()
    await republic.level()
    for (const member of republic.members) {
        member.destroy()
    }
    await Promise.all(readers)
    return sum(profile.head) / COUNTED
}
