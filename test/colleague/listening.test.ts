import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Colleague, type ListenColleagueOptions } from '../../src/index.js'
import { SignedCall } from '../../src/transport/http/signature.js'
import { KeyRing } from '../../src/transport/security/keys.js'
import { LanguageRecorder } from '../transport/language-recorder.js'
import { freePort } from '../support/free-port.js'
import { request, sendRaw } from '../transport/socket.js'
import { Counter } from './counter.js'
import '../support/silence.js'

const KEYS = [{ id: 'k1', secret: 'a secret that is long enough, really' }]
const REFUSED = { name: 'KibitzError', code: 'invalid-argument' }

function make(properties: Readonly<Record<string, unknown>> = {}): Colleague<unknown, number> {
    const application = new Counter()
    return new Colleague({ islandName: 'i', colleagueId: 'a', application, properties })
}

/** The properties under which the republic knows a Colleague that has listened. */
async function known(
    properties: Readonly<Record<string, unknown>>, options: ListenColleagueOptions
): Promise<unknown> {
    const colleague = make(properties)
    await colleague.listen({ keys: KEYS, ...options })
    await colleague.bootstrap()
    const { government } = colleague.kibitzer.status()
    colleague.destroy()
    await colleague.ended
    return government.properties.a
}

describe('the address of a Colleague', () => {
    const [url, tcp] = ['http://a.example:8080/kibitz', 'tcp://a.example:8080']

    test('is the option advertise, for frames and for HTTP', async () => {
        for (const advertise of ['a.example:8080', tcp]) {
            const options = { host: '0.0.0.0', advertise }
            assert.deepEqual(await known({ zone: 1 }, options), { zone: 1, url, tcp })
        }
    })

    test('is for HTTP alone by the transport, or by a url of HTTP', async () => {
        const options = { host: '0.0.0.0', advertise: 'a.example:8080', transport: 'http' } as const
        assert.deepEqual(await known({ zone: 1 }, options), { zone: 1, url })
        assert.deepEqual(await known({}, { host: '0.0.0.0', advertise: url }), { url })
    })

    test('keeps a host name, and takes the port in use', async () => {
        const address = await known({}, { host: '0.0.0.0', advertise: 'a.example' })
        const { url, tcp } = address as { url: string, tcp: string }
        assert.match(url, /^http:\/\/a\.example:\d+\/kibitz$/)
        assert.equal(tcp, url.replace('http:', 'tcp:').replace('/kibitz', ''))
    })

    test('is the property url, unchanged', async () => {
        for (const address of [url, tcp]) {
            const properties = { url: address }
            assert.deepEqual(await known(properties, { host: '0.0.0.0' }), properties)
            assert.deepEqual(await known(properties, {}), properties)
        }
    })

    test('changes no property of the user', async () => {
        assert.deepEqual(await known({ tcp: 'mine' }, { advertise: 'a.example:8080' }),
            { url, tcp: 'mine' })
    })

    test('is required for a wildcard address, and the error shows the remedy', async () => {
        for (const transport of ['tcp', 'http'] as const) {
            for (const host of ['0.0.0.0', '::']) {
                const colleague = make()
                await assert.rejects(colleague.listen({ keys: KEYS, host, transport }),
                    { ...REFUSED, message: /Name the address .* advertise: 'one\.example:8080'/ })
                colleague.destroy()
                await colleague.ended
            }
        }
    })

    test('is rejected with the reason if peers could not call the address', async () => {
        for (const [properties, options] of [
            [{}, { advertise: tcp, transport: 'http' }],
            [{ url: tcp }, { transport: 'http' }],
            [{}, { host: '0.0.0.0' }],
            [{ url }, { advertise: 'b.example' }],
            [{ url: 'http://a.example:8080' }, {}],
            [{ url: 'tcp://a.example:8080/kibitz' }, {}],
            [{ url: 7 }, {}],
            [{ url: 'http://0.0.0.0:8080/kibitz' }, {}]
        ] as const) {
            const colleague = make(properties)
            await assert.rejects(colleague.listen({ keys: KEYS, ...options }), REFUSED)
            // The rejection has changed nothing: the Colleague can listen on another address.
            colleague.destroy()
            await colleague.ended
        }
    })
})

test('a signed command for one Colleague does not stop another', async () => {
    const [a, b] = [make(), make()]
    const urls = await Promise.all([a, b].map(async (colleague) => {
        const { properties } = await colleague.listen({ keys: KEYS, operable: true })
        return String(properties['url'])
    }))
    const [first = '', second = ''] = urls
    const body = Buffer.from('null')
    const authorization = SignedCall.begin(new KeyRing(KEYS), new URL(first).host, body)
        .credentials({ target: 'POST /shutdown', length: body.length })
    const order = request(body, { authorization }, 'POST /shutdown HTTP/1.1')
    assert.deepEqual((await sendRaw(second, order)).statuses, [421])
    assert.equal(b.kibitzer.destroyed, false)
    assert.deepEqual((await sendRaw(first, order)).statuses, [200])
    await a.ended
    b.destroy()
    await b.ended
})

/** A Colleague whose port is behind a relay, which notes the language of each connection. */
async function relayed(id: string, isOutdated: boolean = false): Promise<{
    readonly colleague: Colleague<unknown, number>
    readonly recorder: LanguageRecorder
    readonly port: number
}> {
    const port = await freePort()
    const recorder = await LanguageRecorder.open(port)
    const colleague = new Colleague<unknown, number>({
        islandName: 'i',
        colleagueId: id,
        application: new Counter(),
        parliamentSize: 3,
        properties: isOutdated ? { tcp: `tcp://${recorder.at}` } : {}
    })
    return { colleague, recorder, port }
}

test('members call each peer as the peer wants to be called', { timeout: 60_000 }, async () => {
    const [a, b] = [await relayed('a'), await relayed('b')]
    // As a member that has returned to an earlier version: its address for frames is outdated.
    const c = await relayed('c', true)
    const founders = ['a', 'b', 'c']
    const through = [a, b, c].map(({ recorder }) => recorder.at)
    await Promise.all(([[a, 'tcp'], [b, 'http'], [c, 'http']] as const).map(
        async ([{ colleague, recorder, port }, transport]) => {
            const listening = { port, transport, advertise: recorder.at }
            await colleague.start({ ...listening, through, founders })
        }
    ))
    const totals = await Promise.all([a, b, c].map(async ({ colleague }) => {
        await colleague.publish({ add: 1 })
        const { result } = await colleague.publish({ add: 1 })
        return result
    }))
    assert.equal(Math.max(...totals), 6)
    assert.ok(a.recorder.languages.includes('frames'))
    assert.ok(!b.recorder.languages.includes('frames'))
    assert.ok(c.recorder.languages.includes('frames') && c.recorder.languages.includes('http'))
    for (const { colleague, recorder } of [a, b, c]) {
        colleague.destroy()
        await colleague.ended
        await recorder.close()
    }
})
