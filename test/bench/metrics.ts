import { type Contender, contest, type Standing } from './contest.js'
import type { Means } from './inside.js'
import type { Observed } from './observers.js'
import type { Section } from './report.js'
import type { Setting } from './republic.js'

/** The callers of each pace. */
const CALLERS = [512, 1] as const

const OBSERVERS: readonly (readonly [name: string, observed: Observed | null])[] = [
    ['no subscriber', null],
    ['the fold', 'fold'],
    ['metrics, collected each second', 'metrics'],
    ['metrics and a span of each publish', 'spans']
]

/** The processor time of a contender over that without a subscriber. */
function share(standings: readonly Standing[], name: string): number {
    const cpuOf = (sought: string): number =>
        standings.find((standing) => standing.name === sought)?.cpu ?? Number.NaN
    return cpuOf(name) / cpuOf('no subscriber')
}

/** What the metrics and the spans of every member cost. */
export async function observation(means: Means): Promise<Section> {
    const { household, thoroughness: { rounds, ms }, progress } = means
    const paces = CALLERS.map((callers) => ({ callers, ms }))
    const contenders = OBSERVERS.map(([name, observed]): Contender => {
        const setting: Setting = { members: 3, wire: 'json', size: 100, observed }
        const given = { setting, warmth: { callers: 512, ms: ms / 2 }, paces }
        return { name, run: () => household.once('republic', given) }
    })
    const standings = await contest(contenders, rounds, progress)
    return {
        name: 'metrics',
        title: 'Metrics and spans',
        notes: [
            'Three members in one process, as in *In one process*. Every member is observed: the',
            'fold alone; the metrics of OpenTelemetry, collected each second; and also a span of',
            'each publish and batch. The processor time of an entry counts.'
        ],
        columns: ['callers', 'observed by', 'entries/s', 'CPU µs/entry', 'CPU over no subscriber'],
        rows: standings.flatMap((all, pace) => all.map(({ name, rate, cpu }) =>
            [CALLERS[pace] ?? 0, name, rate, cpu, share(all, name)])),
        goals: standings.map((all, pace) => ({
            what: `CPU with metrics over none, ${CALLERS[pace] ?? 0} callers`, limit: 'most',
            goal: 1.03, is: share(all, 'metrics, collected each second')
        })),
        runs: standings.flatMap((all, pace) => all.map(({ name, rates }) =>
            ({ what: `${CALLERS[pace] ?? 0} callers: ${name}`, rates })))
    }
}
