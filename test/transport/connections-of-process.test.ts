import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
    ProcessConnections, UnprovenConnections
} from '../../src/transport/connections-of-process.js'
import { openFilesIn } from '../../src/transport/descriptor-limit.js'
import { endWithTests } from '../support/children.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))

function socketFrom(remoteAddress: string): Socket {
    return Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
}

test('the evicted connection is the oldest of the address with the most', () => {
    const [a, b, c] = ['1', '2', '2'].map(socketFrom)
    assert.ok(a && b && c)
    const strangers = new UnprovenConnections()
    assert.equal(strangers.nextEvicted, null)
    for (const socket of [a, b, c]) {
        strangers.add(socket)
    }
    assert.deepEqual([strangers.nextEvicted === b, strangers.size], [true, 3])
    assert.deepEqual([strangers.delete(c), strangers.delete(c)], [true, false])
    assert.deepEqual([strangers.nextEvicted === a, strangers.size], [true, 2])
})

describe('the connections of a process', () => {
    test('use half of the descriptors, a quarter of these without proof', () => {
        const crowd = new ProcessConnections(16)
        const evicted: (Socket | undefined)[] = []
        const admit = (address: string): Socket => {
            const socket = socketFrom(address)
            crowd.add(socket, () => evicted.push(socket))
            return socket
        }
        const [first, second] = [admit('1'), admit('2')]
        assert.deepEqual(evicted, [])
        admit('2')
        assert.equal(evicted[0], second)
        crowd.markProven(first)
        for (let known = 1; known < 8; known++) {
            crowd.markProven(admit('3'))
        }
        // Eight known callers use all connections, so the newcomer itself is evicted.
        assert.equal(evicted.length, 2)
        assert.ok(!evicted.some((socket) => socket === first))
        crowd.remove(first)
    })

    test('read the limit of the system', () => {
        assert.equal(openFilesIn('Max open files            256       4096  files\n'), 256)
        assert.equal(openFilesIn('Max open files            unlimited  unlimited  files'),
            Number.POSITIVE_INFINITY)
        assert.equal(openFilesIn('nothing'), 1024)
    })
})

const MEMBER = `
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Kibitzer } from './build/src/index.js'
import { FileJournal } from './build/src/journal/file-journal.js'
import { listenHttp } from './build/src/transport/http/http.js'
const journal = new FileJournal(process.env.FOLDER, { segmentSize: 65536 })
const kibitzer = new Kibitzer({ id: 'a', journal, logger: null })
await kibitzer.recover()
const { url } = await listenHttp(kibitzer, { keys: [{ id: 'k', secret: 's'.repeat(40) }] })
kibitzer.listen()
kibitzer.bootstrap('r', { url })
console.log(url)
for await (const _ of createInterface({ input: process.stdin })) {
    const used = readdirSync('/proc/self/fd').length
    for (let i = 0; i < 100; i++) await kibitzer.publish('x'.repeat(2000))
    console.log(JSON.stringify({ used, rejected: kibitzer.status().rejected }))
}
process.exit(0)
`

test('a member with 256 descriptors publishes beside 600 silent connections', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crowd-'))
    const command = 'ulimit -n 256 && exec "$0" --input-type=module --eval "$1"'
    const child = endWithTests(spawn('sh', ['-c', command, process.execPath, MEMBER], {
        cwd: root, env: { ...process.env, FOLDER: folder }, stdio: ['pipe', 'pipe', 'inherit']
    }))
    const exited = new Promise((resolve) => child.once('exit', resolve))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const { port } = new URL(String((await lines.next()).value))
    const sockets: Socket[] = []
    await Promise.all(Array.from({ length: 600 }, () => new Promise<void>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', resolve)
        socket.on('error', () => resolve())
        sockets.push(socket)
    })))
    child.stdin.write('publish\n')
    const said = JSON.parse(String((await lines.next()).value)) as
        { used: number; rejected: Record<string, number> }
    // 32 unproven connections, and the descriptors that Node has open.
    assert.ok(said.used < 128, `${said.used} descriptors were in use`)
    assert.ok((said.rejected['too-many'] ?? 0) > 0)
    child.stdin.end()
    assert.equal(await exited, 0)
    for (const socket of sockets) {
        socket.destroy()
    }
    await rm(folder, { recursive: true })
})
