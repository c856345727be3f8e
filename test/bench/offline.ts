import { tryOut } from '../simulation/command.js'
import { Tally } from '../simulation/tally.js'
import { median } from './load.js'
import type { Means } from './inside.js'
import type { Cell, Section } from './report.js'
import type { Recorded, Replayed } from './tape.js'

/** How much faster than life the simulator is. */
interface Simulated {
    readonly virtualSeconds: number
    readonly seconds: number
    readonly failed: number
}

/** Runs some seeds of the simulator. */
export function simulate({ first, last }: {
    readonly first: number
    readonly last: number
}): Promise<Simulated> {
    const tally = new Tally()
    const begin = performance.now()
    let failed = 0
    for (let seed = first; seed <= last; seed++) {
        failed += tryOut(seed, tally, null) === null ? 0 : 1
    }
    const seconds = (performance.now() - begin) / 1000
    return Promise.resolve({ virtualSeconds: tally.virtualMs / 1000, seconds, failed })
}

const RECORDINGS = ["the leader's", "a follower's", "the leader's, each publish alone"] as const

/** Records, and replays each recording in a process that finds nothing of another one's. */
async function replayAll(
    { household, thoroughness: { rounds }, progress }: Means,
    publishes: number
): Promise<readonly (readonly Replayed[])[]> {
    const folder = household.folder()
    const recorded: Recorded[] = []
    for (const isEachAlone of [false, true]) {
        const given = { publishes, size: 100, folder, isEachAlone }
        recorded.push(...await household.once<readonly Recorded[]>('record', given))
    }
    const runs: Replayed[][] = RECORDINGS.map(() => [])
    for (let round = 0; round < rounds; round++) {
        progress(`replay, round ${round + 1} of ${rounds}`)
        for (const [index, run] of runs.entries()) {
            run.push(await household.once<Replayed>('replay', recorded[index] ?? {}))
        }
    }
    return runs
}

/** Section 5: the simulator, and replay. */
export async function offline(means: Means): Promise<Section> {
    const { rounds, isQuick } = means.thoroughness
    const last = isQuick ? 5 : 50
    const publishes = isQuick ? 10_000 : 400_000
    const speeds: number[] = []
    for (let round = 0; round < rounds; round++) {
        means.progress(`simulator, round ${round + 1} of ${rounds}`)
        const { virtualSeconds, seconds } = await means.household.once<Simulated>('simulate', {
            first: 1, last
        })
        speeds.push(virtualSeconds / seconds)
    }
    const replays = await replayAll(means, publishes)
    const over = (index: number, read: (replayed: Replayed) => number): number =>
        median((replays[index] ?? []).map(read))
    const rows = RECORDINGS.map((whose, index): readonly Cell[] => [
        `replay of ${whose}`,
        over(index, ({ inputs, applying }) => inputs / applying),
        over(index, ({ applying }) => publishes / applying),
        over(index, ({ applying, parsing }) => publishes / (applying + parsing)),
        null
    ])
    return {
        name: 'offline',
        title: 'Simulator and replay',
        notes: [
            `Seeds 1 to ${last} on one core. Recordings of ${brief(publishes)} publishes of 100 B`,
            'by 512 callers at the leader of three, each replayed into a fresh Kibitzer; entries',
            "a second with the parsing of its JSON and without. A follower's holds runs of",
            "entries; a leader's what was published together as one input, or each publish."
        ],
        columns: ['what', 'inputs/s', 'entries/s', 'entries/s with parsing', 'virtual s per s'],
        rows: [['simulator', null, null, null, median(speeds)], ...rows],
        runs: [{ what: 'simulator', rates: speeds }],
        goals: [0, 2].map((index) => ({
            what: `entries/s, replay of ${RECORDINGS[index] ?? ''}`, limit: 'least',
            goal: 200_000, is: over(index, ({ applying }) => publishes / applying)
        }))
    }
}

function brief(count: number): string {
    return count.toLocaleString('en-US')
}
