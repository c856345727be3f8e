import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { describe, test } from 'node:test'
import {
    connectHttp, type HttpSendOptions, listenHttp, send
} from '../../../src/transport/http/http.js'
import { said } from '../../support/alone.js'
import { envelope } from '../../../src/transport/conformance/fake-kibitzer.js'
import { checkUndo } from '../disconnection.js'
import '../../support/silence.js'

const NEVER = new AbortController().signal

async function open(server: Server): Promise<string> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/path?query`
}

/** A server that a test controls, and a client that calls the server. */
async function calling(
    listener: RequestListener,
    use: (call: (signal?: AbortSignal) => Promise<unknown>, server: Server) => Promise<void>,
    options: HttpSendOptions = {}
): Promise<void> {
    const server = createServer(listener)
    const to = { url: await open(server) }
    const client = send(options)
    try {
        await use((signal = NEVER) => client(to, envelope(to), signal), server)
    } finally {
        client.close()
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
    }
}

/** A signal, and the function that aborts the signal. */
function abortable(): { readonly signal: AbortSignal, readonly abort: () => void } {
    const controller = new AbortController()
    return { signal: controller.signal, abort: () => controller.abort(new Error('over')) }
}

/** How many connections there were at the same time, and in all. */
function count(server: Server): { now: number, most: number, all: number } {
    const connections = { now: 0, most: 0, all: 0 }
    server.on('connection', (socket) => {
        connections.all++
        connections.now++
        connections.most = Math.max(connections.most, connections.now)
        socket.on('close', () => { connections.now-- })
    })
    return connections
}

describe('the client', () => {
    test('posts JSON to the url in the properties', () => calling((arrived, response) => {
        const { method, url, headers } = arrived
        response.end(JSON.stringify([method, url, headers['content-type'],
            headers['content-length'], headers['transfer-encoding'] ?? null]))
    }, async (call) => {
        const length = (reply: unknown): unknown => Array.isArray(reply) ? reply[3] : null
        const reply = await call()
        assert.deepEqual(reply, ['POST', '/path?query', 'application/json', length(reply), null])
        assert.match(String(length(reply)), /^\d{3}$/)
    }))

    test('keeps its connections', () => calling((_arrived, response) => {
        response.end('1')
    }, async (call, server) => {
        const connections = count(server)
        for (let calls = 0; calls < 20; calls++) {
            assert.equal(await call(), 1)
        }
        assert.equal(connections.all, 1)
    }))

    test('limits the connections to one addressee', async () => {
        const waiting: (() => void)[] = []
        await calling((_arrived, response) => {
            waiting.push(() => response.end('1'))
            if (waiting.length >= 4) {
                for (const reply of waiting) {
                    reply()
                }
            }
        }, async (call, server) => {
            const connections = count(server)
            const calls = Array.from({ length: 12 }, () => call())
            assert.deepEqual(await Promise.all(calls), calls.map(() => 1))
            assert.equal(connections.most, 4)
        })
    })

    test('reads a response without a body as null', () => calling((_arrived, response) => {
        response.end()
    }, async (call) => {
        assert.equal(await call(), null)
    }))

    for (const [what, listener] of [
        ['refuses', (_arrived, response) => response.writeHead(413).end('null')],
        ['fails', (_arrived, response) => response.writeHead(500).end('null')],
        ['has created', (_arrived, response) => response.writeHead(201).end('null')],
        ['answers no JSON', (_arrived, response) => response.end('<html>')],
        ['answers no UTF-8', (_arrived, response) => response.end(Buffer.from([0x22, 0xff, 0x22]))],
        ['breaks off', (_arrived, response) => {
            response.writeHead(200, { 'content-length': 10 }).write('1', () => response.destroy())
        }],
        ['hangs up', (arrived) => arrived.socket.destroy()],
        ['announces too much', (_arrived, response) => {
            response.writeHead(200, { 'content-length': 1001 }).flushHeaders()
        }],
        ['says too much', (_arrived, response) => {
            response.write(' '.repeat(1001))
        }]
    ] as const satisfies readonly [string, RequestListener][]) {
        test(`rejects if the addressee ${what}, and sends later calls`, async () => {
            let isFaulty = true
            await calling((arrived, response) => {
                if (isFaulty) {
                    listener(arrived, response)
                } else {
                    response.end('1')
                }
            }, async (call) => {
                await assert.rejects(call())
                isFaulty = false
                assert.equal(await call(), 1)
            }, { bytesMax: 1000 })
        })
    }

    test('follows no redirect', async () => {
        let isFollowed = false
        await calling((_arrived, response) => {
            isFollowed = true
            response.end('1')
        }, async (_call, server) => {
            const { port } = server.address() as AddressInfo
            const location = `http://127.0.0.1:${port}/`
            await calling((_arrived, response) => {
                response.writeHead(307, { location }).end()
            }, async (call) => {
                await assert.rejects(call(), { code: 'unreachable' })
            })
        })
        assert.equal(isFollowed, false)
    })

    test('rejects an aborted call before and during the answer', async () => {
        for (const isBegun of [false, true]) {
            const controller = new AbortController()
            await calling((_arrived, response) => {
                if (isBegun) {
                    response.write('1', () => controller.abort())
                } else {
                    controller.abort()
                }
            }, async (call) => {
                await assert.rejects(call(controller.signal))
            })
        }
    })

    test('adds one listener to a signal for all its calls, and removes the listener', async () => {
        const { signal, abort } = abortable()
        let requests = 0
        await calling((_arrived, response) => {
            requests++
            if (requests <= 20) {
                response.end('1')
            } else if (requests === 24) {
                abort()
            }
        }, async (call) => {
            const calls = (): Promise<unknown>[] => Array.from({ length: 20 }, () => call(signal))
            const answered = calls()
            assert.equal(getEventListeners(signal, 'abort').length, 1)
            await Promise.all(answered)
            const ended = calls().map((each) => assert.rejects(each, /over/))
            assert.equal(getEventListeners(signal, 'abort').length, 1)
            await Promise.all(ended)
            assert.equal(getEventListeners(signal, 'abort').length, 0)
        })
    })

    test('rejects if the addressee does not speak HTTP', async () => {
        const server = createTcpServer((socket) => socket.on('error', () => {}).end('HELLO\r\n'))
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const client = send()
        const to = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
        await assert.rejects(client(to, envelope(to), NEVER))
        client.close()
        server.close()
    })

    test('sends no call to properties without an http url', async () => {
        const client = send()
        for (const to of [
            null, 'http://127.0.0.1', {}, { url: null }, { url: '' }, { url: 'file:///etc/hosts' },
            { url: 'https://127.0.0.1' }, { url: 'httpx://127.0.0.1' }, { url: 'http://' }
        ]) {
            await assert.rejects(client(to, envelope(to), NEVER), { code: 'unreachable' })
        }
        client.close()
    })

    test('sends no call above bytesMax', () => calling((_arrived, response) => {
        response.end('1')
    }, async (call, server) => {
        const connections = count(server)
        await assert.rejects(call(), { name: 'KibitzError', code: 'too-large' })
        assert.equal(connections.all, 0)
    }, { bytesMax: 10 }))

    test('rejects the calls in flight at close, and later calls', async () => {
        const server = createServer()
        const to = { url: await open(server) }
        const client = send()
        const arrived = new Promise((resolve) => server.once('request', resolve))
        const call = assert.rejects(client(to, envelope(to), NEVER))
        await arrived
        client.close()
        client.close()
        await call
        await assert.rejects(client(to, envelope(to), NEVER), { code: 'unreachable' })
        await new Promise((resolve) => server.close(resolve))
    })
})

describe('a Kibitzer connected over HTTP', () => {
    test('is disconnected by the undo', () =>
        checkUndo({ listen: listenHttp, connect: connectHttp }))

    test('leaves nothing open when it is destroyed', () => {
        const module = (path: string): string =>
            new URL(`../../../src/${path}.js`, import.meta.url).href
        const text = said(`
            import { Kibitzer } from '${module('member/kibitzer')}'
            import { listenHttp } from '${module('transport/http/http')}'
            const members = ['a', 'b'].map((id) => new Kibitzer({ id }))
            const [a, b] = members
            const servers = await Promise.all(members.map((member) => listenHttp(member)))
            const places = servers.map(({ url }) => ({ url }))
            const ends = members.map((member) => member.listen())
            a.bootstrap('republic', places[0])
            const admission = b.entries().next()
            console.log(await b.join('republic', places[0], places[1]))
            await admission
            console.log((await b.publish('value')).promise)
            for (const member of members) {
                member.destroy()
            }
            await Promise.all(ends)
            await Promise.all(servers.map((server) => server.close()))
            process.on('exit', () => console.log(process.getActiveResourcesInfo()
                .filter((name) => !name.includes('Pipe') && !name.includes('TTY')).length))
        `)
        assert.equal(text, 'true\n2/1\n0\n')
    })
})
