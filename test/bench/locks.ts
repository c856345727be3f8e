import { once } from 'node:events'
import { foreign } from './foreign.js'
import { freePorts } from '../support/free-port.js'
import type { Household, Worker } from './household.js'
import type { Means } from './inside.js'
import { type Awakening, LOCK_IDS, type LockSeat } from './lock-duties.js'
import { type Measured, median } from './load.js'
import { locate } from './others.js'
import type { Cell, Section } from './report.js'

/** The ttl of the holder that stops, in milliseconds. */
const TTL_MS = 1000

/** Processes that use the same locks. */
interface Lockers {
    readonly name: string
    readonly workers: readonly Worker[]
}

async function startKibitz(household: Household, isDurable: boolean): Promise<Lockers> {
    const ports = await freePorts(LOCK_IDS.length)
    const workers = LOCK_IDS.map(() => household.hire())
    await Promise.all(workers.map(async (worker, index) => {
        await worker.ask('takeLockSeat', {
            id: LOCK_IDS[index] ?? '', folder: isDurable ? household.folder() : null,
            port: ports[index] ?? 0, through: ports.map((port) => `127.0.0.1:${port}`)
        } satisfies LockSeat)
    }))
    const leads = await Promise.all(workers.map((worker) => worker.ask<boolean>('leadsLocks', {})))
    // The clients of the first process use the locks.
    const [leaders, others] = [true, false].map((isSought) =>
        workers.filter((_, index) => leads[index] === isSought))
    return {
        name: `kibitz, three members${isDurable ? ' with journals' : ''}, in the leader`,
        workers: [...leaders ?? [], ...others ?? []]
    }
}

/** Starts Redis servers that answer after the write is on disk, if `isDurable`. */
async function startRedis(
    household: Household, program: string, count: number, isDurable: boolean
): Promise<Lockers> {
    const ports = await freePorts(count)
    await Promise.all(ports.map((port) => household.serve(program, [
        '--port', `${port}`, '--bind', '127.0.0.1', '--dir', household.folder(), '--save', '',
        ...(isDurable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [])
    ], /Ready to accept connections/)))
    const workers = [household.hire(), household.hire()]
    await Promise.all(workers.map((worker) => worker.ask('connectRedlock', { ports })))
    const durable = isDurable ? ', each write on disk' : ''
    return { name: `redlock, ${count} Redis${durable}`, workers }
}

/** Why redlock cannot be measured here; `null` if it can. */
async function obstacle(): Promise<string | null> {
    if (locate('redis-server') === null) {
        return 'Redis is not installed (apt-get install redis-server).'
    }
    try {
        await Promise.all([foreign('redlock'), foreign('ioredis')])
        return null
    } catch {
        return 'redlock is not installed (npm install --no-save redlock@5.0.0-beta.2 ioredis@5).'
    }
}

/** Stops the holder for twice its ttl, while another process waits for the lock. */
async function awaken({ workers: [holder, other] }: Lockers): Promise<Awakening> {
    await holder?.ask('holdLock', { ttl: TTL_MS })
    holder?.process.kill('SIGSTOP')
    const taken = other?.ask('takeOver', { ttl: TTL_MS, ms: 4 * TTL_MS })
    await once(AbortSignal.timeout(2 * TTL_MS), 'abort')
    holder?.process.kill('SIGCONT')
    const found = await holder?.ask<Awakening>('awakening')
    await taken
    return found ?? { lateMs: Number.NaN, lateTurns: Number.NaN }
}

/** Measures one kind of locks. */
async function rowOf(lockers: Lockers, means: Means): Promise<Cell[]> {
    const { rounds, ms } = means.thoroughness
    const [worker] = lockers.workers
    const cells: Cell[] = [lockers.name]
    means.progress(`${lockers.name}, warming up`)
    for (const callers of [64, 1]) {
        await worker?.ask('pressLocks', { callers, ms: 2 * ms, isOne: false })
    }
    for (const [callers, isOne] of [[1, false], [64, false], [64, true]] as const) {
        const rates: number[] = []
        const p50s: number[] = []
        for (let round = 0; round < rounds; round++) {
            means.progress(`${lockers.name}, ${callers} clients`)
            const found = await worker?.ask<Measured>('pressLocks', { callers, ms, isOne })
            rates.push(found?.rate ?? Number.NaN)
            p50s.push(found?.p50 ?? Number.NaN)
        }
        cells.push(median(rates), median(p50s))
    }
    means.progress(`${lockers.name}, a holder that stops`)
    const { lateMs, lateTurns } = await awaken(lockers)
    return [...cells, lateMs, lateTurns]
}

/** Locks of kibitz beside redlock: acquire and release, and a holder that stops. */
export async function locks(means: Means): Promise<Section> {
    const { household, thoroughness: { isQuick } } = means
    const missing = await obstacle()
    const redis = missing === null ? locate('redis-server') : null
    const starts = [false, true].map((isDurable) => () => startKibitz(household, isDurable))
    if (redis !== null) {
        for (const [count, isDurable] of [[1, false], [3, false], [3, true]] as const) {
            starts.push(() => startRedis(household, redis, count, isDurable))
        }
    }
    const rows: Cell[][] = []
    for (const start of isQuick ? starts.slice(0, 1) : starts) {
        const lockers = await start()
        rows.push(await rowOf(lockers, means))
        await Promise.all(lockers.workers.map(({ process }) => household.dismiss(process)))
    }
    return {
        name: 'locks',
        title: 'Locks: acquire and release per second, and the median in ms; processes on loopback',
        notes: [
            'A client acquires and releases again and again: one client; 64 clients with a lock '
                + 'each; 64 clients of one lock. With kibitz, the release travels while the client '
                + 'goes on; so the median is that of the acquisition.',
            `The last columns: a process stops (SIGSTOP) for twice its ttl of ${TTL_MS} ms and `
                + 'continues; its signal aborts so many ms after its first turn, and so many turns '
                + 'of its event loop do not know of the end. Another process holds the lock then.',
            ...(missing === null ? [] : [missing])
        ],
        columns: [
            '', '1 client', 'ms', '64 clients', 'ms', '64, one lock', 'ms', 'late by ms',
            'late turns'
        ],
        rows, goals: [], runs: []
    }
}
