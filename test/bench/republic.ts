import { type Government, Kibitzer, type KibitzerOptions } from '../../src/index.js'
import type { Monotonic } from '../../src/base/monotonic.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { forgotten, type Measured, type Pace, payload, press } from './load.js'
import { observe, type Observed } from './observers.js'
import { seatsOf } from '../support/seats.js'
import '../support/silence.js'

/** How a republic in one process is set up. */
export interface Setting {
    readonly members: number
    /** What arrives: what JSON makes of what was sent, or the very objects. */
    readonly wire: 'json' | 'reference'
    /** Whose process the callers are in: 0 is the leader. @default 0 */
    readonly at?: number
    /** How many bytes the JSON of an entry's value takes. */
    readonly size: number
    /** Whether every member's log is read to its end by `entries`. @default false */
    readonly reads?: boolean
    /** What observes every member. @default nothing */
    readonly observed?: Observed | null
}

function isSettled({ majority, minority, constituents }: Government, members: number): boolean {
    const seats = majority.length + minority.length
    return seats === seatsOf(members) && seats + constituents.length === members
}

/** Waits until a member is under a government of which something is so. */
export async function until(
    kibitzer: Kibitzer,
    isSo: (government: Government) => boolean
): Promise<void> {
    if (isSo(kibitzer.paxos.government)) {
        return
    }
    for await (const entry of kibitzer.entries()) {
        if (entry.method === 'government' && isSo(entry.government)) {
            return
        }
    }
    throw new Error(`${kibitzer.id} was destroyed before its government was settled.`)
}

/** Reads a member's log until it holds an entry. */
async function reach(kibitzer: Kibitzer, promise: Monotonic): Promise<void> {
    for await (const entry of kibitzer.entries()) {
        if (entry.promise === promise) {
            return
        }
    }
}

/** How long the others may take to hold what one of them holds, in milliseconds. */
const LEVEL_MS = 60_000

/** Some members in one process, all of them naturalized, the first of them the leader. */
export class Republic implements Disposable {
    readonly members: readonly Kibitzer[]
    readonly #network: MemoryNetwork

    /**
     * Settles so many members; resolves when all of them are under the last government.
     *
     * @param prepare Is given the members before any of them belongs to anybody.
     */
    static async settle(
        count: number,
        wire: 'json' | 'reference',
        options: Omit<KibitzerOptions, 'id'> = {},
        prepare: (republic: Republic) => void = () => {}
    ): Promise<Republic> {
        const republic = new Republic(count, wire, options)
        prepare(republic)
        const [founder, ...newcomers] = republic.members
        founder?.bootstrap('bench', { memory: founder.id })
        for (const newcomer of newcomers) {
            await republic.admit(newcomer)
        }
        for (const member of republic.members) {
            await until(member, (government) => isSettled(government, count))
        }
        return republic
    }

    private constructor(
        count: number,
        wire: 'json' | 'reference',
        options: Omit<KibitzerOptions, 'id'>
    ) {
        this.#network = new MemoryNetwork({ wire })
        this.members = Array.from({ length: count }, (_, index) => {
            return this.land(`member-${index}`, options)
        })
    }

    /** A new member that listens and belongs to no republic yet. */
    land(id: string, options: Omit<KibitzerOptions, 'id'> = {}): Kibitzer {
        const kibitzer = new Kibitzer({ ...options, id })
        this.#network.attach(kibitzer)
        kibitzer.listen()
        return kibitzer
    }

    /** Has a newcomer admitted and naturalized. */
    async admit(newcomer: Kibitzer): Promise<void> {
        const leader = { memory: this.member(0).id }
        const properties = { memory: newcomer.id }
        while ((await newcomer.join('bench', leader, properties)) === false) {
            // It is asked again at once; each answer takes its turns.
        }
        await until(newcomer, ({ promise }) => promise !== '0/0')
        newcomer.naturalize()
    }

    /** A member by its number. */
    member(index: number): Kibitzer {
        const member = this.members[index]
        if (member === undefined) {
            throw new RangeError(`There is no member ${index}.`)
        }
        return member
    }

    /** Lets callers publish at one member, each call one value, or a burst of them as one. */
    async press(at: number, size: number, pace: Pace): Promise<Measured> {
        const kibitzer = this.member(at)
        const { burst = 1 } = pace
        let published = 0
        const next = (): string => payload(published++, size)
        return burst === 1
            ? await press(() => kibitzer.publish(next()), pace)
            : await press(() => kibitzer.publishAll(Array.from({ length: burst }, next)), pace)
    }

    /** Waits until every member has applied everything that any of them has published. */
    async level(): Promise<void> {
        for (const member of this.members) {
            await member.barrier()
        }
        const { promise } = await this.member(0).barrier()
        const everyone = Promise.all(this.members.map((member) => reach(member, promise)))
        await Promise.race([everyone, forgotten(LEVEL_MS)])
    }

    [Symbol.dispose](): void {
        for (const member of this.members) {
            member.destroy()
        }
    }
}

/** Reads a member's log to its end; how many entries of users there were. */
export async function readAll(kibitzer: Kibitzer): Promise<number> {
    let count = 0
    for await (const entry of kibitzer.entries()) {
        count += entry.method === 'entry' ? 1 : 0
    }
    return count
}

/** Settles a republic, warms it up, presses it at each pace in turn, and ends it. */
export async function pressRepublic(
    { members, wire, at = 0, size, reads = false, observed = null }: Setting,
    warmth: Pace,
    paces: readonly Pace[]
): Promise<readonly Measured[]> {
    using republic = await Republic.settle(members, wire)
    const unobserve = observe(republic.members, observed)
    const readers = reads ? republic.members.map(readAll) : []
    await republic.press(at, size, warmth)
    const measured: Measured[] = []
    for (const pace of paces) {
        measured.push(await republic.press(at, size, pace))
    }
    await republic.level()
    unobserve()
    for (const member of republic.members) {
        member.destroy()
    }
    await Promise.all(readers)
    return measured
}
