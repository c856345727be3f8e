import { contest, type Standing } from './contest.js'
import { etcdOnDisk, natsOnDisk } from './durable.js'
import type { Means } from './inside.js'
import type { Measured, Pace } from './load.js'
import type { Taken } from './member.js'
import {
    contender, type Members, settleMembers, settleOthers, SIZE, warmUp, type Way
} from './network.js'
import type { Cell, Goal, Section } from './report.js'

/** How many callers there are. */
const CALLERS = [8, 64, 512] as const

/** How many times etcd's, and NATS', entries a second ours should be, by callers. */
const TIMES: Readonly<Record<string, readonly (readonly [callers: number, goal: number])[]>> = {
    'etcd': [[8, 4], [64, 12], [512, 35]],
    'NATS JetStream': [[64, 2.5], [512, 6]]
}

/** How long a synchronization of the timed disks takes, in milliseconds. */
const FLUSH_MS = 10

const PLACES = ['the leader', 'a follower'] as const

function waysOf({ workers }: Members): readonly Way[] {
    return PLACES.map((place, index) => ({
        name: `kibitz over TCP, in ${place}`,
        isDurable: 'fdatasync',
        processes: workers.map(({ process }) => process),
        publish: async (pace) =>
            await workers[index]?.ask<Measured>('memberPublish', { size: SIZE, pace }) as Measured
    }))
}

/** The mean size of the batches that a leader takes while a way runs. */
function counted(way: Way, { workers: [leader] }: Members, sizes: Map<string, number[]>): Way {
    const taken = async (): Promise<Taken | undefined> => await leader?.ask<Taken>('memberBatches')
    return {
        ...way,
        publish: async (pace: Pace) => {
            const before = await taken()
            const measured = await way.publish(pace)
            const after = await taken()
            const batches = (after?.batches ?? 0) - (before?.batches ?? 0)
            const entries = (after?.entries ?? 0) - (before?.entries ?? 0)
            const key = `${pace.callers} ${way.name}`
            sizes.set(key, [...(sizes.get(key) ?? []), entries / batches])
            return measured
        }
    }
}

function goalsOf(callers: number, standings: readonly Standing[]): readonly Goal[] {
    const [leading] = standings
    return Object.entries(TIMES).flatMap(([name, goals]) => goals.flatMap(([count, goal]) => {
        const them = standings.find((standing) => standing.name === name)
        return leading === undefined || them === undefined || count !== callers ? [] : [{
            what: `${callers} callers, entries/s of ${leading.name} over ${name}`,
            limit: 'least', goal, is: leading.rate / them.rate
        } as const]
    }))
}

/** One caller, and disks that are timers: how many synchronizations follow each other. */
async function sequences(means: Means): Promise<Pick<Section, 'rows' | 'goals'>> {
    const members = await settleMembers(means.household, 'tcp', false, FLUSH_MS)
    const rows: (readonly Cell[])[] = []
    const goals: Goal[] = []
    for (const { name, publish } of waysOf(members)) {
        means.progress(`${name}, disks of ${FLUSH_MS} ms`)
        const pace = { callers: 1, ms: means.thoroughness.ms }
        await publish(pace)
        const { rate, cpu, p50, p99 } = await publish(pace)
        rows.push([1, `${name}, disks of ${FLUSH_MS} ms`, rate, null, 1, cpu, p50, p99])
        goals.push({
            what: `synchronizations in sequence, 1 caller: ${name}`, limit: 'most', goal: 1.1,
            is: p50 / FLUSH_MS
        })
    }
    await Promise.all(members.workers.map(({ process }) => means.household.dismiss(process)))
    return { rows, goals }
}

/** Whole batches: the entries of all callers travel together. */
export async function batches(means: Means): Promise<Section> {
    const { rounds, ms } = means.thoroughness
    const { household } = means
    const skipped: string[] = []
    const { rows: first, goals: firstGoals } = await sequences(means)
    const rows: (readonly Cell[])[] = [...first]
    const goals: Goal[] = [...firstGoals]
    const runs: Section['runs'][number][] = []
    const members = await settleMembers(household, 'tcp', true)
    await members.workers[0]?.ask('memberCountBatches')
    const sizes = new Map<string, number[]>()
    const starts = { etcd: etcdOnDisk, nats: natsOnDisk }
    const client = household.hire()
    const ways = [
        ...waysOf(members).map((way) => counted(way, members, sizes)),
        ...await settleOthers(means, client, starts, skipped)
    ]
    await warmUp(means, ways)
    for (const callers of CALLERS) {
        sizes.clear()
        const contenders = ways.map((way) => contender(way, { callers, ms }))
        const [standings = []] = await contest(contenders, rounds, (what) => {
            means.progress(`${callers} callers: ${what}`)
        })
        const them = standings.find(({ name }) => name === 'etcd')?.rate ?? Number.NaN
        for (const { name, rate, rates, cpu, p50, p99 } of standings) {
            const found = sizes.get(`${callers} ${name}`) ?? []
            const mean = found.reduce((sum, size) => sum + size, 0) / found.length
            rows.push([
                callers, name, rate, rate / them, found.length === 0 ? null : mean, cpu, p50, p99
            ])
            runs.push({ what: `${callers}: ${name}`, rates })
        }
        goals.push(...goalsOf(callers, standings))
    }
    return {
        name: 'batches',
        title: 'Whole batches, three processes over loopback, each with its disk',
        notes: [
            'Entries of 100 B; members call each other over TCP, and each keeps a journal. A batch',
            'is what the leader takes as one input: with whole batches, its mean size is the',
            `number of callers. "Disks of ${FLUSH_MS} ms": the journals are timers, so that the`,
            'median of one caller counts the synchronizations that wait for each other.',
            ...skipped
        ],
        columns: [
            'callers', 'who', 'entries/s', '× etcd', 'mean batch', 'CPU µs/entry', 'p50 ms',
            'p99 ms'
        ],
        rows,
        goals,
        runs
    }
}
