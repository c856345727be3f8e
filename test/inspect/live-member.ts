// A member that serves its recording, in a process of its own: FOLDER, and perhaps a secret. Each
// line of standard input is published. The process ends with its standard input.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { Kibitzer } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { recordingHandler } from '../../src/replay/recording-handler.js'

const [, , folder = '', secret] = process.argv
const kibitzer = new Kibitzer({ id: 'a', journal: new FileJournal(folder) })
await kibitzer.recover()
kibitzer.listen()
kibitzer.bootstrap('live', { url: 'http://127.0.0.1:1/kibitz' })
await kibitzer.publish({ line: 'first' })
const server = createServer(recordingHandler({
    journal: folder, ...(secret === undefined ? {} : { secret })
}))
server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/recording\n`)
})
for await (const line of createInterface({ input: process.stdin })) {
    await kibitzer.publish({ line })
}
process.exit()
