import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Contender, contest, type Standing } from './contest.js'
import { type Household, processorTime, type Worker } from './household.js'
import type { Means } from './inside.js'
import type { Measured, Pace } from './load.js'
import type { Transport, Whereabouts } from './member.js'
import { locate, startEtcd, startNats } from './others.js'
import type { Cell, Goal, Section } from './report.js'

/** How many bytes an entry takes, and how many callers there are. */
export const SIZE = 100
export const CALLERS = [1, 64, 512] as const

/** A folder whose files are kept in memory alone, on most Linux systems. */
const IN_MEMORY = '/dev/shm'

/** One way of publishing to three processes. */
export interface Way {
    readonly name: string
    readonly isDurable: string
    /** All whose processor time counts, the callers' own process too. */
    readonly processes: readonly ChildProcess[]
    readonly publish: (pace: Pace) => Promise<Measured>
}

/** Members of ours, each in a process of its own. */
export interface Members {
    readonly workers: readonly Worker[]
    readonly urls: readonly string[]
}

/**
 * Three members, each in a process of its own, each with a journal or none. The first leads, and
 * the second votes in the majority.
 *
 * @param flushMs The journals are timers. @default they are files, or there are none
 */
export async function settleMembers(
    household: Household,
    transport: Transport,
    isDurable: boolean = false,
    flushMs: number | null = null
): Promise<Members> {
    const workers = [household.hire(), household.hire(), household.hire()]
    const places = await Promise.all(workers.map((worker, index) => {
        const folder = isDurable ? { folder: household.folder() } : {}
        return worker.ask<Whereabouts>('memberStart', {
            id: `member-${index}`, transport, ...folder, ...(flushMs !== null && { flushMs })
        })
    }))
    const [founder, ...newcomers] = workers
    await founder?.ask('memberFound')
    for (const newcomer of newcomers) {
        await newcomer.ask('memberJoin', { leader: places[0]?.address })
    }
    await Promise.all(workers.map((worker) => worker.ask('memberSettled', { seats: 3 })))
    return { workers, urls: places.map(({ url }) => url) }
}

/** Three members of ours, and the ways of publishing to them. */
export async function ours(
    household: Household,
    client: Worker,
    transport: Transport,
    durability: string = 'no'
): Promise<readonly Way[]> {
    const { workers, urls } = await settleMembers(household, transport, durability !== 'no')
    const processes = workers.map(({ process }) => process)
    const name = transport === 'http' ? 'kibitz' : 'kibitz over TCP'
    const inside = (where: string, index: number): Way => ({
        name: `${name}, in ${where}`,
        isDurable: durability,
        processes,
        publish: async (pace) => {
            const given = { size: SIZE, pace }
            return await (workers[index] as Worker).ask<Measured>('memberPublish', given)
        }
    })
    return [
        inside('the leader', 0),
        inside('a follower', 1),
        ...(transport === 'tcp' ? [] : [{
            name: 'kibitz, asked over HTTP',
            isDurable: durability,
            processes: [...processes, client.process],
            publish: (pace: Pace): Promise<Measured> =>
                client.ask('clientVisit', { url: urls[0], size: SIZE, pace })
        }])
    ]
}

/** A way of publishing to a system that others have made. */
export function another(
    client: Worker,
    processes: readonly ChildProcess[],
    { name, isDurable, ...where }: {
        readonly name: string
        readonly isDurable: string
        readonly system: 'etcd' | 'nats'
        readonly url: string
        readonly stream: string
    }
): Way {
    return {
        name,
        isDurable,
        processes: [...processes, client.process],
        publish: (pace) => client.ask('clientPress', { ...where, size: SIZE, pace })
    }
}

/** Starts three processes of a system, and yields the ways of publishing to them. */
export type Start =
    (household: Household, client: Worker, program: string) => Promise<readonly Way[]>

/** Systems that others have made. */
export interface Starts {
    readonly etcd: Start
    readonly nats: Start
}

const etcd: Start = async (household, client, program) => {
    const places = [
        { name: 'etcd', isDurable: 'yes, fsync', parent: undefined },
        ...(existsSync(IN_MEMORY)
            ? [{ name: 'etcd on a disk of memory', isDurable: 'no', parent: IN_MEMORY }]
            : [])
    ]
    return await Promise.all(places.map(async ({ name, isDurable, parent }) => {
        const { processes, urls } = await startEtcd(household, program, parent)
        const url = await client.ask<string>('clientEtcdLeader', { hosts: urls }) ?? urls[0]
        return another(client, processes, { name, isDurable, system: 'etcd', url, stream: '' })
    }))
}

const nats: Start = async (household, client, program) => {
    const { processes, urls } = await startNats(household, program)
    const ways: Way[] = []
    for (const storage of ['file', 'memory'] as const) {
        const stream = `bench-${storage}`
        const leader = await client.ask<string | null>('clientStream', { urls, stream, storage })
        const url = urls[Number(leader?.slice('bench-'.length) ?? 0)] ?? urls[0] ?? ''
        const name = storage === 'file' ? 'NATS JetStream' : 'NATS JetStream in memory'
        const isDurable = storage === 'file' ? 'file, fsync every 2 min' : 'no'
        ways.push(another(client, processes, { name, isDurable, system: 'nats', url, stream }))
    }
    return ways
}

/** Settles ours and what others have made, as far as that is here; says what is left out. */
export async function settleWays(
    means: Means, client: Worker, durability: string, starts: Starts, skipped: string[]
): Promise<readonly Way[]> {
    const { household, progress } = means
    progress('three members of ours settle, and three over TCP')
    return [
        ...await ours(household, client, 'http', durability),
        ...await ours(household, client, 'tcp', durability),
        ...await settleOthers(means, client, starts, skipped)
    ]
}

/** Settles what others have made, as far as that is here; says what is left out. */
export async function settleOthers(
    { household, progress }: Means, client: Worker, starts: Starts, skipped: string[]
): Promise<readonly Way[]> {
    const missing = await client.ask<readonly string[]>('clientMissing')
    const ways: Way[] = []
    const systems = [
        { name: 'etcd', program: 'etcd', debian: 'etcd-server', npm: 'etcd3' },
        { name: 'NATS', program: 'nats-server', debian: 'nats-server', npm: 'nats' }
    ] as const
    for (const { name, program, debian, npm } of systems) {
        const path = locate(program)
        if (path === null) {
            skipped.push(`${name} is left out: ${program} is not here; apt-get install ${debian}.`)
        } else if (missing.includes(npm)) {
            skipped.push(`${name} is left out: its client is not here; npm install ${npm}.`)
        } else {
            progress(`three processes of ${name} start`)
            const start = npm === 'nats' ? starts.nats : starts.etcd
            ways.push(...await start(household, client, path))
        }
    }
    return ways
}

/** A way, pressed at a pace; the processor time is that of all its processes. */
export function contender({ name, processes, publish }: Way, pace: Pace): Contender {
    return {
        name,
        run: async () => {
            const before = processorTime(processes)
            const measured = await publish(pace)
            const after = processorTime(processes)
            const isKnown = before !== null && after !== null
            return [{ ...measured, cpu: isKnown ? (after - before) / measured.entries : null }]
        }
    }
}

function goalsOf(callers: number, standings: readonly Standing[]): readonly Goal[] {
    const of = (name: string): Standing | undefined =>
        standings.find((standing) => standing.name === name)
    const us = of('kibitz, in the leader')
    const hopes = [['etcd', 10], ['NATS JetStream', 4]] as const
    return hopes.flatMap(([name, times]): readonly Goal[] => {
        const them = of(name)
        if (them === undefined || us === undefined) {
            return []
        }
        const whom = `${callers} caller${callers === 1 ? '' : 's'}`
        const latency = `${whom}, p50 ms beside ${name}'s`
        const rate = `${whom}, entries/s over ${name}`
        return [callers === 1
            ? { what: latency, limit: 'most', goal: them.p50, is: us.p50 }
            : { what: rate, limit: 'least', goal: times, is: us.rate / them.rate }]
    })
}

/** Lets every way run before it counts. */
export async function warmUp(means: Means, ways: readonly Way[]): Promise<void> {
    const { ms } = means.thoroughness
    for (const { name, publish } of ways) {
        means.progress(`${name}, to warm up`)
        // The first seconds of a process are spent on being compiled.
        await publish({ callers: 64, ms })
        await publish({ callers: 1, ms })
    }
}

/** Section 2: three processes over loopback, beside etcd and NATS. */
export async function network(means: Means): Promise<Section> {
    const { rounds, ms } = means.thoroughness
    const skipped: string[] = []
    const client = means.household.hire()
    const ways = await settleWays(means, client, 'no', { etcd, nats }, skipped)
    const rows: (readonly Cell[])[] = []
    const goals: Goal[] = []
    const runs: Section['runs'][number][] = []
    await warmUp(means, ways)
    for (const callers of CALLERS) {
        const contenders = ways.map((way) => contender(way, { callers, ms }))
        const [standings = []] = await contest(contenders, rounds, (what) => {
            means.progress(`${callers} callers: ${what}`)
        })
        for (const [index, { name, rate, rates, cpu, p50, p99 }] of standings.entries()) {
            rows.push([callers, name, ways[index]?.isDurable ?? '', rate, cpu, p50, p99])
            runs.push({ what: `${callers}: ${name}`, rates })
        }
        goals.push(...(callers === 64 ? [] : goalsOf(callers, standings)))
    }
    return {
        name: 'http',
        title: 'Three processes on one machine, over loopback',
        notes: [
            'Entries of 100 B. kibitz lives inside a service, so its callers are there too: in the',
            'process of the leader, or of a follower. Those of etcd and NATS are in a process of',
            'their own and talk to the member that leads, since that is how they are used. "asked',
            'over HTTP" is the same shape for ours: the service answers one request for each entry',
            'on a route of its own. Members call each other over HTTP, or in frames over TCP. All',
            'are at rest while one runs; processor time is that of the three processes and of the',
            'client. kibitz keeps nothing on disk here. etcd waits for the disk before it answers;',
            'NATS writes to a file and lets it rest in the cache. The rows that keep nothing',
            'either are for comparison.',
            ...skipped
        ],
        columns: ['callers', 'who', 'durable', 'entries/s', 'CPU µs/entry', 'p50 ms', 'p99 ms'],
        rows,
        goals,
        runs
    }
}
