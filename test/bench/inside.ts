import { type Contender, contest, type Standing } from './contest.js'
import type { Household } from './household.js'
import type { Pace } from './load.js'
import type { Cell, Section } from './report.js'
import type { Setting } from './republic.js'

/** How thoroughly a benchmark measures. */
export interface Thoroughness {
    readonly rounds: number
    /** How long one measurement takes, in milliseconds. */
    readonly ms: number
    /** Whether large, long and slow cases are left out. */
    readonly isQuick: boolean
}

/** What a section is given to measure with. */
export interface Means {
    readonly household: Household
    readonly thoroughness: Thoroughness
    readonly progress: (what: string) => void
}

const CALLERS = 512
const SIZE = 100

function contender(
    { household }: Means,
    name: string,
    duty: string,
    setting: Setting,
    [warmth, ...paces]: readonly [Pace, ...Pace[]]
): Contender {
    return { name, run: () => household.once(duty, { setting, warmth, paces }) }
}

function row(where: string, standing: Standing, single: Standing | null): readonly Cell[] {
    const { name, rate, cpu } = standing
    return [where, name, rate, cpu, single?.rate ?? null, single?.p50 ?? null, single?.p99 ?? null]
}

const COLUMNS = [
    'where', 'who', 'entries/s, pressed', 'CPU µs/entry', 'entries/s, 1 caller', 'p50 ms',
    'p99 ms'
]

type Finding = Pick<Section, 'rows' | 'goals' | 'runs'>

function runsOf(where: string, standings: readonly Standing[]): Section['runs'] {
    return standings.map(({ name, rates }) => ({ what: `${where}: ${name}`, rates }))
}

async function beside(means: Means, members: number, at: number): Promise<Finding> {
    const { rounds, ms } = means.thoroughness
    const setting: Setting = { members, wire: 'json', at, size: SIZE }
    const read = { ...setting, reads: true }
    const paces = [
        { callers: CALLERS, ms }, { callers: CALLERS, ms }, { callers: 1, ms: ms / 2 }
    ] as const
    const contenders = [
        contender(means, 'kibitz', 'republic', setting, paces),
        ...(at === 0 ? [contender(means, 'kibitz, all logs read', 'republic', read, paces)] : []),
        contender(means, 'kibitz@0.17.3', 'ancestors', setting, paces)
    ]
    const where = `${members} members, ${at === 0 ? 'at the leader' : 'at a follower'}`
    const [full = [], single = []] = await contest(contenders, rounds, (what) => {
        means.progress(`${where}: ${what}`)
    })
    const of = (standings: readonly Standing[], name: string): Standing | undefined =>
        standings.find((standing) => standing.name === name)
    const rows = full.map((standing) => row(where, standing, of(single, standing.name) ?? null))
    const last = 'kibitz@0.17.3'
    const times = (of(full, 'kibitz')?.rate ?? 0) / (of(full, last)?.rate ?? 1)
    const share = (of(single, 'kibitz')?.p50 ?? 1) / (of(single, last)?.p50 ?? 1)
    return {
        rows,
        runs: runsOf(where, full),
        goals: [
            { what: `${where}, entries/s over ${last}`, limit: 'least', goal: 100, is: times },
            { what: `${where}, p50 over ${last}'s`, limit: 'most', goal: 1 / 5, is: share }
        ]
    }
}

async function machinery(means: Means): Promise<Finding> {
    const { rounds, ms } = means.thoroughness
    const setting: Setting = { members: 3, wire: 'reference', size: 16 }
    const pace = (callers: number, burst: number): Pace => ({ callers, ms, burst })
    const settings = [
        ['publishAll of 4096, 1 caller', pace(1, 4096)],
        ['publishAll of 512, 8 callers', pace(8, 512)],
        ['publish, 1 caller that awaits each', pace(1, 1)]
    ] as const
    const contenders = settings.map(([name, each]) =>
        contender(means, name, 'republic', setting, [each, each]))
    const [standings = []] = await contest(contenders, rounds, (what) => {
        means.progress(`the machinery alone: ${what}`)
    })
    const [many, more, awaited] = standings
    const where = '3 members, by reference, 16 B'
    return {
        rows: standings.map((standing): readonly Cell[] => {
            const { name, rate, cpu, p50, p99 } = standing
            return standing === awaited
                ? [where, name, null, cpu, rate, p50, p99]
                : [where, name, rate, cpu, null, null, null]
        }),
        runs: runsOf(where, standings),
        goals: [
            {
                what: 'published in batches, entries/s on one core', limit: 'least',
                goal: 1_000_000, is: Math.max(many?.rate ?? 0, more?.rate ?? 0)
            },
            {
                what: 'one writer that awaits each, entries/s', limit: 'least',
                goal: 30_000, is: awaited?.rate ?? 0
            }
        ]
    }
}

/** Section 1: everything in one process, beside the ancestor. */
export async function inside(means: Means): Promise<Section> {
    const cases = means.thoroughness.isQuick
        ? [[3, 0]] as const
        : [[3, 0], [3, 1], [5, 0]] as const
    const findings: Finding[] = []
    for (const [members, at] of cases) {
        findings.push(await beside(means, members, at))
    }
    findings.push(await machinery(means))
    return {
        name: 'in-process',
        title: 'In one process',
        notes: [
            'All members share one process and one core; each run has a process of its own.',
            'Entries of 100 B; every call and every answer is written as JSON, takes a turn of',
            'the event loop, and is parsed. A caller waits until its entry is in the log of the',
            'member it was published at. The ancestor is wired in the same way, loses nothing,',
            'and no member stops: so it works for as long as it is asked to. 512 callers press,',
            'where nothing else is said; p50 and p99 are those of one caller alone.'
        ],
        columns: COLUMNS,
        rows: findings.flatMap(({ rows }) => rows),
        goals: findings.flatMap(({ goals }) => goals),
        runs: findings.flatMap(({ runs }) => runs)
    }
}
