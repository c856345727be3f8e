import { setTimeout as pause } from 'node:timers/promises'
import { Colleague, type ColleagueOptions } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import '../support/silence.js'

/** The arguments of a slow member. */
export interface SlowMemberArguments {
    readonly folder: string | null
    readonly port: number
    readonly through: string
    /** The durations of the application's calls, in milliseconds. */
    readonly applyMs: number
    readonly snapshotMs: number
    readonly restoreMs: number
    readonly options: Partial<ColleagueOptions<unknown, number>>
}

/** A report of the slow member to its parent. */
export interface SlowMemberReport {
    readonly what: 'joined' | 'level' | 'stored' | 'overloaded' | 'ended'
    readonly code?: string
    /** Number of entries in the state, and number of entries that `apply` has received. */
    readonly count: number
    readonly applied: number
    readonly backlog?: number
    readonly through?: number
}

const args = JSON.parse(process.argv[2] ?? '') as SlowMemberArguments
const { folder, port, through, applyMs, snapshotMs, restoreMs, options } = args

const store = {
    count: 0,
    applied: 0,
    async apply(): Promise<number> {
        if (applyMs !== 0) {
            await pause(applyMs)
        }
        store.applied++
        return ++store.count
    },
    async snapshot(): Promise<string> {
        const text = String(store.count)
        await pause(snapshotMs)
        return text
    },
    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        let text = ''
        for await (const chunk of chunks) {
            text += Buffer.from(chunk).toString()
        }
        await pause(restoreMs)
        store.count = Number(text)
    }
}

function report(what: SlowMemberReport['what'], more: Partial<SlowMemberReport> = {}): void {
    process.send?.({ what, count: store.count, applied: store.applied, ...more })
}

const colleague = new Colleague({
    islandName: 'slow',
    colleagueId: 'c',
    application: store,
    ...options,
    ...(folder === null ? {} : { journal: new FileJournal(folder, { segmentSize: 65_536 }) })
})
colleague.ended.catch((error: { code: string }) => report('ended', { code: error.code }))
process.on('message', async (command: string) => {
    if (command === 'level') {
        for (;;) {
            try {
                await colleague.barrier()
                report('level')
                return
            } catch (error) {
                if ((error as { code?: string }).code !== 'overloaded') {
                    throw error
                }
                await pause(20)
            }
        }
    }
    const health = await colleague.health()
    if (command === 'store') {
        const { snapshot = null } = health?.journal ?? {}
        report('stored', snapshot === null ? {} : { through: snapshot })
    } else if (command === 'overload') {
        // Publishes until the member refuses a publish, because too many entries wait.
        for (;;) {
            const publishing = colleague.publish('own')
            const outcome = await Promise.race([publishing.catch((error) => error), pause(5)])
            if (outcome instanceof Error) {
                report('overloaded', {
                    code: (outcome as unknown as { code: string }).code,
                    backlog: (await colleague.health())?.backlog ?? -1
                })
                return
            }
        }
    }
})
await colleague.listen({ port })
await colleague.join({ through: [through] })
report('joined')
