import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Colleague, type ListenColleagueOptions } from '../../src/index.js'
import { SignedCall } from '../../src/transport/http/signature.js'
import { KeyRing } from '../../src/transport/security/keys.js'
import { request, sendRaw } from '../transport/socket.js'
import { Counter } from './counter.js'
import '../support/silence.js'

const KEYS = [{ id: 'k1', secret: 'a secret that is long enough, really' }]
const REFUSED = { name: 'KibitzError', code: 'invalid-argument' }

function make(properties: Readonly<Record<string, unknown>> = {}): Colleague<number> {
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
    test('is the option advertise', async () => {
        const options = { host: '0.0.0.0', advertise: 'a.example:8080' }
        assert.deepEqual(await known({ zone: 1 }, options),
            { zone: 1, url: 'http://a.example:8080/kibitz' })
    })

    test('is the property url, unchanged', async () => {
        const url = 'http://a.example:8080/kibitz'
        assert.deepEqual(await known({ url }, { host: '0.0.0.0' }), { url })
        assert.deepEqual(await known({ url }, {}), { url })
    })

    test('is rejected with the reason if peers could not call the address', async () => {
        const url = 'http://a.example:8080/kibitz'
        for (const [properties, options] of [
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
