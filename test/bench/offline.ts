import { tryOut } from '../simulation/command.js'
import { Tally } from '../simulation/tally.js'
import { median } from './load.js'
import type { Means } from './inside.js'
import type { Cell, Section } from './report.js'
import type { Replayed } from './tape.js'

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

/** Section 5: the simulator, and replay. */
export async function offline(means: Means): Promise<Section> {
    const { rounds, isQuick } = means.thoroughness
    const last = isQuick ? 5 : 50
    const publishes = isQuick ? 10_000 : 200_000
    const speeds: number[] = []
    const replays: (readonly Replayed[])[] = []
    for (let round = 0; round < rounds; round++) {
        means.progress(`simulator, round ${round + 1} of ${rounds}`)
        const { virtualSeconds, seconds } = await means.household.once<Simulated>('simulate', {
            first: 1, last
        })
        speeds.push(virtualSeconds / seconds)
        means.progress(`replay, round ${round + 1} of ${rounds}`)
        const given = { publishes, size: 100 }
        replays.push(await means.household.once<readonly Replayed[]>('replay', given))
    }
    const over = (index: number, read: (replayed: Replayed) => number): number =>
        median(replays.flatMap((round) => {
            const replayed = round[index]
            return replayed === undefined ? [] : [read(replayed)]
        }))
    const rows = [0, 1].map((index): readonly Cell[] => {
        const who = index === 0 ? 'leader' : 'follower'
        const inputs = over(index, ({ inputs, applying }) => inputs / applying)
        const entries = over(index, ({ applying }) => publishes / applying)
        const whole = over(index, ({ applying, parsing }) => publishes / (applying + parsing))
        return [`replay of the ${who}'s recording`, inputs, entries, whole, null]
    })
    return {
        name: 'offline',
        title: 'Simulator and replay',
        notes: [
            `Seeds 1 to ${last} on one core. A recording of ${brief(publishes)} publishes of 100 B`,
            'by 512 callers at the leader of three, replayed into a fresh Kibitzer; entries',
            'a second with the parsing of its JSON and without. A follower\'s holds runs of',
            'entries, a leader\'s each publish.'
        ],
        columns: ['what', 'inputs/s', 'entries/s', 'entries/s with parsing', 'virtual s per s'],
        rows: [['simulator', null, null, null, median(speeds)], ...rows],
        runs: [{ what: 'simulator', rates: speeds }],
        goals: [{
            what: "entries/s of a replay of the leader's recording", limit: 'least',
            goal: 200_000, is: over(0, ({ applying }) => publishes / applying)
        }]
    }
}

function brief(count: number): string {
    return count.toLocaleString('en-US')
}
