import type { Measured, Pace } from './load.js'
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

/** How often a log that grows says how long it is, in milliseconds. */
const TELL_MS = 10_000

/** Says from time to time how long a log is on its way to a length; the result ends that. */
function tellOf({ members: [leader] }: Republic, from: number, goal: number): () => void {
    const numberOf = (): number => {
        const [, number = '0'] = leader?.status().committed.split('/') ?? []
        return Number.parseInt(number, 16)
    }
    const [began, first] = [performance.now(), numberOf()]
    const timer = setInterval(() => {
        const grown = numberOf() - first
        const seconds = (performance.now() - began) / 1000
        const left = Math.ceil((goal - from - grown) * seconds / grown)
        console.error(`… ${from + grown} of ${goal} entries, about ${left} s left`)
    }, TELL_MS)
    return () => clearInterval(timer)
}

/** Lets one log grow through some lengths, and measures what lies between each two of them. */
export async function lengthen({ setting, warmth, lengths }: Lengths): Promise<readonly Grown[]> {
    const { members, wire, at = 0, size } = setting
    using republic = await Republic.settle(members, wire)
    let length = (await republic.press(at, size, warmth)).entries
    const grown: Grown[] = []
    for (const goal of lengths) {
        const calls = Math.max(1, goal - length)
        const silence = tellOf(republic, length, goal)
        const measured = await republic.press(at, size, { callers: 512, calls })
        silence()
        length += measured.entries
        await republic.level()
        grown.push({ ...measured, heap: heapOf(members) })
        console.error(`… ${length} entries in ${measured.seconds.toFixed(1)} s`)
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
