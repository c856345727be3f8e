import { type Measured, median } from './load.js'

/** A contender runs once, and reports the measurements. */
export interface Contender {
    readonly name: string
    readonly run: () => Promise<readonly Measured[]>
}

/** The medians of some runs. */
export interface Standing extends Measured {
    readonly name: string
    /** Entries a second of each run, in the order of the runs: how much they scatter. */
    readonly rates: readonly number[]
}

function middle(name: string, runs: readonly Measured[]): Standing {
    const over = (read: (measured: Measured) => number): number => median(runs.map(read))
    const known = runs.flatMap(({ cpu }) => cpu ?? [])
    return {
        name,
        entries: runs.reduce((sum, { entries }) => sum + entries, 0),
        seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0),
        rate: over(({ rate }) => rate),
        cpu: known.length === 0 ? null : median(known),
        p50: over(({ p50 }) => p50),
        p99: over(({ p99 }) => p99),
        rates: runs.map(({ rate }) => rate)
    }
}

/**
 * Lets contenders run in turn, round by round, so that whatever else the machine does meets all of
 * them alike; every other round in the opposite order. Of each the medians count.
 *
 * @returns For each pace of a run, the standings in the order of the contenders.
 */
export async function contest(
    contenders: readonly Contender[],
    rounds: number,
    progress: (what: string) => void
): Promise<readonly (readonly Standing[])[]> {
    const runs = new Map<string, (readonly Measured[])[]>()
    for (let round = 0; round < rounds; round++) {
        for (const { name, run } of round % 2 === 0 ? contenders : [...contenders].reverse()) {
            progress(`${name}, round ${round + 1} of ${rounds}`)
            runs.set(name, [...(runs.get(name) ?? []), await run()])
        }
    }
    const paces = Math.min(...[...runs.values()].flat().map((measured) => measured.length))
    return Array.from({ length: Number.isFinite(paces) ? paces : 0 }, (_, pace) =>
        contenders.map(({ name }) => {
            const measured = runs.get(name) ?? []
            return middle(name, measured.flatMap((run) => run[pace] ?? []))
        }))
}
