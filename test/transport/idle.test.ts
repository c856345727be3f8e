import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { describe, test } from 'node:test'
import { connectHttp, listenHttp } from '../../src/transport/http/http.js'
import { connectTcp, listenTcp } from '../../src/transport/tcp/tcp.js'
import { FakeKibitzer, envelope } from '../../src/transport/conformance/fake-kibitzer.js'
import { dial } from './socket.js'

/** The number of descriptors that this process needs beside the sockets. */
const SPARE = 4000

/** How many connections what listens has by default. */
const CONNECTIONS_MAX = 1024

/** As many as there should be, or as the system lets a process have. */
function affordable(): number {
    const report: unknown = process.report?.getReport()
    const limit = /"open_files":\s*\{\s*"soft":\s*"?(\d+)/.exec(JSON.stringify(report))?.[1]
    return Math.min(10_000, Number(limit ?? 10_000) - SPARE)
}

/** Opens silent sockets in groups, and calls a function after each group. */
async function crowd(
    url: string, count: number, between: () => Promise<void>
): Promise<readonly Socket[]> {
    const sockets: Socket[] = []
    while (sockets.length < count) {
        const wave = Array.from({ length: 250 }, () => dial(url).catch(() => null))
        for (const socket of await Promise.all(wave)) {
            if (socket !== null) {
                socket.on('error', () => {})
                sockets.push(socket)
            }
        }
        await between()
    }
    return sockets
}

/** A machine under load is slow: no time limit may close a socket before the bound does. */
const PATIENCE = { callTimeout: 60_000, connectTimeout: 60_000, silence: 60_000 }
const LISTENING = {
    ...PATIENCE, headersTimeout: 600_000, handshakeTimeout: 600_000, requestTimeout: 600_000
}

for (const [name, listen, connect] of [
    ['http', listenHttp, connectHttp], ['tcp', listenTcp, connectTcp]
] as const) {
    describe(`thousands of idle sockets over ${name}`, () => {
        test('delay no proven caller, and keep no new caller out', async (context) => {
            const count = affordable()
            assert.ok(count > 2 * CONNECTIONS_MAX, 'The system allows too few sockets: ulimit -n.')
            context.diagnostic(`${count} sockets`)
            const caller = new FakeKibitzer('a')
            const callee = new FakeKibitzer('b')
            const newcomer = new FakeKibitzer('c')
            const { url, close } = await listen(callee, LISTENING)
            const ends = [connect(caller, PATIENCE), connect(newcomer, PATIENCE)]
            const well = async (from: FakeKibitzer): Promise<void> =>
                assert.deepEqual(await from.call(envelope({ url })), { from: 'b' })
            await well(caller)
            const sockets = await crowd(url, count, () => well(caller))
            await well(newcomer)
            await well(caller)
            const crowded = callee.turnedAway.filter((code) => code === 'too-many').length
            assert.ok(crowded >= count - CONNECTIONS_MAX, `${crowded} of ${count} had to go`)
            for (const end of ends) {
                end()
            }
            for (const socket of sockets) {
                socket.destroy()
            }
            await close()
        })
    })
}
