import type { Kibitzer } from '../../src/index.js'
import type { FileJournal } from '../../src/journal/file-journal.js'
import type { listenTcp } from '../../src/transport/tcp/tcp.js'

/** The arguments of a member process. */
export interface MemberArguments {
    /** The folder `dist` of the package, as a url. */
    readonly dist: string
    readonly id: string
    readonly folder: string
    readonly port: number
    /** The url of a member of the republic; `null` at the founder. */
    readonly through: string | null
}

/** A message of a member process to the test. */
export type Report =
    | { readonly kind: 'listening'; readonly url: string }
    | { readonly kind: 'seated' }
    | { readonly kind: 'published'; readonly value: string }
    | { readonly kind: 'refused'; readonly code: string }
    | { readonly kind: 'version'; readonly version: number }
    | { readonly kind: 'values'; readonly values: readonly string[] }

/** A message of the test to a member process. */
export type Order = 'publish' | 'pause' | 'values'

interface Package {
    readonly index: { readonly Kibitzer: typeof Kibitzer }
    readonly journal: { readonly FileJournal: typeof FileJournal }
    readonly tcp: { readonly listenTcp: typeof listenTcp }
}

function tell(report: Report): void {
    process.send?.(report)
}

async function load(dist: string): Promise<Package> {
    const file = (path: string): string => new URL(path, dist).href
    return {
        index: await import(file('index.js')),
        journal: await import(file('journal/file-journal.js')),
        tcp: await import(file('transport/tcp/tcp.js'))
    }
}

const { dist, id, folder, port, through } =
    JSON.parse(process.argv[2] ?? '') as MemberArguments
const { index, journal, tcp } = await load(dist)
const kibitzer = new index.Kibitzer({
    id, ping: 50, timeout: 500, patience: 60_000, parliamentSize: 3, parliamentFloor: 3,
    journal: new journal.FileJournal(folder)
})
const values: string[] = []
let version = 0
let isSeated = false
kibitzer.log.shifter().pump((entry) => {
    if (entry?.method === 'entry' && typeof entry.body.body === 'string') {
        values.push(entry.body.body)
    } else if (entry?.method === 'government') {
        const { majority, minority } = entry.government
        const found = entry.government.version ?? 1
        if (found !== version) {
            version = found
            tell({ kind: 'version', version })
        }
        if (!isSeated && [...majority, ...minority].length === 3) {
            isSeated = true
            tell({ kind: 'seated' })
        }
    }
})
const recovered = await kibitzer.recover().catch((error: { readonly code: string }) => {
    tell({ kind: 'refused', code: error.code })
    return null
})
if (recovered === null) {
    process.disconnect()
} else {
    const listener = await tcp.listenTcp(kibitzer, { port })
    const { url } = listener
    kibitzer.listen().catch(() => {})
    if (!recovered.recovered && through === null) {
        kibitzer.bootstrap('upgrade', { url })
    } else if (!recovered.recovered) {
        await kibitzer.join('upgrade', { url: through }, { url })
    }
    kibitzer.naturalize()
    tell({ kind: 'listening', url })
}

let isPublishing = false
let published = 0

/** Publishes one value after the other. */
async function publish(): Promise<void> {
    while (isPublishing) {
        const value = `${id} ${process.pid} ${published++}`
        try {
            await kibitzer.publish(value)
            tell({ kind: 'published', value })
        } catch {
            return
        }
    }
}

process.on('message', (order: Order) => {
    if (order === 'publish') {
        isPublishing = true
        void publish()
    } else if (order === 'pause') {
        isPublishing = false
    } else {
        void kibitzer.barrier().then(() => tell({ kind: 'values', values }))
    }
})
