import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { Colleague, Kibitzer, KibitzError } from '../../src/index.js'
import { connectHttp, listenHttp, send as sendHttp } from '../../src/transport/http/http.js'
import { connectTcp, listenTcp, send as sendTcp } from '../../src/transport/tcp/tcp.js'
import { envelope } from '../../src/transport/conformance/fake-kibitzer.js'
import { listen } from '../support/log-lines.js'
import { Authority } from './authority.js'
import '../support/silence.js'

/** The reason and the remedy, for an address and the same address without TLS. */
function reason(address: string, plain: string): string {
    return `The address ${address} needs TLS, but this member has no option tls: give `
        + `tls: { key, cert, ca }, or write ${plain}.`
}

/** The end of the message of a call that was not sent. */
const UNSENT = ' The call was not sent, and nothing was lost.'

const HTTPS = 'https://127.0.0.1:1/kibitz'
const TLS = 'tls://127.0.0.1:1'
const ADDRESSES = [
    [HTTPS, reason(HTTPS, 'http://127.0.0.1:1/kibitz')],
    [TLS, reason(TLS, 'tcp://127.0.0.1:1')]
] as const

/** Checks that a call is refused with this text before the call has any effect. */
async function refuses(call: () => unknown, text: string): Promise<void> {
    await assert.rejects(async () => await call(), (error) => {
        assert.ok(error instanceof KibitzError)
        assert.equal(error.code, 'invalid-argument')
        assert.equal(error.message, `${text} Nothing was started; correct the call.`)
        return true
    })
}

/** A Colleague that ends with its test. */
function colleagueOf(context: TestContext, given: object = {}): Colleague {
    const colleague = new Colleague({
        islandName: 'tls', colleagueId: 'a', islandId: 'republic', ping: 10, ...given,
        application: { apply: () => null, snapshot: () => '', restore: async () => {} }
    })
    context.after(async () => {
        colleague.destroy()
        await colleague.ended.catch(() => {})
    })
    return colleague
}

/** A Kibitzer that ends with its test. */
function kibitzerOf(context: TestContext, id: string): Kibitzer {
    const kibitzer = new Kibitzer({ id })
    context.after(() => kibitzer.destroy())
    kibitzer.listen()
    return kibitzer
}

/** Waits, turn by turn, until a condition is true. */
async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isTrue())) {
        await new Promise((resolve) => setImmediate(resolve))
    }
}

describe('an address over TLS, to a Colleague without TLS', { timeout: 60_000 }, () => {
    for (const [address, text] of ADDRESSES) {
        test(`is refused in a list: ${address}`, async (context) => {
            const through = ['127.0.0.1:2', address]
            const colleague = colleagueOf(context)
            await refuses(() => colleague.start({ port: 0, through }), text)
            await colleague.listen({ port: 0 })
            await refuses(() => colleague.start({ through }), text)
            await refuses(() => colleague.join({ through }), text)
            await refuses(() => colleague.bootstrap({ through }), text)
            await refuses(() => colleague.request('join', { through }), text)
        })

        test(`is refused as its own address: ${address}`, async (context) => {
            const properties = { url: address }
            await refuses(() => colleagueOf(context).listen({ advertise: address }), text)
            await refuses(() => colleagueOf(context, { properties }).listen(), text)
        })

        test(`from a function delays the entry, with the reason: ${address}`, async (context) => {
            const colleague = colleagueOf(context)
            const through = (): readonly object[] => [{ url: address }]
            const founders = ['b', 'a']
            const starting = colleague.start({ port: 0, through, founders }).catch(() => {})
            let told: string | null = null
            await until(async () => {
                told = (await colleague.health()).start?.obstacle ?? null
                return told !== null
            })
            assert.equal(told, `waits for b (no answer); ${text}${UNSENT}`)
            colleague.destroy()
            await starting
        })

        test(`from a function delays a join, with the reason: ${address}`, async (context) => {
            const lines = listen(context)
            const colleague = colleagueOf(context)
            await colleague.listen({ port: 0 })
            const joining = colleague.join({ through: () => [{ url: address }] }).catch(() => {})
            await until(async () =>
                (await colleague.health()).admission?.obstacle === `${text}${UNSENT}`)
            colleague.destroy()
            await joining
            assert.deepEqual(lines.filter(({ name }) => name === 'mistake'), [])
        })
    }

    test('is refused as the url of a server of the user', async (context) => {
        const mount = 'https://one.example/members'
        const call = () => colleagueOf(context).listen({ mount })
        await refuses(call, reason(mount, 'http://one.example/members'))
    })

    test('is accepted if an earlier call of listen had TLS', async (context) => {
        const authority = new Authority()
        const a = colleagueOf(context)
        const { properties: { url } } = await a.listen({ tls: authority.issue('a'), port: 0 })
        await a.bootstrap()
        const b = colleagueOf(context, { colleagueId: 'b' })
        await b.listen({ tls: authority.issue('b'), port: 0 })
        await b.start({ through: [String(url)] })
        await a.publish('value')
    })
})

describe('an address over TLS, to a Kibitzer without TLS', { timeout: 60_000 }, () => {
    for (const [name, address, text, connect] of [
        ['connectHttp', ...ADDRESSES[0], connectHttp],
        ['connectTcp', ...ADDRESSES[1], connectTcp],
        ['listenHttp', ...ADDRESSES[0], listenHttp],
        ['listenTcp', ...ADDRESSES[1], listenTcp]
    ] as const) {
        test(`makes join reject, with one log line: ${name}`, async (context) => {
            const lines = listen(context)
            const kibitzer = kibitzerOf(context, 'a')
            await connect(kibitzer)
            for (let times = 0; times < 3; times++) {
                await assert.rejects(kibitzer.join('r', { url: address }, null), {
                    code: 'invalid-argument',
                    message: `${text}${UNSENT}`
                })
            }
            const told = lines.filter((line) => line.name === 'mistake').map((line) => line.message)
            assert.deepEqual(told, [`${text}${UNSENT}`])
            assert.deepEqual(kibitzer.status().rejected, {})
        })
    }

    for (const [name, address, text, listenOn] of [
        ['http', ...ADDRESSES[0], listenHttp], ['tcp', ...ADDRESSES[1], listenTcp]
    ] as const) {
        test(`is refused as its own address over ${name}`, async (context) => {
            const call = () => listenOn(kibitzerOf(context, 'a'), { advertise: address })
            await refuses(call, text)
        })

        test(`of a peer is reported once over ${name}`, async (context) => {
            const lines = listen(context)
            const [a, b] = [kibitzerOf(context, 'a'), kibitzerOf(context, 'b')]
            const [{ url }, own] = [await listenOn(a), await listenOn(b)]
            a.bootstrap('r', { url: address })
            await b.join('r', { url }, { url: own.url })
            await until(() => b.paxos.government.promise !== '0/0')
            const publishing = b.publish('value').catch(() => {})
            const told = (): unknown[] =>
                lines.filter((line) => line.name === 'mistake').map((line) => line.message)
            await until(() => told().length > 0)
            b.destroy()
            await publishing
            assert.deepEqual(told(), [`${text}${UNSENT}`])
        })
    }

    test('makes a call of a client reject', async () => {
        for (const [send, [address, text]] of [
            [sendHttp, ADDRESSES[0]], [sendTcp, ADDRESSES[1]]
        ] as const) {
            const client = send()
            const to = { url: address }
            const { signal } = new AbortController()
            await assert.rejects(async () => await client(to, envelope(to), signal), {
                code: 'unreachable',
                message: `${text}${UNSENT}`
            })
            client.close()
        }
    })
})
