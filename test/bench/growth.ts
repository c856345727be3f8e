import { brief, type Panel } from './chart.js'
import { Forecast } from './forecast.js'
import type { Means } from './inside.js'
import type { CaughtUp, Grown } from './lengths.js'
import { median } from './load.js'
import type { Setting } from './republic.js'
import type { Cell, Section } from './report.js'

const KIB = 1024

/** What one entry may weigh; more has to be published in parts. */
const PART = 255 * KIB

const COLLECTOR = ['--expose-gc']

interface Case {
    readonly what: string
    readonly x: number
    readonly setting: Setting
    readonly callers: number
    /** In how many entries one value is published. */
    readonly parts: number
}

interface Finding extends Case {
    readonly grown: Grown
}

function sizes(isQuick: boolean): readonly Case[] {
    const bytes = isQuick ? [10, 1000, 100_000] : [10, 100, 1000, 10_000, 100_000, 1_000_000]
    return bytes.map((x) => {
        const parts = Math.ceil(x / PART)
        const size = Math.floor(x / parts)
        const what = `${brief(x)}B entries${parts === 1 ? '' : `, each in ${parts} parts`}`
        return { what, x, parts, callers: 64, setting: { members: 3, wire: 'json', size } }
    })
}

function populations(isQuick: boolean): readonly Case[] {
    const members = isQuick ? [1, 3, 7] : [1, 3, 5, 9, 13, 17, 21, 25]
    return members.map((x) => ({
        what: `${x} member${x === 1 ? '' : 's'}`, x, parts: 1, callers: 512,
        setting: { members: x, wire: 'json', size: 100 }
    }))
}

function publishers(isQuick: boolean): readonly Case[] {
    const callers = isQuick ? [1, 100] : [1, 3, 10, 30, 100, 300, 1000]
    return callers.map((x) => ({
        what: `${x} publisher${x === 1 ? '' : 's'}`, x, parts: 1, callers: x,
        setting: { members: 3, wire: 'json', size: 100 }
    }))
}

/** How long a process takes to begin, and its members to settle and to end, in seconds. */
const BEGINNING = 2

/** Entries a second that a republic in one process bears, roughly: for the forecast alone. */
const RATE = 60_000

/** There are many cases, and it is their shape that counts. */
function roundsOf({ thoroughness: { rounds } }: Means): number {
    return Math.ceil(rounds / 2)
}

/** How long one run of a case takes, in seconds, half of it to warm up. */
function secondsOf({ thoroughness: { ms } }: Means): number {
    return BEGINNING + (ms * 1.5) / 1000
}

/** Runs every case so many times, and keeps of each the run in the middle. */
async function measure(
    means: Means,
    cases: readonly Case[],
    forecast: Forecast
): Promise<readonly Finding[]> {
    const { ms } = means.thoroughness
    const rounds = roundsOf(means)
    const runs = new Map<Case, Grown[]>(cases.map((each) => [each, []]))
    for (let round = 0; round < rounds; round++) {
        for (const each of cases) {
            const { what, setting, callers, parts } = each
            const left = forecast.step(secondsOf(means))
            means.progress(`${what}, round ${round + 1} of ${rounds}; ${left}`)
            const pace = { callers, ms, ...(parts === 1 ? {} : { burst: parts }) }
            const warmth = { ...pace, ms: ms / 2 }
            const given = { setting, warmth, pace }
            runs.get(each)?.push(await means.household.once<Grown>('weigh', given, COLLECTOR))
        }
    }
    return cases.flatMap((each) => {
        const all = runs.get(each) ?? []
        const middle = median(all.map(({ rate }) => rate))
        const [nearest] = [...all].sort((left, right) =>
            Math.abs(left.rate - middle) - Math.abs(right.rate - middle))
        return nearest === undefined ? [] : [{ ...each, grown: nearest }]
    })
}

function row({ what, x, parts, setting, grown }: Finding): readonly Cell[] {
    const { rate, cpu, p50, p99, heap } = grown
    const bytes = parts === 1 ? setting.size : x
    const values = rate / parts
    return [
        what, values, (values * bytes) / 1e6, cpu === null ? null : cpu * parts, p50, p99,
        heap / 1e6
    ]
}

function lengths(isQuick: boolean): readonly number[] {
    return isQuick ? [1e3, 1e4] : [1e3, 1e4, 1e5, 1e6, 1e7]
}

function latenesses(isQuick: boolean): readonly number[] {
    return isQuick ? [1e3] : [1e3, 1e4, 1e5, 1e6]
}

async function lengthsOf(
    means: Means,
    forecast: Forecast
): Promise<readonly (readonly [number, Grown])[]> {
    const { isQuick, ms } = means.thoroughness
    const goals = lengths(isQuick)
    const last = goals.at(-1) ?? 0
    means.progress(`a log of ${brief(last)} entries; ${forecast.step(BEGINNING + last / RATE)}`)
    const setting: Setting = { members: 3, wire: 'json', size: 100 }
    const warmth = { callers: 512, ms, calls: 500 }
    const given = { setting, warmth, lengths: goals }
    const grown = await means.household.once<readonly Grown[]>('lengthen', given, COLLECTOR)
    return grown.flatMap((each, index) => {
        const length = goals[index]
        return length === undefined ? [] : [[length, each] as const]
    })
}

async function newcomers(means: Means, forecast: Forecast): Promise<readonly CaughtUp[]> {
    const { isQuick, ms } = means.thoroughness
    const setting: Setting = { members: 3, wire: 'json', size: 100 }
    const found: CaughtUp[] = []
    for (const length of latenesses(isQuick)) {
        const left = forecast.step(secondsOf(means) + length / RATE)
        means.progress(`a newcomer to a log of ${brief(length)} entries; ${left}`)
        const given = { setting, length, ms }
        found.push(await means.household.once<CaughtUp>('catchUp', given, COLLECTOR))
    }
    return found
}

function panel(title: string, across: string, findings: readonly Finding[]): Panel {
    return {
        title,
        across,
        label: brief,
        isLogarithmic: { across: true, up: true },
        points: findings.map(({ x, parts, grown }) => [x, grown.rate / parts])
    }
}

/** Section 4: how cost grows. Its curves go into a picture. */
export async function growth(
    means: Means
): Promise<{ readonly section: Section; readonly panels: readonly Panel[] }> {
    const { isQuick } = means.thoroughness
    const cases = [sizes(isQuick), populations(isQuick), publishers(isQuick)] as const
    const runs = cases.flat().length * roundsOf(means) + latenesses(isQuick).length
    const long = (lengths(isQuick).at(-1) ?? 0) + latenesses(isQuick).reduce((a, b) => a + b, 0)
    const forecast = new Forecast(runs * secondsOf(means) + BEGINNING + long / RATE)
    const bySize = await measure(means, cases[0], forecast)
    const byPopulation = await measure(means, cases[1], forecast)
    const byPublishers = await measure(means, cases[2], forecast)
    const byLength = await lengthsOf(means, forecast)
    const caughtUp = await newcomers(means, forecast)
    const rows = [
        ...[...bySize, ...byPopulation, ...byPublishers].map(row),
        ...byLength.map(([length, { rate, cpu, p50, p99, heap }]): readonly Cell[] =>
            [`${brief(length)} entries in the log`, rate, rate / 1e4, cpu, p50, p99, heap / 1e6]),
        ...caughtUp.flatMap(({ length, atRest, underLoad }): readonly (readonly Cell[])[] => [
            [`a newcomer to ${brief(length)}, ms`, null, null, null, atRest, null, null],
            [`the same under load, ms`, null, null, null, underLoad, null, null]
        ])
    ]
    return {
        section: {
            name: 'growth',
            title: 'How cost grows',
            notes: [
                'One process, calls as JSON, callers at the leader; where nothing else is said 3',
                'members, 512 callers (64 for sizes), entries of 100 B. Beyond five members the',
                'others hold no seat. One entry takes up to 256 KiB; a larger value is published',
                'in parts, and counts as one. A log of so many entries is measured since the',
                'length above it. Memory is what is in use for each member when the garbage is',
                'gone. A newcomer is level when it has applied all that was committed when it was',
                'naturalized (p50 tells after how long); the state before its admission is',
                'for the application to hand over.'
            ],
            columns: ['what', 'entries/s', 'MB/s', 'CPU µs/entry', 'p50 ms', 'p99 ms', 'heap MB'],
            rows,
            goals: [],
            runs: []
        },
        panels: [
            panel('Values a second by size', 'bytes', bySize),
            { ...panel('Entries a second by members', 'members', byPopulation), label: String },
            {
                ...panel('Entries a second by publishers', 'publishers', byPublishers),
                label: String
            },
            {
                title: 'CPU µs for an entry by log length',
                across: 'entries in the log',
                label: brief,
                isLogarithmic: { across: true, up: false },
                points: byLength.map(([length, { cpu }]) => [length, cpu ?? 0])
            }
        ]
    }
}
