import { processorTime, type Worker } from './household.js'
import type { Means } from './inside.js'
import type { Written } from './member.js'
import { settleMembers } from './network.js'
import type { Section } from './report.js'

/** How many pings of the leader the members are idle: 150 seconds, some folds of half a minute. */
const PINGS = 600

/** How many pings the members get to come to rest. */
const REST = 20

const DAY_SECONDS = 86_400

async function written(workers: readonly Worker[]): Promise<Written> {
    const all = await Promise.all(workers.map((worker) => worker.ask<Written>('memberWritten')))
    return {
        commits: all.reduce((sum, { commits }) => sum + commits, 0),
        size: all.reduce((sum, { size }) => sum + size, 0)
    }
}

/** What three members with journals do while nobody publishes. */
export async function idle({ household, thoroughness, progress }: Means): Promise<Section> {
    const { isQuick } = thoroughness
    const { workers } = await settleMembers(household, 'tcp', true)
    const processes = workers.map(({ process }) => process)
    const pings = async (count: number): Promise<void> => {
        await workers[0]?.ask('memberPlayed', { method: 'event', count: isQuick ? 4 : count })
    }
    progress('the members come to rest')
    await pings(REST)
    const begin = performance.now()
    const [first, used] = [await written(workers), processorTime(processes)]
    progress('nobody publishes')
    await pings(PINGS)
    const [last, usedThen] = [await written(workers), processorTime(processes)]
    const seconds = (performance.now() - begin) / 1000
    const synchronizations = (last.commits - first.commits) / seconds
    const megabytes = (last.size - first.size) / seconds * DAY_SECONDS / 1e6
    const cpu = used === null || usedThen === null ? null : (usedThen - used) / seconds / 1e4
    return {
        name: 'idle',
        title: 'Three idle processes over loopback, each with its disk',
        notes: [
            `Nobody publishes for ${seconds.toFixed(0)} s. A member pings another four times a`,
            'second, which is the default. All figures are those of the three members together.'
        ],
        columns: ['', 'synchronizations/s', 'MB/day', 'CPU %'],
        rows: [['three idle members', synchronizations, megabytes, cpu]],
        goals: [
            { what: 'synchronizations/s', limit: 'most', goal: 0.5, is: synchronizations },
            { what: 'MB/day', limit: 'most', goal: 20, is: megabytes }
        ],
        runs: []
    }
}
