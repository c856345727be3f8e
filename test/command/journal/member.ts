import { text } from 'node:stream/consumers'
import { Colleague } from '../../../src/index.js'
import { FileJournal } from '../../../src/journal/file-journal.js'
import '../../support/silence.js'

/** The arguments of a member. */
export interface MemberArguments {
    readonly id: string
    readonly folder: string
    readonly port: number
    readonly through: readonly string[]
    readonly founders: readonly string[] | null
}

const { id, folder, port, through, founders } = JSON.parse(process.argv[2] ?? '') as MemberArguments

let values: unknown[] = []
const application = {
    apply: ({ body }: { readonly body: unknown }): number => values.push(body),
    snapshot: () => JSON.stringify(values),
    restore: async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
        values = JSON.parse(await text(chunks))
    }
}
const colleague = new Colleague<unknown, number>({
    islandName: 'members', colleagueId: id, application, journal: new FileJournal(folder),
    ping: 50, timeout: 500
})
colleague.ended.catch(() => {})
process.on('message', (message: { readonly publish?: unknown, readonly of?: 'superseded' }) => {
    if (message.of === 'superseded') {
        process.send?.(colleague.kibitzer.status())
        return
    }
    const call = message.publish === undefined
        ? colleague.barrier()
        : colleague.publish(message.publish)
    call.then(async () => {
        const { islandId, tolerance } = await colleague.health()
        process.send?.({ values, islandId, tolerance: tolerance.text })
    }, (error: Error) => process.send?.({ error: error.message }))
})
await colleague.start({ port, through, ...(founders === null ? {} : { founders }) })
process.send?.({ started: true })
