import { type Measured, median, type Pace } from './load.js'
import { Republic, type Setting, until } from './republic.js'

/** What a republic bears, and what it holds then. */
export interface Grown extends Measured {
    /** Bytes of its process that are in use when the garbage is gone, for each member. */
    readonly heap: number
}

/** A run that stops where a log has reached a length. */
interface Lengths {
    readonly setting: Setting
    readonly warmth: Pace
    /** Rising. */
    readonly lengths: readonly number[]
}

/** How long a newcomer took. */
export interface CaughtUp {
    /** How many entries the log had when it came. */
    readonly length: number
    /** Milliseconds until it had applied all that was committed, while nobody published. */
    readonly atRest: number
    /** The same while callers pressed the leader. */
    readonly underLoad: number
}

function heapOf(members: number): number {
    // The process is started with the collector at hand.
    globalThis.gc?.()
    return process.memoryUsage().heapUsed / members
}

/** Settles a republic, presses it, and weighs it. */
export async function weigh({ setting, warmth, pace }: {
    readonly setting: Setting
    readonly warmth: Pace
    readonly pace: Pace
}): Promise<Grown> {
    const { members, wire, at = 0, size } = setting
    using republic = await Republic.settle(members, wire)
    await republic.press(at, size, warmth)
    const measured = await republic.press(at, size, pace)
    await republic.level()
    return { ...measured, heap: heapOf(members) }
}

/** After how many entries a log that grows says how long it is. */
const TELL = 1_000_000

/** What presses in a row were together; of the latencies the middle of each's. */
function together(parts: readonly Measured[]): Measured {
    const sum = (read: (measured: Measured) => number): number =>
        parts.reduce((total, part) => total + read(part), 0)
    const entries = sum((part) => part.entries)
    const seconds = sum((part) => part.seconds)
    return {
        entries,
        seconds,
        rate: entries / seconds,
        cpu: sum((part) => (part.cpu ?? 0) * part.entries) / entries,
        p50: median(parts.map(({ p50 }) => p50)),
        p99: median(parts.map(({ p99 }) => p99))
    }
}

/** Lets a log grow from a length to another. */
async function extend(
    republic: Republic,
    { at = 0, size }: Setting,
    from: number,
    goal: number
): Promise<Measured> {
    const parts: Measured[] = []
    for (let length = from; length < goal || parts.length === 0;) {
        const calls = Math.max(1, Math.min(TELL, goal - length))
        const measured = await republic.press(at, size, { callers: 512, calls })
        parts.push(measured)
        length += measured.entries
        const left = Math.ceil((goal - length) / measured.rate)
        const next = left > 0 ? `, ${goal} in about ${left} s` : ''
        console.error(`… ${length} entries${next}`)
    }
    return together(parts)
}

/** Lets one log grow through some lengths, and measures what lies between each two of them. */
export async function lengthen({ setting, warmth, lengths }: Lengths): Promise<readonly Grown[]> {
    const { members, wire, at = 0, size } = setting
    using republic = await Republic.settle(members, wire)
    let length = (await republic.press(at, size, warmth)).entries
    const grown: Grown[] = []
    for (const goal of lengths) {
        const measured = await extend(republic, setting, length, goal)
        length += measured.entries
        await republic.level()
        grown.push({ ...measured, heap: heapOf(members) })
    }
    return grown
}

async function newcomer(republic: Republic, id: string): Promise<number> {
    const begin = performance.now()
    const kibitzer = republic.land(id)
    await republic.admit(kibitzer)
    await kibitzer.barrier()
    return performance.now() - begin
}

/** Has one newcomer come to a log of a length while it rests, and one while it is pressed. */
export async function catchUp({ setting, length, ms }: {
    readonly setting: Setting
    readonly length: number
    readonly ms: number
}): Promise<CaughtUp> {
    const { members, wire, at = 0, size } = setting
    using republic = await Republic.settle(members, wire)
    await republic.press(at, size, { callers: 512, calls: length })
    const atRest = await newcomer(republic, 'late')
    const pressed = republic.press(at, size, { callers: 512, ms })
    const underLoad = await newcomer(republic, 'later')
    await pressed
    await until(republic.member(0), ({ majority, minority }) => {
        return majority.length + minority.length === 5
    })
    return { length, atRest, underLoad }
}
