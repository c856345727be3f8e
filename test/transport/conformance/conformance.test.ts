import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import Procedure from 'conduit/procedure.js'
import type { Properties } from '../../../src/paxos/messages/messages.js'
import type { TlsOptions } from '../../../src/transport/security/certificates.js'
import { type TestedMember, conformance, PATIENCE_MS, type Subject }
    from '../../../src/transport/conformance/conformance.js'
import { connectHttp, handler, listenHttp, type ListenHttpOptions }
    from '../../../src/transport/http/http.js'
import { MemoryNetwork } from '../../../src/transport/memory.js'
import { listenMixed, type MixedOptions } from '../../../src/transport/mixed/listener.js'
import { listenTcp, type ListenTcpOptions } from '../../../src/transport/tcp/tcp.js'
import { Authority } from '../authority.js'

const authority = new Authority()
const KEYS = [{ id: 'k1', secret: 'x'.repeat(32) }]

/** The certificate of a member. */
function certified({ id }: { readonly id: string }): { readonly tls: TlsOptions } {
    return { tls: authority.issue(id) }
}

function memory(wire: 'json' | 'reference'): Promise<Subject> {
    const network = new MemoryNetwork({ wire, callTimeout: PATIENCE_MS })
    return Promise.resolve({
        attach: (member) => Promise.resolve(network.attach(member)),
        nobody: { memory: 'nobody' },
        close: () => Promise.resolve()
    })
}

type Listen = (member: TestedMember) => Promise<{ url: string, close: () => Promise<void> }>

/** A transport in which each member listens on its own port. */
function listening(nobody: string, listen: Listen): Promise<Subject> {
    const closers: (() => Promise<void>)[] = []
    return Promise.resolve({
        async attach(member) {
            const { url, close } = await listen(member)
            closers.push(close)
            return { url }
        },
        // A port without a listener: a port that is merely free could be taken during the test.
        nobody: { url: nobody },
        async close() {
            await Promise.all(closers.map((close) => close()))
        }
    })
}

type Given<Options> = (member: TestedMember) => Options

function http(given: Given<ListenHttpOptions>, scheme = 'http'): () => Promise<Subject> {
    return () => listening(`${scheme}://127.0.0.1:1/kibitz`, (member) =>
        listenHttp(member, { callTimeout: PATIENCE_MS, ...given(member) }))
}

function tcp(given: Given<ListenTcpOptions>, scheme = 'tcp'): () => Promise<Subject> {
    const patience = { callTimeout: PATIENCE_MS, connectTimeout: PATIENCE_MS, silence: PATIENCE_MS }
    return () => listening(`${scheme}://127.0.0.1:1`, (member) =>
        listenTcp(member, { ...patience, ...given(member) }))
}

/** One port for frames and HTTP; the members address one another with frames, then over HTTP. */
function mixed(given: Given<MixedOptions>, secure = ''): () => Promise<Subject> {
    const patience = { callTimeout: PATIENCE_MS, connectTimeout: PATIENCE_MS, silence: PATIENCE_MS }
    return () => {
        let isFrames = false
        return listening(`http${secure}://127.0.0.1:1/kibitz`, async (member) => {
            const options = { ...patience, ...given(member) }
            const { url, tcp, close } = await listenMixed(member, options, true)
            isFrames = !isFrames
            return { url: isFrames ? String(tcp) : url, close }
        })
    }
}

/** A server of the service's own, with the Kibitzer on one of its routes. */
function route(): Promise<Subject> {
    return listening('http://127.0.0.1:1/kibitz', async (member) => {
        const server = createServer(handler(member))
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const disconnect = connectHttp(member, { callTimeout: PATIENCE_MS })
        const close = (): Promise<void> => {
            disconnect()
            server.close()
            server.closeAllConnections()
            return Promise.resolve()
        }
        member.destruction.wait(() => void close())
        return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
    })
}

/** The member that the properties address, in the wiring of the seed. */
function locationOf(properties: Properties): unknown {
    const isRecord = typeof properties === 'object' && properties !== null
    return isRecord && 'location' in properties ? properties.location : undefined
}

/** An operation that never fails: a failure would end the Procedure. */
function unfailing(callee: TestedMember): { request(body: unknown, done: Done): void } {
    return {
        request: (body, done) => {
            callee.request(body).then((answer) => done(null, answer), () => done(null, null))
        }
    }
}

type Done = (error: Error | null, answer?: unknown) => void

/** The wiring of the seed: a Procedure for each call, pumped from one's `read` to its `write`. */
function procedures(): Promise<Subject> {
    const members = new Map<unknown, TestedMember>()
    return Promise.resolve({
        attach(member: TestedMember) {
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
                // One Procedure serves one call at a time, so each call has its own.
                const procedure = new Procedure(unfailing(callee), 'request')
                procedure.read.shifter().pump(member.write, 'enqueue')
                procedure.write.push(invoke)
            })
            members.set(member.id, member)
            return Promise.resolve({ location: member.id })
        },
        nobody: { location: 'nobody' },
        close: () => Promise.resolve()
    })
}

/** Every transport there is. */
const TRANSPORTS: Readonly<Record<string, () => Promise<Subject>>> = {
    'memory, by reference,': () => memory('reference'),
    'memory, through JSON,': () => memory('json'),
    'http': http(() => ({})),
    'http under a key': http(() => ({ keys: KEYS })),
    'https': http(certified, 'https'),
    'https under a key': http((member) => ({ keys: KEYS, ...certified(member) }), 'https'),
    'http on a route of one\'s own': route,
    'tcp': tcp(() => ({})),
    'tcp under a key': tcp(() => ({ keys: KEYS })),
    'tcp with TLS': tcp(certified, 'tls'),
    'tcp with TLS, under a key': tcp((member) => ({ keys: KEYS, ...certified(member) }), 'tls'),
    'frames and HTTP': mixed(() => ({})),
    'frames and HTTP under a key': mixed(() => ({ keys: KEYS })),
    'frames and HTTP with TLS': mixed(certified, 's'),
    'a Procedure of Conduit': procedures
}

for (const [name, open] of Object.entries(TRANSPORTS)) {
    describe(`${name} as a transport`, () => {
        for (const { name: what, run } of conformance(open)) {
            test(what, run)
        }
    })
}

/** A transport with a defect in its calls or answers. */
function faulty(fault: (value: unknown) => unknown): () => Promise<Subject> {
    return async () => {
        const subject = await memory('json')
        return {
            ...subject,
            attach: (member) => subject.attach(Object.assign(Object.create(member), {
                request: async (envelope: unknown) => fault(await member.request(envelope))
            }))
        }
    }
}

describe('the conformance suite', () => {
    for (const [what, fault] of [
        ['loses answers', () => null],
        ['garbles answers', (answer) => JSON.parse(JSON.stringify(answer ?? null)
            .replace(/[^ -~]/g, '?'))],
        ['mixes answers up', (() => {
            let before: unknown = null
            return (answer: unknown) => {
                const other = before
                before = answer
                return other
            }
        })()]
    ] as const satisfies readonly [string, (value: unknown) => unknown][]) {
        test(`fails for a transport that ${what}`, async () => {
            const failed: string[] = []
            for (const { name, run } of conformance(faulty(fault)).slice(0, 4)) {
                await run().catch((error: unknown) => {
                    assert.ok(error instanceof assert.AssertionError)
                    failed.push(name)
                })
            }
            assert.notEqual(failed.length, 0)
        })
    }
})
