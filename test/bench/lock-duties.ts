import { once } from 'node:events'
import { Colleague } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { compose, type ComposedCommand, type Composition, Locks } from '../../src/recipes/index.js'
import { foreign, type RedisClient, type RedlockClient } from './foreign.js'
import { type Measured, press } from './load.js'
import '../support/silence.js'

/** The ids of the members. */
export const LOCK_IDS = ['a', 'b', 'c'] as const

/** The start of a member in a process of its own. */
export interface LockSeat {
    readonly id: string
    /** `null` without a journal. */
    readonly folder: string | null
    readonly port: number
    readonly through: readonly string[]
}

/** How clients use locks. */
export interface LockPace {
    readonly callers: number
    readonly ms: number
    /** Whether all clients want the same lock. */
    readonly isOne: boolean
}

/** A holder whose process stood still for longer than its ttl. */
export interface Awakening {
    /** The time from the first turn after the pause to the abort of the signal, in milliseconds. */
    readonly lateMs: number
    /** The turns in this time that did not see the end: each might have written. */
    readonly lateTurns: number
}

/** A lock whose routine gets the means to know its end. */
type Use = (
    name: string, ttl: number, routine: (hasEnded: () => boolean) => Promise<void>,
    retryCount?: number
) => Promise<void>

/** The attempts of redlock by default. Its extensions need them, too. */
const RETRIES = 10

/** The ttl under load, in milliseconds. */
const TTL_MS = 10_000

let composition: Composition<{ locks: Locks }> | null = null
let redlock: RedlockClient | null = null
let awakening: Promise<Awakening> | null = null

const use: Use = async (name, ttl, routine, retryCount = RETRIES) => {
    if (redlock === null) {
        await composition?.parts.locks.using(name, { ttl },
            ({ signal }) => routine(() => signal.aborted))
    } else {
        await redlock.using([name], ttl, { retryCount },
            (signal) => routine(() => signal.aborted))
    }
}

/** Resolves with the time of the first turn after a pause of the process, in milliseconds. */
async function untilPause(ms: number): Promise<number> {
    for (let before = performance.now(); ;) {
        await new Promise(setImmediate)
        const now = performance.now()
        if (now - before > ms) {
            return now
        }
        before = now
    }
}

/** The duties of a process that uses locks. */
export const locking = {
    /** Starts a member of kibitz. */
    takeLockSeat: async ({ id, folder, port, through }: LockSeat): Promise<null> => {
        composition = compose({ locks: new Locks() })
        const colleague = new Colleague<ComposedCommand>({
            islandName: 'locks', colleagueId: id, application: composition,
            ...(folder === null ? {} : { journal: new FileJournal(folder) })
        })
        composition.connect(colleague)
        await colleague.start({ port, through: [...through], founders: [...LOCK_IDS] })
        return null
    },

    /** Whether this member leads the republic. */
    leadsLocks: async (): Promise<boolean> =>
        composition?.colleague?.kibitzer.status().role === 'leader',

    /** Connects redlock to Redis servers. */
    connectRedlock: async ({ ports }: { readonly ports: readonly number[] }): Promise<null> => {
        const { Redis } = await foreign('ioredis')
        const { default: Redlock } = await foreign('redlock')
        const clients: RedisClient[] = ports.map((port) => new Redis({ port, host: '127.0.0.1' }))
        redlock = new Redlock(clients)
        redlock.on('error', () => {})
        return null
    },

    /** Acquires and releases locks. */
    pressLocks: async ({ callers, ms, isOne }: LockPace): Promise<Measured> => {
        let calls = 0
        return await press(() => {
            const name = isOne ? 'one' : `lock ${calls++ % callers}`
            // Under contention, a request of redlock tries again until it gets the lock.
            return use(name, TTL_MS, async () => {}, -1)
        }, { callers, ms })
    },

    /** Holds a lock through a pause of the process; resolves when the lock is held. */
    holdLock: ({ ttl }: { readonly ttl: number }): Promise<null> => new Promise((resolve) => {
        awakening = new Promise((tell, fail) => {
            use('held', ttl, async (hasEnded) => {
                resolve(null)
                const awakeAt = await untilPause(ttl)
                let lateTurns = 0
                while (!hasEnded()) {
                    lateTurns++
                    await new Promise(setImmediate)
                }
                tell({ lateMs: performance.now() - awakeAt, lateTurns })
            }).catch(fail)
        })
    }),

    /** The end of `holdLock`, after the pause. */
    awakening: async (): Promise<Awakening | null> => await awakening,

    /** Gets the same lock, and holds it for a time. */
    takeOver: async ({ ttl, ms }: { readonly ttl: number, readonly ms: number }): Promise<null> => {
        await use('held', ttl, async () => {
            await once(AbortSignal.timeout(ms), 'abort')
        // redlock rejects if the lease has ended before its release.
        }, -1).catch(() => {})
        return null
    }
}
