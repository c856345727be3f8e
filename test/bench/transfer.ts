import { type Application, Colleague } from '../../src/index.js'
import type { Household, Worker } from './household.js'
import type { Means } from './inside.js'
import { median } from './load.js'
import type { Section } from './report.js'
import '../support/silence.js'

const MIB = 1024 * 1024

/** What a transfer of a state between two processes came to. Sizes are in bytes. */
export interface Transferred {
    readonly seconds: number
    /** How much resident memory each process took beyond what it had before, at most. */
    readonly source: number
    readonly newcomers: readonly number[]
}

/** A state of a given size that takes no memory: the same piece again and again. */
class Bulk implements Application<unknown, null> {
    size: number

    constructor(size: number) {
        this.size = size
    }

    apply(): null {
        return null
    }

    *snapshot(): Generator<Uint8Array> {
        const piece = Buffer.alloc(MIB, 'kibitz')
        for (let at = 0; at < this.size; at += MIB) {
            yield piece.subarray(0, Math.min(MIB, this.size - at))
        }
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        this.size = 0
        for await (const chunk of chunks) {
            this.size += chunk.length
        }
    }
}

/** How large this process becomes, beyond what it is now. */
class Peak {
    readonly #before = process.memoryUsage.rss()

    /** The most resident memory since the start of the process, less what there was before. */
    end(): number {
        return process.resourceUsage().maxRSS * 1024 - this.#before
    }
}

let peak: Peak | null = null

async function listen(
    colleagueId: string, size: number
): Promise<[Colleague<unknown, null>, Bulk, string]> {
    const application = new Bulk(size)
    const colleague = new Colleague({ islandName: 'bulk', colleagueId, application })
    const { properties } = await colleague.listen()
    return [colleague, application, String(properties['url'])]
}

/** The two ends of a transfer, each in a process of its own. */
export const transferring = {
    /** Founds a republic with a state of some size; yields its address. */
    lend: async ({ size }: { readonly size: number }): Promise<string> => {
        const [colleague, , url] = await listen('source', size)
        await colleague.bootstrap()
        peak = new Peak()
        return url
    },

    /** How much memory the source took. */
    lent: async (): Promise<number> => await Promise.resolve(peak?.end() ?? 0),

    /** Joins a republic; yields the time and the memory that it took. */
    borrow: async ({ url, id, size }: {
        readonly url: string
        readonly id: string
        readonly size: number
    }): Promise<{ readonly seconds: number; readonly memory: number }> => {
        const [colleague, application] = await listen(id, 0)
        const own = new Peak()
        const begin = performance.now()
        await colleague.join({ through: [url] })
        const seconds = (performance.now() - begin) / 1000
        if (application.size !== size) {
            throw new Error(`${application.size} bytes came, of ${size}.`)
        }
        return { seconds, memory: own.end() }
    }
}

/** Hands a state of some size from one process to some others at once, over loopback. */
export async function transfer(
    household: Household,
    size: number,
    count: number
): Promise<Transferred> {
    const source = household.hire()
    const newcomers: readonly Worker[] = Array.from({ length: count }, () => household.hire())
    const url = await source.ask<string>('lend', { size })
    const taken = await Promise.all(newcomers.map((newcomer, index) =>
        newcomer.ask<{ readonly seconds: number; readonly memory: number }>('borrow', {
            url, id: `newcomer-${index}`, size
        })))
    const lent = await source.ask<number>('lent')
    for (const worker of [source, ...newcomers]) {
        await household.dismiss(worker.process)
    }
    return {
        seconds: Math.max(...taken.map(({ seconds }) => seconds)),
        source: lent,
        newcomers: taken.map(({ memory }) => memory)
    }
}

/** Section 8: how fast a state goes to a newcomer, and how much memory the two take for it. */
export async function transfers(means: Means): Promise<Section> {
    const { rounds, isQuick } = means.thoroughness
    const size = (isQuick ? 64 : 2048) * MIB
    const runs: Transferred[] = []
    for (let round = 0; round < rounds; round++) {
        means.progress(`round ${round + 1} of ${rounds}`)
        runs.push(await transfer(means.household, size, 1))
    }
    const rate = (run: Transferred): number => size / MIB / run.seconds
    const memory = (read: (run: Transferred) => number): number =>
        Math.max(...runs.map(read)) / MIB
    const [source, newcomer] = [
        memory((run) => run.source),
        memory((run) => Math.max(...run.newcomers))
    ]
    const least = median(runs.map(rate))
    return {
        name: 'transfer',
        title: `A state of ${size / MIB} MiB for a newcomer, two processes, HTTP over loopback`,
        notes: ['From the call of join until it resolves, the spool of the source included.'],
        columns: ['', 'MiB/s', 'source, MiB more', 'newcomer, MiB more'],
        rows: [['a state', least, source, newcomer]],
        goals: [
            { what: 'MiB a second', limit: 'least', goal: 100, is: least },
            { what: 'MiB more at the source', limit: 'most', goal: 64, is: source },
            { what: 'MiB more at the newcomer', limit: 'most', goal: 64, is: newcomer }
        ],
        runs: [{ what: 'MiB a second', rates: runs.map(rate) }]
    }
}
