import { setTimeout as pause } from 'node:timers/promises'
import { Colleague, type ColleagueOptions } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'

/** How a member behaves that is slow, and what its parent wants of it. */
export interface Slowness {
    readonly folder: string | null
    readonly port: number
    readonly through: string
    /** How long its application takes for each entry, for a snapshot and for a restore. */
    readonly applyMs: number
    readonly snapshotMs: number
    readonly restoreMs: number
    readonly options: Partial<ColleagueOptions<number>>
}

/** What a slow member tells its parent. */
export interface Telling {
    readonly what: 'joined' | 'level' | 'stored' | 'overloaded' | 'ended'
    readonly code?: string
    /** How many entries its state counts, and how many the application has applied itself. */
    readonly count: number
    readonly applied: number
    readonly backlog?: number
    readonly through?: number
}

const slowness = JSON.parse(process.argv[2] ?? '') as Slowness
const { folder, port, through, applyMs, snapshotMs, restoreMs, options } = slowness

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

function tell(what: Telling['what'], more: Partial<Telling> = {}): void {
    process.send?.({ what, count: store.count, applied: store.applied, ...more })
}

const colleague = new Colleague({
    islandName: 'slow',
    colleagueId: 'c',
    application: store,
    ...options,
    ...(folder === null ? {} : { journal: new FileJournal(folder, { segmentSize: 65_536 }) })
})
colleague.ended.catch((error: { code: string }) => tell('ended', { code: error.code }))
process.on('message', async (order: string) => {
    if (order === 'level') {
        for (;;) {
            try {
                await colleague.barrier()
                tell('level')
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
    if (order === 'store') {
        const { snapshot = null } = health?.journal ?? {}
        tell('stored', snapshot === null ? {} : { through: snapshot })
    } else if (order === 'overload') {
        // Until its publishes are refused, which is while too much waits for its application.
        for (;;) {
            const publishing = colleague.publish('own')
            const outcome = await Promise.race([publishing.catch((error) => error), pause(5)])
            if (outcome instanceof Error) {
                tell('overloaded', {
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
tell('joined')
