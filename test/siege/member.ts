import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Kibitzer } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { listenHttp } from '../../src/transport/http/http.js'
import { listenTcp } from '../../src/transport/tcp/tcp.js'
import type { Order, Report } from './orders.js'
import '../support/silence.js'

/*
 * The founder of a republic, with a journal, in a process of its own under limits of memory and of
 * descriptors. The founder publishes once for each line of its input and reports its resources.
 */

const { transport, folder, keys, tls, patience } = JSON.parse(process.argv[2] ?? '') as Order
const journal = new FileJournal(folder, { segmentSize: 65_536 })
const kibitzer = new Kibitzer({
    id: 'a', journal, parliamentSize: 3, timeout: patience.timeout
})
await kibitzer.recover()
const { callTimeout } = patience
const options = {
    callTimeout, ...(keys === undefined ? {} : { keys }), ...(tls === undefined ? {} : { tls })
}
const { url } = transport === 'http'
    ? await listenHttp(kibitzer, options)
    : await listenTcp(kibitzer, { ...options, connectTimeout: callTimeout })
kibitzer.listen()
kibitzer.bootstrap('republic', { url })
kibitzer.naturalize()
process.stdout.write(`${JSON.stringify({ url })}\n`)

/** The most memory that the process had so far, in MiB. */
function memoryMax(): number {
    const status = readFileSync('/proc/self/status', 'utf8')
    const [, peak = ''] = /^VmHWM:\s+(\d+) kB/m.exec(status) ?? []
    return Number(peak) / 1024
}

for await (const text of createInterface({ input: process.stdin })) {
    await kibitzer.publish(text)
    const descriptors = readdirSync('/proc/self/fd').length
    const { rejected, failure } = kibitzer.status()
    const report: Report = {
        descriptors, memoryMax: memoryMax(), rejected, failure: failure?.code ?? null
    }
    process.stdout.write(`${JSON.stringify(report)}\n`)
}
kibitzer.destroy()
