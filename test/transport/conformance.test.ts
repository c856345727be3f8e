import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Procedure from 'conduit/procedure.js'
import type { Properties } from '../../src/paxos/message.js'
import { connectHttp, handler, listenHttp } from '../../src/transport/http.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { listenTcp, type ListenTcpOptions } from '../../src/transport/tcp.js'
import { type Attachable, conform, PATIENCE_MS, type Subject } from './conformance.js'

function memory(wire: 'json' | 'reference'): Promise<Subject> {
    const network = new MemoryNetwork({ wire, callTimeout: PATIENCE_MS })
    return Promise.resolve({
        attach: (member) => Promise.resolve(network.attach(member)),
        nobody: { memory: 'nobody' },
        close: () => Promise.resolve()
    })
}

/** The port of nobody: a free one would be somebody's in the end. */
const NOBODY = { url: 'http://127.0.0.1:1/kibitz' }

function http(): Promise<Subject> {
    const closers: (() => Promise<void>)[] = []
    return Promise.resolve({
        async attach(member) {
            const { url, close } = await listenHttp(member, { callTimeout: PATIENCE_MS })
            closers.push(close)
            return { url }
        },
        nobody: NOBODY,
        async close() {
            await Promise.all(closers.map((close) => close()))
        }
    })
}

function tcp(options: ListenTcpOptions): Promise<Subject> {
    const closers: (() => Promise<void>)[] = []
    return Promise.resolve({
        async attach(member) {
            const given = { callTimeout: PATIENCE_MS, ...options }
            const { url, close } = await listenTcp(member, given)
            closers.push(close)
            return { url }
        },
        nobody: { url: 'tcp://127.0.0.1:1' },
        async close() {
            await Promise.all(closers.map((close) => close()))
        }
    })
}

/** A server of the service's own, with the Kibitzer on one of its routes. */
function route(): Promise<Subject> {
    const closers: (() => void)[] = []
    return Promise.resolve({
        async attach(member: Attachable) {
            const server = createServer(handler(member))
            await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
            const disconnect = connectHttp(member, { callTimeout: PATIENCE_MS })
            const close = (): void => {
                disconnect()
                server.close()
                server.closeAllConnections()
            }
            member.destruction.wait(close)
            closers.push(close)
            return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
        },
        nobody: NOBODY,
        close() {
            for (const close of closers) {
                close()
            }
            return Promise.resolve()
        }
    })
}

/** Who of the seed's wiring is called, by what its properties say. */
function locationOf(properties: Properties): unknown {
    const isRecord = typeof properties === 'object' && properties !== null
    return isRecord && 'location' in properties ? properties.location : undefined
}

/** The wiring of the seed: a Procedure for each pair, pumped from one's `read` to its `write`. */
function procedures(): Promise<Subject> {
    const members = new Map<unknown, Attachable>()
    function serve(caller: Attachable, callee: Attachable): Procedure['write'] {
        const procedure = new Procedure(callee, 'request')
        procedure.read.shifter().pump(caller.write, 'enqueue')
        return procedure.write
    }
    return Promise.resolve({
        attach(member: Attachable) {
            const procedureOf = new Map<Attachable, Procedure['write']>()
            member.read.shifter().pump((invoke) => {
                const callee = members.get(locationOf(invoke?.body.to))
                if (invoke === null) {
                    return
                }
                const { cookie } = invoke
                if (callee === undefined || callee.destroyed) {
                    const nothing = { cookie, body: null }
                    member.write.push({
                        module: 'conduit/procedure', method: 'invocation', ...nothing
                    })
                    return
                }
                const write = procedureOf.get(callee) ?? serve(member, callee)
                procedureOf.set(callee, write)
                write.push(invoke)
            })
            members.set(member.id, member)
            return Promise.resolve({ location: member.id })
        },
        nobody: { location: 'nobody' },
        close: () => Promise.resolve()
    })
}

conform('memory, by reference,', () => memory('reference'))
conform('memory, through JSON,', () => memory('json'))
conform('http', http)
conform('http on a route of one\'s own', route)
conform('tcp', () => tcp({}))
conform('tcp under a key', () => tcp({ keys: [{ id: 'k1', secret: 'x'.repeat(32) }] }))
conform('a Procedure of Conduit', procedures)
