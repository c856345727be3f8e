import { statfsSync } from 'node:fs'
import { contest, type Standing } from './contest.js'
import type { Worker } from './household.js'
import type { Means } from './inside.js'
import type { Measured } from './load.js'
import {
    another, CALLERS, contender, settleWays, SIZE, type Start, warmUp, type Way
} from './network.js'
import { ALWAYS, startEtcd, startNats, synchronizes } from './others.js'
import type { Cell, Goal, Section } from './report.js'

/** How the file systems name themselves that keep their files in memory: tmpfs, and ramfs. */
const IN_MEMORY: readonly number[] = [0x01021994, 0x858458f6]

const ETCD = 'etcd'

/** How many times etcd's entries a second ours should be, with many callers. */
const TIMES = 20

/** etcd as it comes, which waits for the disk. */
export const etcdOnDisk: Start = async (household, client, program) => {
    const { processes, urls } = await startEtcd(household, program, undefined)
    const url = await client.ask<string>('clientEtcdLeader', { hosts: urls }) ?? urls[0]
    return [another(client, processes, {
        name: ETCD, isDurable: 'fsync', system: 'etcd', url, stream: ''
    })]
}

/** NATS JetStream with files. */
export const natsOnDisk: Start = async (household, client, program) => {
    const isSynchronized = synchronizes(household, program)
    const setting = isSynchronized ? ALWAYS : ''
    const { processes, urls } = await startNats(household, program, setting)
    const stream = 'bench-durable'
    const leader =
        await client.ask<string | null>('clientStream', { urls, stream, storage: 'file' })
    return [another(client, processes, {
        name: 'NATS JetStream',
        isDurable: isSynchronized ? ALWAYS : `no: no ${ALWAYS}`,
        system: 'nats',
        url: urls[Number(leader?.slice('bench-'.length) ?? 0)] ?? urls[0] ?? '',
        stream
    })]
}

/** The least that a durable store can do: wait for the disk once. */
function alone({ household }: Means, client: Worker): Way {
    const folder = household.folder()
    return {
        name: 'one write and fdatasync, nothing else',
        isDurable: 'yes',
        processes: [client.process],
        publish: (pace) => client.ask<Measured>('clientSync', { folder, size: SIZE, pace })
    }
}

function goalsOf(callers: number, standings: readonly Standing[]): readonly Goal[] {
    const them = standings.find(({ name }) => name === ETCD)
    const leading = standings.filter(({ name }) => name.endsWith('in the leader'))
    if (them === undefined || callers === 64) {
        return []
    }
    return leading.map(({ name, rate, p50 }): Goal => callers === 1
        ? { what: `1 caller, p50 ms of ${name}`, limit: 'most', goal: them.p50, is: p50 }
        : {
            what: `${callers} callers, entries/s of ${name} over etcd's`, limit: 'least',
            goal: TIMES, is: rate / them.rate
        })
}

/** Three processes, each with its journal: nothing is answered before it is on disk. */
export async function durable(means: Means): Promise<Section> {
    const { rounds, ms } = means.thoroughness
    const { household } = means
    const skipped: string[] = []
    const client = household.hire()
    const ways = await settleWays(means, client, 'fdatasync', {
        etcd: etcdOnDisk, nats: natsOnDisk
    }, skipped)
    await warmUp(means, ways)
    const rows: (readonly Cell[])[] = []
    const goals: Goal[] = []
    const runs: Section['runs'][number][] = []
    for (const callers of CALLERS) {
        const all = callers === 1 ? [...ways, alone(means, client)] : ways
        const contenders = all.map((way) => contender(way, { callers, ms }))
        const [standings = []] = await contest(contenders, rounds, (what) => {
            means.progress(`${callers} callers: ${what}`)
        })
        const them = standings.find(({ name }) => name === ETCD)?.rate ?? Number.NaN
        for (const [index, { name, rate, rates, cpu, p50, p99 }] of standings.entries()) {
            const durability = all[index]?.isDurable ?? ''
            rows.push([callers, name, durability, rate, rate / them, cpu, p50, p99])
            runs.push({ what: `${callers}: ${name}`, rates })
        }
        goals.push(...goalsOf(callers, standings))
    }
    const isInMemory = IN_MEMORY.includes(statfsSync(household.folder()).type)
    return {
        name: 'durable',
        title: 'Three processes on one machine, over loopback, each with its disk',
        notes: [
            'As above, entries of 100 B; but each of our members keeps a journal, and no answer,',
            'no call and no entry leaves it before the inputs it follows from are on disk. etcd is',
            'as it comes. The folders of all are beside each other, on one disk.',
            ...(isInMemory
                ? ['THAT DISK IS MEMORY: nothing here says anything of a real one. See --folder.']
                : []),
            ...skipped
        ],
        columns: [
            'callers', 'who', 'waits for the disk', 'entries/s', '× etcd', 'CPU µs/entry', 'p50 ms',
            'p99 ms'
        ],
        rows,
        goals,
        runs
    }
}
