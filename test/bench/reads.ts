import { contest, type Contender, type Standing } from './contest.js'
import type { Worker } from './household.js'
import type { Means } from './inside.js'
import type { Measured, Pace } from './load.js'
import { CALLERS, contender, settleMembers, type Way } from './network.js'
import { locate, startEtcd } from './others.js'
import type { Cell, Goal, Section } from './report.js'

const ETCD = 'etcd, linearizable range'

/** How many times etcd's reads a second ours should be, by callers. */
const TIMES: Readonly<Record<number, number>> = { 64: 12, 512: 35 }

/** The share of etcd's median that ours should take, with one caller. */
const SHARE = 0.4

async function etcd(
    { household, progress }: Means, client: Worker, skipped: string[]
): Promise<readonly Way[]> {
    const program = locate('etcd')
    const missing = await client.ask<readonly string[]>('clientMissing')
    if (program === null || missing.includes('etcd3')) {
        skipped.push('etcd is left out: apt-get install etcd-server, npm install etcd3.')
        return []
    }
    progress('three processes of etcd start')
    const { processes, urls } = await startEtcd(household, program, undefined)
    const url = await client.ask<string>('clientEtcdLeader', { hosts: urls }) ?? urls[0]
    return [{
        name: ETCD,
        isDurable: '',
        processes: [...processes, client.process],
        publish: (pace) => client.ask<Measured>('clientReadEtcd', { url, pace })
    }]
}

function goalsOf(callers: number, standings: readonly Standing[]): readonly Goal[] {
    const them = standings.find(({ name }) => name === ETCD)
    const ours = standings.filter((standing) => standing !== them)
    return them === undefined ? [] : ours.flatMap(({ name, p50, rate }): readonly Goal[] => {
        const goal = TIMES[callers]
        if (callers === 1) {
            const what = `1 caller, p50 of ${name} over etcd's`
            return [{ what, limit: 'most', goal: SHARE, is: p50 / them.p50 }]
        }
        const what = `${callers} callers, reads/s of ${name} over etcd's`
        return goal === undefined ? [] : [{ what, limit: 'least', goal, is: rate / them.rate }]
    })
}

/** Linearizable reads at three processes with journals: `barrier()` beside etcd's range. */
export async function reads(means: Means): Promise<Section> {
    const { rounds, ms } = means.thoroughness
    const { household } = means
    const skipped: string[] = []
    const { workers } = await settleMembers(household, 'tcp', true)
    const client = household.hire()
    const ways: readonly Way[] = [
        ...['the leader', 'a follower'].map((place, index): Way => ({
            name: `kibitz over TCP, in ${place}`,
            isDurable: '',
            processes: workers.map(({ process }) => process),
            publish: async (pace: Pace) =>
                await workers[index]?.ask<Measured>('memberRead', { pace }) as Measured
        })),
        ...await etcd(means, client, skipped)
    ]
    for (const { name, publish } of ways) {
        means.progress(`${name}, to warm up`)
        await publish({ callers: 64, ms })
    }
    const rows: (readonly Cell[])[] = []
    const goals: Goal[] = []
    const runs: Section['runs'][number][] = []
    for (const callers of CALLERS) {
        const contenders: readonly Contender[] = ways.map((way) => contender(way, { callers, ms }))
        const [standings = []] = await contest(contenders, rounds, (what) => {
            means.progress(`${callers} callers: ${what}`)
        })
        const them = standings.find(({ name }) => name === ETCD)?.rate ?? Number.NaN
        for (const { name, rate, rates, cpu, p50, p99 } of standings) {
            rows.push([callers, name, rate, rate / them, cpu, p50, p99])
            runs.push({ what: `${callers}: ${name}`, rates })
        }
        goals.push(...goalsOf(callers, standings))
    }
    return {
        name: 'reads',
        title: 'Linearizable reads, three processes over loopback, each with its disk',
        notes: [
            'barrier(): after it, the log of the member holds every entry that was committed',
            'anywhere before the call; the state is in the same process. etcd reads one key of',
            '98 B by a linearizable range, from a process of its own, at the member that leads.',
            ...skipped
        ],
        columns: ['callers', 'who', 'reads/s', '× etcd', 'CPU µs/read', 'p50 ms', 'p99 ms'],
        rows,
        goals,
        runs
    }
}
